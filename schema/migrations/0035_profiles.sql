-- What a shop says of itself, and how it delivers. A shop that has said nothing offers both ways, and ships for nothing, as all did before. One that has a
-- price for shipping offers pick-up only with an address for it; one that has such an address alone does not ship.

alter table market.shop
	add column shipping_cents int,
	add column about text,
	add column pickup_address text,
	add column pickup_hours text,
	add column contact_email text,
	-- NULL: it does not ship
	add column charged_shipping_cents int generated always as (
		case when shipping_cents is not null then shipping_cents when pickup_address is null then 0 end) stored,
	add column offers_pickup boolean not null generated always as (pickup_address is not null or shipping_cents is null) stored,
	add constraint shop_shipping_cents_range check (shipping_cents between 0 and 100000);

-- The flat price of shipping, which total_cents includes; 0 for what is picked up.
alter table market.shipment
	add column shipping_cents int not null default 0,
	add constraint shipment_shipping_cents_range check (shipping_cents between 0 and total_cents);

grant update (about, pickup_address, pickup_hours, contact_email, shipping_cents) on market.shop to shoetopia_api;
