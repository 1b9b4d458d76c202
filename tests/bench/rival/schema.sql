-- The rival: a shop with one lean function for each sale, as a careful author writes it for a pool of 8 connections. Its tables hold what a sale and a
-- list need and no more, without foreign keys and checks; they are filled from the marketplace, so that both sell and list the same shoes. It takes no
-- carts, orders of several listings, holds, deliveries, payments, balances kept as a counter, or cancellations.
drop schema if exists rival cascade;
create schema rival;

create table rival.session (
	digest bytea primary key,
	account_id bigint not null,
	expires_at timestamptz not null
);

create table rival.shop (
	shop_id bigint primary key,
	name text not null,
	verified boolean not null
);

-- The discounts of a shop: a counter, half of each page empty for HOT updates, as of the stock.
create table rival.sale (
	shop_id bigint primary key,
	percent_off int not null,
	discounts_left int not null
) with (fillfactor = 50);

create table rival.listing (
	listing_id bigint primary key,
	shop_id bigint not null,
	brand text not null,
	style text not null,
	color text not null,
	size numeric not null,
	condition text not null,
	audience text not null,
	price_cents bigint not null,
	promotion_tier smallint not null,
	created_at timestamptz not null
);
create index listing_promoted on rival.listing (promotion_tier, listing_id);

create table rival.stock (
	listing_id bigint primary key,
	available int not null,
	made int not null -- how many there were before the first sale
) with (fillfactor = 50);

create table rival.orders (
	order_id bigint generated always as identity primary key,
	account_id bigint not null,
	key text not null,
	total_cents bigint not null,
	created_at timestamptz not null default now(),
	unique (account_id, key)
);

create table rival.order_line (
	order_id bigint not null,
	listing_id bigint not null,
	quantity int not null,
	discounted int not null,
	price_cents bigint not null,
	primary key (order_id, listing_id)
);

create table rival.stock_entry (
	listing_id bigint not null,
	order_id bigint not null,
	delta int not null,
	at timestamptz not null default now()
);
create index stock_entry_listing on rival.stock_entry (listing_id);

create table rival.balance_entry (
	shop_id bigint not null,
	order_id bigint not null,
	amount_cents bigint not null,
	at timestamptz not null default now()
);
create index balance_entry_shop on rival.balance_entry (shop_id);

-- Sells one pair; a key that was used is answered as before. What needs no lock is read first. Two calls with one key at a time: the second
-- waits for the first and fails by the unique key; asked again it is answered like the first. The plans are kept, and are those of large tables.
create function rival.buy(p_digest bytea, p_key text, p_listing_id bigint) returns json
language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
	v_account_id bigint;
	v_order_id bigint;
	v_shop_id bigint;
	v_price_cents bigint;
	v_percent_off int;
	v_discounted int;
	v_total_cents bigint;
begin
	select s.account_id into v_account_id from rival.session s where s.digest = p_digest and s.expires_at > now();
	if not found then
		raise exception 'no session';
	end if;
	select o.order_id, o.total_cents, n.discounted, n.price_cents into v_order_id, v_total_cents, v_discounted, v_price_cents
	from rival.orders o
	join rival.order_line n on n.order_id = o.order_id
	where o.account_id = v_account_id and o.key = p_key;
	if not found then
		select l.shop_id, l.price_cents into v_shop_id, v_price_cents from rival.listing l where l.listing_id = p_listing_id;
		update rival.stock k set available = k.available - 1 where k.listing_id = p_listing_id and k.available > 0;
		if not found then
			raise exception 'out of stock';
		end if;
		update rival.sale f set discounts_left = f.discounts_left - 1 where f.shop_id = v_shop_id and f.discounts_left > 0
		returning f.percent_off into v_percent_off;
		v_discounted := case when found then 1 else 0 end;
		v_total_cents := v_price_cents * (100 - coalesce(v_percent_off, 0)) / 100;

		insert into rival.orders (account_id, key, total_cents) values (v_account_id, p_key, v_total_cents) returning order_id into v_order_id;
		insert into rival.order_line values (v_order_id, p_listing_id, 1, v_discounted, v_price_cents);
		insert into rival.stock_entry (listing_id, order_id, delta) values (p_listing_id, v_order_id, -1);
		insert into rival.balance_entry (shop_id, order_id, amount_cents) values (v_shop_id, v_order_id, v_total_cents);
	end if;
	return json_build_object('order_id', v_order_id, 'status', 'placed', 'total_cents', v_total_cents, 'listing_id', p_listing_id, 'quantity', 1,
		'discounted', v_discounted, 'price_cents', v_price_cents);
end
$$;

-- The list of 24, promoted ones first, for a client that is signed in; NULL filters nothing. One plan is kept: indexes alone, in their order.
create function rival.list(p_digest bytea, p_brand text[] default null, p_style text default null, p_color text[] default null,
	p_size numeric[] default null, p_condition text[] default null, p_audience text[] default null, p_min_price_cents bigint default null,
	p_max_price_cents bigint default null, p_shop_id bigint default null) returns json
language plpgsql set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_sort = off as $$
begin
	perform from rival.session s where s.digest = p_digest and s.expires_at > now();
	if not found then
		raise exception 'no session';
	end if;
	return (select json_agg(f) from (
		select l.listing_id, l.shop_id, h.name as shop_name, h.verified, l.brand, l.style, l.color, l.size, l.condition, l.audience, l.price_cents,
			l.price_cents * (100 - d.percent_off) / 100 as sale_price_cents, k.available, l.created_at, l.promotion_tier > 0 as promoted
		from rival.listing l
		join rival.stock k on k.listing_id = l.listing_id
		join rival.shop h on h.shop_id = l.shop_id
		left join rival.sale d on d.shop_id = l.shop_id and d.discounts_left > 0
		where k.available > 0
			and (p_brand is null or l.brand = any (p_brand))
			and (p_style is null or l.style = p_style)
			and (p_color is null or l.color = any (p_color))
			and (p_size is null or l.size = any (p_size))
			and (p_condition is null or l.condition = any (p_condition))
			and (p_audience is null or l.audience = any (p_audience))
			and (p_min_price_cents is null or l.price_cents >= p_min_price_cents)
			and (p_max_price_cents is null or l.price_cents <= p_max_price_cents)
			and (p_shop_id is null or l.shop_id = p_shop_id)
		order by l.promotion_tier desc, l.listing_id desc
		limit 24) f);
end
$$;

insert into rival.session select sha256(convert_to(n::text, 'UTF8')), n, now() + interval '1 day' from generate_series(1, 512) as n;
insert into rival.shop select h.shop_id, h.name, h.verified from market.shop h;
insert into rival.sale
select f.shop_id, f.percent_off, f.discounts_left from market.sale f join api.running_sale r on r.shop_id = f.shop_id and r.sale_id = f.sale_id;
insert into rival.listing
select l.listing_id, l.shop_id, s.brand, s.style, s.color, l.size, l.condition, l.audience, l.price_cents, l.promotion_tier, l.created_at
from market.listing l
join market.shoe s on s.shoe_id = l.shoe_id
where l.withdrawn_at is null and not l.suspended;
insert into rival.stock select k.listing_id, k.available, k.available from market.stock k;
analyze rival.session, rival.shop, rival.sale, rival.listing, rival.stock;

grant usage on schema rival to shoetopia_app;
grant select, insert, update on all tables in schema rival to shoetopia_app;
