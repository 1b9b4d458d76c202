-- The catalogue at a million rows: as large as the data set that the first Shoetopia published. 200,000 accounts, 100,000 shops, 16,000
-- shoes, 200,000 listings, 205,000 entries of the stock ledger; 5,000 orders with their reviews. For an empty marketplace, run once
-- by the owner of the tables:
--     psql -U shoetopia_owner -d shoetopia -f tests/catalogue/generate.sql
-- These accounts have no password. Nothing is random: the same numbers give the same catalogue.
--
-- It inserts into the tables directly, which takes seconds instead of hours, and keeps every counter equal to its ledger; `shoetopia --audit`
-- checks that. As in real shops nothing is uniform: some brands, sizes, colours and shops have much more than others, and a
-- brand has its own prices.
\set ON_ERROR_STOP on
set client_min_messages = warning;
set search_path = pg_catalog, pg_temp;
set work_mem = '256MB';
set maintenance_work_mem = '256MB';

begin;
set local synchronous_commit = off; -- of this one transaction; the vacuum below waits for the disk

-- A pseudo-random number from 0 to 1 for each n and use.
create function pg_temp.chance(p_n bigint, p_use int) returns double precision
language sql immutable parallel safe
return (hashint8extended(p_n, p_use) & 1048575) / 1048576.0;

-- These texts hold nothing invisible, and to check that takes longer than to insert them.
create temporary table text_check on commit drop as
select c.conrelid::regclass::text as name, c.conname, pg_get_constraintdef(c.oid) as definition
from pg_constraint c
where c.contype = 'c' and c.conname like '%one\_line' and c.connamespace = 'market'::regnamespace;
select format('alter table %s drop constraint %I', name, conname) from text_check \gexec

insert into market.account (account_id, name, email, password_hash, created_at)
select n, 'Member ' || n, 'member.' || n || '@example.net', '!', timestamptz '2024-01-01' + n * interval '4 minutes'
from generate_series(1, 200000) as n;
insert into market.cart (account_id) select n from generate_series(1, 200000) as n;

-- 40 brands with 50 styles in 8 of 16 colours each. The first spelling of a brand is the one that is shown.
insert into market.shoe (shoe_id, brand, style, color)
select 1 + n, (string_to_array('Nike Adidas Puma Reebok Asics Saucony Brooks Vans Converse Fila Salomon Merrell Keen Clarks Timberland'
		' Birkenstock Crocs Skechers Mizuno Altra Diadora Umbro Lacoste Superga Camper Ecco Geox Hoka Lotto Kappa Veja Palladium Novesta'
		' Karhu Onitsuka Etnies Dansko Teva Danner Allbirds', ' '))[1 + n / 400],
	format('%s %s %s',
		(string_to_array('Air Cloud Court Swift River Summit Urban Classic Retro Storm Desert Harbor Meadow Neon Polar Solar Velvet Canyon'
			' Echo Falcon Granite Horizon Island Jungle Kinetic', ' '))[1 + style % 25],
		(string_to_array('Runner Walker Trainer Sneaker Boot Sandal Slipper Loafer Trail Flight Strider Jumper Glide Racer Hiker Skate Dancer'
			' Cruiser Drifter Pacer', ' '))[1 + (style + n / 400) % 20],
		100 + style),
	(string_to_array('black white grey blue red brown green beige pink ivory purple yellow orange metallic burgundy other', ' '))
		[1 + (style * 3 + n % 8) % 16]
from generate_series(0, 15999) as n
cross join lateral (select n / 8 % 50) as s(style);
select api.learn_words(array_agg(shoe_id)) from market.shoe \g /dev/null

-- 5,000 orders of one pair: five buyers at each of 1,000 shops, who have no shop themselves.
create temporary table bought on commit drop as
select n as order_id, 100000 + n as account_id, 1 + (n - 1) % 1000 as shop_id, 1 + floor(5 * pg_temp.chance(n, 1) ^ 0.5)::int as rating,
	timestamptz '2026-03-01' + n * interval '10 minutes' as at
from generate_series(1, 5000) as n;

-- Shops 1 to 1,000 have sold and were reviewed; those that may are verified. One in twenty shops is promoted.
insert into market.shop (shop_id, account_id, name, verified, promotion_tier, rating_sum, review_count, created_at)
select n, n, 'Shop ' || n, coalesce(b.rating_sum >= 3 * b.reviews, false),
	case when n % 20 = 0 then 1 + n / 20 % 3 else 0 end, coalesce(b.rating_sum, 0), coalesce(b.reviews, 0),
	timestamptz '2025-08-01' + n * interval '2 minutes'
from generate_series(1, 100000) as n
left join (select shop_id, sum(rating) as rating_sum, count(*) as reviews from bought group by shop_id) b on b.shop_id = n;
insert into market.verification (shop_id, status, requested_at, decided_at)
select shop_id, 'verified', timestamptz '2026-05-01', timestamptz '2026-05-02' from market.shop where verified;
insert into market.promotion (shop_id, tier, at)
select shop_id, promotion_tier, timestamptz '2026-05-01' from market.shop where promotion_tier > 0;

