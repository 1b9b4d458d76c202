-- What a shoe sold for: the lines of each of its listings, newest first; and the listings that are not in stock, beside the index of those that are. Each line
-- that is sold has one entry more to write, beside the last one of its listing.
create index order_line_listing on market.order_line (listing_id, order_id);
create index listing_shoe_sold_out on market.listing (shoe_id, listing_id) where not in_stock;
