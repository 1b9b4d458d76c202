-- Suspensions: an admin takes a shop or a listing off the market, with a reason that its owner sees.

-- listing_id 0: the whole shop. A row is there while its suspension lasts; the log of acts keeps those that were.
create table market.suspension (
	shop_id bigint not null,
	listing_id bigint not null,
	reason text not null,
	at timestamptz not null,
	constraint suspension_pkey primary key (shop_id, listing_id),
	constraint suspension_reason_length check (char_length(reason) between 1 and 2000)
);
alter table market.suspension add constraint suspension_shop foreign key (shop_id) references market.shop;
grant select, insert, delete, update (reason) on market.suspension to shoetopia_api;

-- Copies, so that what reads these rows already need not look further: of a shop, whether it is suspended; of a listing, whether it is, or its shop. What is
-- suspended is not in stock, whatever pairs are left.
alter table market.shop add column suspended boolean not null default false;
alter table market.listing
	add column suspended boolean not null default false,
	add constraint listing_suspended_is_not_in_stock check (not suspended or not in_stock);
grant update (suspended) on market.shop to shoetopia_api;
grant insert (suspended), update (suspended) on market.listing to shoetopia_api;