-- One shop in 500 has a sale, the largest one too; one in 50 had one.
insert into market.sale (shop_id, discounts, discounts_left, percent_off, starts_at, ends_at)
select n, 1000, 1000, 5 + n / 500 % 60, timestamptz '2026-06-01', case when n % 500 <> 1 then timestamptz '2026-06-02' end
from generate_series(1, 100000) as n
where n % 50 = 1;
insert into market.discount_entry (shop_id, sale_id, delta, reason, at)
select f.shop_id, f.sale_id, f.discounts, 'started', f.starts_at from market.sale f;

-- Each shop lists one pair; the other half of the listings belongs to few shops, the first ones most. The prices of a brand are similar.
create temporary table listed on commit drop as
select n as listing_id,
	case when n <= 100000 then n else 1 + floor(100000 * pg_temp.chance(n, 2) ^ 3)::bigint end as shop_id,
	1 + floor(16000 * pg_temp.chance(n, 3) ^ 1.5)::bigint as shoe_id,
	(3 + floor(25 * (pg_temp.chance(n, 4) + pg_temp.chance(n, 5) + pg_temp.chance(n, 6)) / 3) / 2)::numeric(3, 1) as size,
	case when pg_temp.chance(n, 7) < 0.7 then 'new' else 'used' end as condition,
	case when pg_temp.chance(n, 8) < 0.4 then 'men' when pg_temp.chance(n, 8) < 0.75 then 'women'
		when pg_temp.chance(n, 8) < 0.9 then 'unisex' else 'youth' end as audience,
	1 + floor(10 * pg_temp.chance(n, 9) ^ 2)::bigint as quantity,
	pg_temp.chance(n, 10) as dear,
	timestamptz '2025-11-01' + n * interval '80 seconds' as at
from generate_series(1, 200000) as n;

-- The first listing of a shop was bought five times; where it had five pairs, it is sold out.
update listed l set quantity = greatest(l.quantity, 5) where l.listing_id <= 1000;

-- Creating an index takes a fraction of the time of row by row insertion.
create temporary table listing_index on commit drop as
select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
from pg_index i
where i.indrelid = 'market.listing'::regclass and not exists (select from pg_constraint c where c.conindid = i.indexrelid);
select format('drop index %s', name) from listing_index \gexec

insert into market.listing (shop_id, listing_id, shoe_id, brand_key, color, size, condition, audience, price_cents, in_stock, promotion_tier, created_at)
select l.shop_id, l.listing_id, l.shoe_id, s.brand_key, s.color, l.size, l.condition, l.audience,
	100 * (20 + l.shoe_id % 400 / 8 + ((l.shoe_id - 1) / 400 * 7 % 40) * 6 + floor(30 * l.dear)) - 1,
	l.listing_id > 1000 or l.quantity > 5, h.promotion_tier, l.at
from listed l
join market.shoe s on s.shoe_id = l.shoe_id
join market.shop h on h.shop_id = l.shop_id;
select definition from listing_index \gexec
insert into market.stock (shop_id, listing_id, available)
select l.shop_id, l.listing_id, l.quantity - case when l.listing_id <= 1000 then 5 else 0 end from listed l;
insert into market.stock_entry (shop_id, listing_id, delta, reason, at)
select l.shop_id, l.listing_id, l.quantity, 'listed', l.at from listed l order by l.listing_id;

insert into market.orders (order_id, account_id, status, total_cents, discount_cents, delivery, created_at)
select b.order_id, b.account_id, 'placed', l.price_cents, 0, 'pickup', b.at
from bought b join market.listing l on l.listing_id = b.shop_id;
insert into market.shipment (shop_id, shipment_id, order_id, status, total_cents, pairs, created_at, updated_at)
select b.shop_id, nextval('market.shipment_shipment_id_seq'), b.order_id, 'delivered', l.price_cents, 1, b.at, b.at
from (select b.* from bought b order by b.order_id) b join market.listing l on l.listing_id = b.shop_id;
insert into market.order_line (shop_id, order_id, listing_id, shipment_id, position, quantity, discounted, price_cents, total_cents)
select p.shop_id, p.order_id, p.shop_id, p.shipment_id, 1, 1, 0, p.total_cents, p.total_cents from market.shipment p;
insert into market.balance (shop_id, balance_cents, pairs_sold)
select h.shop_id, case when h.shop_id <= 1000 then 5 * l.price_cents else 0 end, case when h.shop_id <= 1000 then 5 else 0 end
from market.shop h join market.listing l on l.listing_id = h.shop_id;
insert into market.review (shop_id, account_id, rating, comment, created_at, updated_at)
select b.shop_id, b.account_id, b.rating, case when b.order_id % 3 = 0 then 'Just as shown, and quickly here.' end, b.at, b.at from bought b;

select format('alter table %s add constraint %I %s not valid', name, conname, definition) from text_check \gexec
select setval(pg_get_serial_sequence('market.account', 'account_id'), 200000),
	setval(pg_get_serial_sequence('market.shop', 'shop_id'), 100000),
	setval(pg_get_serial_sequence('market.shoe', 'shoe_id'), 16000),
	setval(pg_get_serial_sequence('market.listing', 'listing_id'), 200000),
	setval(pg_get_serial_sequence('market.orders', 'order_id'), 5000) \g /dev/null
commit;

-- As autovacuum would do soon: the visibility map and the statistics.
vacuum (analyze) market.account, market.cart, market.shop, market.balance, market.balance_entry, market.review, market.verification,
	market.promotion, market.sale, market.shoe, market.shoe_word, market.word_slip, market.listing, market.stock, market.stock_entry, market.orders,
	market.order_line, market.shipment;
