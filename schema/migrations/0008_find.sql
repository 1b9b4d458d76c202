-- Finding among a million rows. A listing carries what it is filtered by, its shoe's brand and colour too, which never change (the audit
-- compares them): so every filter and every order is asked of one table. A sale touches none of these indexes; only the first and the
-- last pair of a listing do.

create extension if not exists btree_gin with schema market;

alter table market.listing add column brand_key text, add column color market.color;
update market.listing l set brand_key = s.brand_key, color = s.color from market.shoe s where s.shoe_id = l.shoe_id;
alter table market.listing alter column brand_key set not null, alter column color set not null;

-- The promoted order as one number, of which the planner keeps a histogram. Of two columns it would look at the first alone, and
-- take what comes after a cursor for nearly nothing, since nearly every shop is in tier 0.
drop index market.listing_promoted;
create index listing_promoted on market.listing ((promotion_tier::bigint << 48 | listing_id)) where in_stock;

-- A brand is what is asked for most, and brands have prices of their own: walking all prices for it could be a long way.
create index listing_brand_promoted on market.listing (brand_key, (promotion_tier::bigint << 48 | listing_id)) where in_stock;
create index listing_brand_price on market.listing (brand_key, price_cents, listing_id) where in_stock;

-- What is chosen together most often.
create index listing_brand_color on market.listing (brand_key, color, size) where in_stock;
create index listing_color_audience on market.listing (color, audience, condition) where in_stock;

-- Other filters together: their lists are intersected before a row is looked at. Where much is found, walking an order finds it soon; where
-- little is found, this does; in between both do. No pending list, which each search would have to read as well.
create index listing_filter on market.listing using gin (color, size, audience) with (fastupdate = off) where in_stock;

-- A shop's own shelf, which may be long, in the promoted order; and the few shops that are verified.
create index listing_shop_promoted on market.listing (shop_id, (promotion_tier::bigint << 48 | listing_id)) where in_stock;
create index shop_verified on market.shop (shop_id) where verified;

-- How a brand is shown: as its first shoe spelled it.
create index shoe_brand on market.shoe (brand_key, shoe_id);

-- What was counted of a broad choice of the catalogue (see api.facets). It is not worth keeping through a crash.
create unlogged table market.facet_count (
	filter bytea not null,
	facets json not null,
	expires_at timestamptz not null,
	constraint facet_count_pkey primary key (filter)
);
create index facet_count_expires on market.facet_count (expires_at);

grant insert (brand_key, color) on market.listing to shoetopia_api;
grant select, insert, update, delete on market.facet_count to shoetopia_api;
