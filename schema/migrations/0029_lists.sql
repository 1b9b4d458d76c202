-- Lists that begin with what is old, or ask whether a shop has anything to sell.

-- Beside shipment_to_send: what is on its way, oldest first.
create index shipment_under_way on market.shipment (shop_id, shipment_id) where status = 'shipped';
-- What a shop has to sell, and whether it has anything.
create index listing_of_shop on market.listing (shop_id, listing_id) where in_stock;
