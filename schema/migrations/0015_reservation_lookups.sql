-- Whatever the statistics say, each look-up of a hold has one index to go by: the plans of the functions are kept, and the table may be all but
-- empty when they are made. With this index a plan could go by the shop alone, or by the listing alone, through all of their holds.
drop index market.reservation_listing;
