-- A checkout's key is a column of its order, and its answer is made again from what never changes: a row and an index entry less for each sale. What a shop
-- says of itself changes, so each profile that orders were answered with stays, and shipments name theirs. Keys of earlier checkouts stay in
-- market.idempotency for their day.
create table market.profile (
	shop_id bigint not null,
	profile_id bigint not null generated always as identity,
	contact_email text,
	pickup_address text,
	pickup_hours text,
	constraint profile_pkey primary key (shop_id, profile_id),
	constraint profile_shop foreign key (shop_id) references market.shop
);

alter table market.shop
	add column profile_id bigint, -- NULL: it has said nothing
	add constraint shop_profile foreign key (shop_id, profile_id) references market.profile;
alter table market.shipment add column profile_id bigint; -- of its shop when it was sold; NULL: it had said nothing
alter table market.orders
	add column key text, -- of its checkout; NULL: it was placed before this migration, or its account was deleted
	add column digest bytea, -- of the request, see market.idempotency
	add constraint orders_key unique (account_id, key);

insert into market.profile (shop_id, contact_email, pickup_address, pickup_hours)
select h.shop_id, h.contact_email, h.pickup_address, h.pickup_hours
from market.shop h
where coalesce(h.contact_email, h.pickup_address, h.pickup_hours) is not null;
update market.shop h set profile_id = f.profile_id from market.profile f where f.shop_id = h.shop_id;

grant select, insert (shop_id, contact_email, pickup_address, pickup_hours), delete on market.profile to shoetopia_api;
grant update (profile_id) on market.shop to shoetopia_api;
grant update (key, digest) on market.orders to shoetopia_api;
