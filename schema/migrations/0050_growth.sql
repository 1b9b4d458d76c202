-- Indexes of what grows with each sale; docs/benchmarks.md lists the readers of each.

-- A line by its order: all queries of lines know the order. Numbers of orders ascend, so entries are added at the end, in full pages, also where a sale is spread
-- over many shops; the shop's number is not needed to tell lines apart, since a listing belongs to one shop.
alter table market.order_line drop constraint order_line_pkey, add constraint order_line_pkey primary key (order_id, listing_id);

-- What is on its way, and what is cancelled, of a shop: both are few among many.
drop index market.shipment_under_way;
create index shipment_shipped_or_cancelled on market.shipment (shop_id, status, shipment_id) where status in ('shipped', 'cancelled');
