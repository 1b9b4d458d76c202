-- Demo data: thirty shops, some two hundred listings, three running sales, two months of orders, reviews, two release events, appointments, and
-- three accounts to sign in with, all with the password whose hash is given. Run once by the owner of the tables:
--     psql -U shoetopia_owner -d shoetopia -v password_hash="$(shoetopia --hash-password)" -f schema/demo.sql
--
-- Everything is written by the functions that the program calls, which keep every counter equal to its ledger; some times are set afterwards.
-- Nothing is random, so every demo is the same. If the accounts exist already, it does nothing.
\set ON_ERROR_STOP on
set client_min_messages = warning;
select exists (select from market.account where email_key = 'seller@example.com') as is_there \gset
\if :is_there
\echo The demo is there already.
\quit
\endif

begin;

-- The past: the functions are called with the clock set back. Until the end of this transaction market.clock() is this one, which no other
-- session sees.
create or replace function market.clock() returns timestamptz
language sql volatile parallel safe
return coalesce(nullif(current_setting('demo.now', true), '')::timestamptz, clock_timestamp());

-- Sets the clock; NULL: the present.
create function pg_temp.set_clock(p_now timestamptz) returns text language sql as $$ select set_config('demo.now', coalesce(p_now::text, ''), true) $$;

create temporary table person (n int generated always as identity, name text, email text, is_buyer boolean) on commit drop;
insert into person (name, email, is_buyer) values
	('Sam Seller', 'seller@example.com', false), ('Bea Buyer', 'buyer@example.com', true), ('Ada Admin', 'admin@example.com', false);
insert into person (name, email, is_buyer)
select v.name, lower(replace(v.name, ' ', '.')) || '@example.net', true
from (values ('Maya Lindqvist'), ('Tom Okafor'), ('Priya Raman'), ('Jonas Weber'), ('Lucia Ferrante'), ('Ben Whitaker'), ('Aiko Tanaka'),
	('Noor Haddad'), ('Carlos Mendes'), ('Greta Olsen'), ('Femi Adeyemi'), ('Sofia Petrova'), ('Liam Gallagher'), ('Chloe Dubois'),
	('Mateo Rojas'), ('Hana Kim'), ('Oskar Nowak'), ('Zoe Papadaki'), ('Ravi Kulkarni'), ('Elif Demir'), ('Marcus Reid'), ('Ines Carvalho'),
	('Theo Martin')) as v(name);

create temporary table demo_shop (n int generated always as identity, name text) on commit drop;
insert into demo_shop (name) values ('Corner Kicks'), ('Sole Harbor'), ('Second Stride'), ('Lace & Found'), ('The Shoe Loft'), ('Northside Sneakers'),
	('Heel to Toe'), ('Trailhead Outfitters'), ('Retro Runners'), ('Court & Canvas'), ('Little Steps'), ('Boulevard Boots'), ('Fresh Pair'),
	('The Rubber Room'), ('Miles Ahead'), ('Suede Society'), ('Old Town Cobbler'), ('Finish Line Finds'), ('Pier 9 Footwear'), ('Tread Lightly'),
	('High Top House'), ('Sidewalk Supply'), ('Sunday Loafers'), ('Kick Exchange'), ('Blue Door Shoes'), ('Fleet Feet Street'), ('Warehouse 42'),
	('Step by Step'), ('Alpine Sole'), ('Metro Soles');
insert into person (name, email, is_buyer)
select 'Owner of ' || h.name, 'shop' || h.n || '@example.org', false from demo_shop h where h.n > 1 order by h.n;

-- The accounts. '!' is no hash, so no password opens the others.
select pg_temp.set_clock(now() - interval '90 days') \g /dev/null
select count(*) as accounts from api.create_account((
	select jsonb_agg(jsonb_build_object(
		'name', p.name,
		'email', p.email,
		'password_hash', case when p.n <= 3 then :'password_hash' else '!' end,
		'new_session', '\x' || encode(sha256(('demo ' || p.email)::bytea), 'hex')) order by p.n)
	from person p)) \gset
select pg_temp.set_clock(null) \g /dev/null
update market.account set role = 'admin' where email_key = 'admin@example.com';

create function pg_temp.session(p_email text) returns bytea language sql as $$ select sha256(('demo ' || p_email)::bytea) $$;
update market.session set expires_at = now() + interval '1 hour' where session_digest in (select pg_temp.session(p.email) from person p);
create function pg_temp.owner_session(p_n int) returns bytea language sql
	as $$ select pg_temp.session(case p_n when 1 then 'seller@example.com' else 'shop' || p_n || '@example.org' end) $$;

select api.put_address(pg_temp.session('buyer@example.com'),
	row(null, 'Bea Buyer', '12 Maple Street', 'Apt 3', 'Portland', 'OR', '97205', 'US')::market.address) is not null as done \gset
select count(api.put_address(pg_temp.session(p.email),
	row(null, p.name, p.n || ' Harbor Road', null, 'Boston', 'MA', '021' || p.n, 'US')::market.address)) as done
from person p where p.is_buyer and p.n > 3 \gset

create temporary table opened on commit drop as
select h.n, (s.answer ->> 'shop_id')::bigint as shop_id
from demo_shop h
cross join lateral api.create_shop(pg_temp.owner_session(h.n), h.name, null, null) s
order by h.n;
update market.shop set created_at = now() - interval '85 days' where shop_id in (select o.shop_id from opened o);

create temporary table model (n int generated always as identity, brand text, style text, colors text[], audience text, cents int, shape text) on commit drop;
insert into model (brand, style, colors, audience, cents, shape) values
	('Nike', 'Air Max 90', '{white,black,red}', 'men', 13000, 'runner'), ('Adidas', 'Samba OG', '{black,white,green}', 'unisex', 10000, 'low'),
	('New Balance', '574 Core', '{grey,blue,burgundy}', 'unisex', 9000, 'runner'), ('Puma', 'Suede Classic', '{blue,red,black}', 'unisex', 7500, 'low'),
	('Asics', 'Gel Kayano 14', '{metallic,white,blue}', 'women', 15000, 'runner'), ('Vans', 'Old Skool', '{black,blue,ivory}', 'unisex', 7000, 'low'),
	('Converse', 'Chuck 70 High', '{ivory,black,yellow}', 'unisex', 8500, 'high'), ('Reebok', 'Club C 85', '{white,green,beige}', 'women', 8000, 'low'),
	('Saucony', 'Jazz Original', '{purple,grey,orange}', 'women', 6500, 'runner'), ('Brooks', 'Ghost 15', '{blue,pink,black}', 'women', 14000, 'runner'),
	('Hoka', 'Clifton 9', '{orange,white,black}', 'men', 14500, 'runner'), ('Salomon', 'Speedcross 6', '{black,red,green}', 'men', 14000, 'runner'),
	('Merrell', 'Moab 3', '{brown,grey,beige}', 'men', 12000, 'boot'), ('Timberland', 'Premium Boot', '{yellow,brown,black}', 'men', 19800, 'boot'),
	('Dr. Martens', '1460 Smooth', '{black,burgundy,white}', 'women', 17000, 'boot'), ('Clarks', 'Desert Boot', '{beige,brown,blue}', 'men', 15000, 'boot'),
	('Birkenstock', 'Arizona', '{brown,black,ivory}', 'unisex', 11000, 'slide'), ('Onitsuka Tiger', 'Mexico 66', '{yellow,white,red}', 'unisex', 10500, 'low'),
	('Fila', 'Disruptor II', '{white,pink,black}', 'women', 7000, 'runner'), ('Nike', 'Court Borough', '{white,pink,blue}', 'youth', 5500, 'low'),
	('Adidas', 'Superstar', '{white,black,pink}', 'youth', 6000, 'low'), ('New Balance', '990 v6', '{grey,black,blue}', 'men', 20000, 'runner'),
	('Puma', 'Speedcat', '{red,black,pink}', 'women', 10000, 'low'), ('Vans', 'Sk8-Hi', '{black,red,purple}', 'youth', 6500, 'high'),
	('Converse', 'Run Star Hike', '{black,white,orange}', 'women', 11000, 'high'), ('Mizuno', 'Wave Rider 27', '{blue,green,orange}', 'men', 14000, 'runner'),
	('Keen', 'Newport H2', '{grey,brown,green}', 'youth', 6500, 'slide'), ('Palladium', 'Pampa Hi', '{beige,black,green}', 'unisex', 8500, 'high'),
	('Larkspur', 'Meadow Runner', '{green,purple,white}', 'women', 9800, 'runner'), ('Larkspur', 'Dusk Trainer', '{grey,purple,black}', 'men', 9400, 'low'),
	('Harborline', 'Deck Moc', '{blue,brown,ivory}', 'men', 8800, 'loafer'), ('Harborline', 'Pier Loafer', '{brown,burgundy,black}', 'unisex', 9900, 'loafer'),
	('Tundra & Co', 'Frostbreaker', '{black,brown,metallic}', 'men', 21000, 'boot'), ('Pico', 'Velcro Star', '{pink,blue,yellow}', 'youth', 3900, 'low');

create temporary table used_pair (n int generated always as identity, description text, box text) on commit drop;
insert into used_pair (description, box) values
	(E'Worn about ten times, mostly indoors. Soles are clean, slight creases at the toe.\nFits true to size.', 'original'),
	('Tried on at home and worn once for an evening. No marks.', 'original'),
	(E'One summer of walks: heel drag on the left sole, laces are new.\nWashed and aired.', 'none'),
	('Small scuff at the right toe, see the sole for wear. Insoles replaced.', 'replaced'),
	('Bought half a size too large, so hardly worn. A faint stain inside the collar.', 'replaced'),
	('Well kept daily pair, polished and waterproofed. Some yellowing of the midsole.', 'none');

-- Seven rounds: in each, every shop lists a pair, the first rounds long ago. Neighbouring shops sometimes list the same shoe.
do $$
begin
	for i in 1 .. 7 loop
		perform pg_temp.set_clock(now() - interval '78 days' + i * interval '10 days');
		perform from api.create_listing((
			select jsonb_agg(jsonb_build_object(
				'session', '\x' || encode(pg_temp.owner_session(o.n), 'hex'),
				'shop_id', o.shop_id,
				'brand', m.brand,
				'style', m.style,
				'color', m.colors[1 + (o.n / 3 + i) % 3],
				'size', case m.audience when 'youth' then 1 + (o.n * 3 + i) % 7 when 'women' then 5.5 + (o.n * 5 + i) % 10 / 2.0
					else 7.5 + (o.n * 7 + i * 3) % 11 / 2.0 end,
				'condition', case when (o.n + i * 3) % 5 = 0 then 'used' else 'new' end,
				'audience', m.audience,
				'price_cents', m.cents * (case when (o.n + i * 3) % 5 = 0 then 55 else 90 + (o.n * 11 + i * 7) % 25 end) / 100 / 100 * 100 + 95,
				'quantity', 3 + (o.n * 5 + i * 11) % 12,
				'description', u.description,
				'box', u.box) order by o.n)
			from opened o
			join model m on m.n = 1 + (o.n / 2 * 5 + i * 11) % (select count(*) from model)
			left join used_pair u on (o.n + i * 3) % 5 = 0 and u.n = 1 + (o.n + i) % 6));
	end loop;
	perform pg_temp.set_clock(null);
end
$$;

-- The pictures that ./start has drawn: one to three of each pair, by its shape and colour. Without any, pages draw a shoe themselves.
create temporary table if not exists drawn (name text, hash bytea, width int, height int) on commit drop;
insert into market.photo (shop_id, listing_id, position, hash, width, height)
select l.shop_id, l.listing_id, row_number() over (partition by l.listing_id order by d.name), d.hash, d.width, d.height
from market.listing l
join market.shoe s on s.shoe_id = l.shoe_id
join model m on m.brand = s.brand and m.style = s.style
join drawn d on d.name in (m.shape || '-' || s.color || '-1', m.shape || '-' || s.color || '-' || (1 + l.listing_id % 3), m.shape || '-' || s.color || '-' || (2 + l.listing_id % 2));
delete from market.picture p where not exists (select from market.photo f where f.hash = p.hash);

select count(api.promote_shop(pg_temp.owner_session(o.n), o.shop_id, 1 + o.n % 3)) as promoted from opened o where o.n % 6 in (1, 2) \gset

-- A sale that is over, and three that are on; the seller's has ten discounts, of which some will go.
select pg_temp.set_clock(now() - interval '40 days') \g /dev/null
select count(s.code) as started
from opened o
cross join lateral api.start_flash_sale(pg_temp.owner_session(2), o.shop_id, 6, 25, null, null, null) s
where o.n = 2 \gset
select pg_temp.set_clock(now() - interval '25 days') \g /dev/null
select api.end_sale(pg_temp.owner_session(2), o.shop_id) as ended from opened o where o.n = 2 \gset
select pg_temp.set_clock(now() - interval '3 hours') \g /dev/null
select count(s.code) as started
from (values (1, 10, 30, null), (9, 40, 15, interval '3 days'), (14, 25, 50, interval '20 hours')) as v(n, discounts, percent_off, lasts)
join opened o on o.n = v.n
cross join lateral api.start_flash_sale(pg_temp.owner_session(o.n), o.shop_id, v.discounts, v.percent_off, now() + v.lasts, null, null) s \gset

-- Two months of orders, oldest first: buyers in turn, from shops in turn, of listings that existed then and have enough left.
do $$
declare
	v_buyers text[] := array(select p.email from person p where p.is_buyer order by p.n);
	v_at timestamptz;
	v_shop int;
	v_items jsonb;
	v_email text;
begin
	for i in 1 .. 210 loop
		v_at := case when i <= 206 then now() - interval '60 days' + i * interval '6 hours 58 minutes' else now() - (211 - i) * interval '20 minutes' end;
		v_email := v_buyers[1 + i % cardinality(v_buyers)];
		-- two of three go to the first nine shops, and what is bought last to the seller's sale
		v_shop := case when i > 206 then 1 when i % 3 = 0 then 1 + i / 3 * 7 % 30 else 1 + i / 2 % 9 end;
		select jsonb_agg(jsonb_build_object('listing_id', c.listing_id, 'quantity', 1)) into v_items
		from (
			select l.listing_id
			from market.listing l
			join market.stock k on k.shop_id = l.shop_id and k.listing_id = l.listing_id
			join opened o on o.shop_id = l.shop_id
			where o.n in (v_shop, case when i % 10 = 0 then 1 + v_shop % 30 end) and l.created_at < v_at and k.available > 2
			order by k.available desc, (l.listing_id + i) % 5, l.listing_id
			limit case when i % 10 = 0 then 2 else 1 end
		) c;
		if v_items is not null then
			perform pg_temp.set_clock(v_at);
			perform api.checkout(jsonb_build_array(jsonb_build_object(
				'session', '\x' || encode(pg_temp.session(v_email), 'hex'),
				'key', 'demo-order-' || i,
				'digest', '\x00',
				'items', v_items,
				'delivery', case i % 2 when 0 then 'ship' else 'pickup' end)));
		end if;
	end loop;
	perform pg_temp.set_clock(null);
end
$$;

-- Some orders were cancelled; old ones are delivered, newer ones shipped.
do $$
declare
	v_order record;
begin
	for v_order in
		select o.order_id, o.created_at, a.email from market.orders o join market.account a on a.account_id = o.account_id
		where o.order_id % 41 = 0
	loop
		perform pg_temp.set_clock(v_order.created_at + interval '2 hours');
		perform api.cancel_order(pg_temp.session(v_order.email), v_order.order_id, null, null);
	end loop;
	perform pg_temp.set_clock(null);
end
$$;
select count(api.change_shipment(pg_temp.owner_session(o.n), p.shop_id, p.shipment_id, 'shipped', 'ST' || 400000 + p.shipment_id * 7)) as shipped
from market.shipment p
join opened o on o.shop_id = p.shop_id
where p.status = 'pending' and p.created_at < now() - interval '4 days' \gset
select count(api.change_shipment(pg_temp.owner_session(o.n), p.shop_id, p.shipment_id, 'delivered', null)) as delivered
from market.shipment p
join opened o on o.shop_id = p.shop_id
where p.status = 'shipped' and p.created_at < now() - interval '9 days' \gset
update market.shipment set updated_at = least(created_at + case status when 'delivered' then interval '5 days' else interval '2 days' end, now()),
	shipped_at = created_at + interval '2 days', delivered_at = case status when 'delivered' then least(created_at + interval '5 days', now()) end
where status in ('shipped', 'delivered');

-- Buyers with a delivered order review the shop.
select count(api.put_review(pg_temp.session(b.email), b.shop_id,
	(array[5, 4, 5, 3, 5, 4, 2, 5])[1 + (b.account_id * 3 + b.shop_id) % 8],
	(array['Arrived in two days, exactly as described.', 'Lovely pair, well packed.', 'Fits true to size. Would buy here again.', 'A scuff that the listing did not mention.',
		null, 'Fair price and a friendly note in the box.', 'Took a while to arrive.', 'My third pair from this shop.'])[1 + (b.account_id * 3 + b.shop_id) % 8])) as reviewed
from (select distinct a.email, a.account_id, p.shop_id
	from market.shipment p
	join market.orders o on o.order_id = p.order_id
	join market.account a on a.account_id = o.account_id
	where p.status = 'delivered') b \gset
update market.review r set created_at = b.at, updated_at = b.at
from (select p.shop_id, o.account_id, max(p.updated_at) as at
	from market.shipment p join market.orders o on o.order_id = p.order_id
	where p.status = 'delivered'
	group by p.shop_id, o.account_id) b
where b.shop_id = r.shop_id and b.account_id = r.account_id;

-- Eligible shops ask to be verified; the seller's and one more still wait for the admin, and one asked too early.
select count(v.code) as asked
from opened o
cross join lateral api.ask_verification(pg_temp.owner_session(o.n), o.shop_id, null, null) v
where o.n in (1, 30) or (api.verification_answer(o.shop_id) ->> 'eligible')::boolean \gset
select count(api.decide_verification(pg_temp.session('admin@example.com'), v.shop_id, o.n <> 30, case when o.n = 30 then 'Nothing is sold yet.' end)) as decided
from market.verification v
join opened o on o.shop_id = v.shop_id
where v.status = 'pending' and o.n not in (1, 5) \gset
update market.verification set requested_at = now() - interval '6 days', decided_at = case when status <> 'pending' then now() - interval '5 days' end;
update market.act set created_at = now() - interval '5 days';

-- Slots of half an hour in the ten days to come: two stations of the seller's, one of three more shops. The afternoons fill up; the buyer has one.
select count(s.code) as offered
from (values (1, 'Fitting chair', 14, 4), (1, 'Authentication desk', 15, 3), (2, 'Foot scanner', 16, 4), (9, 'Fitting chair', 15, 6), (14, 'Bench', 17, 4))
	as v(n, station, hour, slots)
join opened o on o.n = v.n
cross join generate_series(1, 10) as d(day)
cross join lateral generate_series(1, v.slots) as w(nth)
cross join lateral (select date_trunc('day', now(), 'UTC') + d.day * interval '1 day' + v.hour * interval '1 hour' + w.nth * interval '30 minutes' as at) t
cross join lateral api.create_slot(pg_temp.owner_session(v.n), o.shop_id, v.station, t.at, t.at + interval '30 minutes', null, null) s
where (d.day + v.n) % 7 <> 0 \gset
select count(b.code) as booked
from (select s.slot_id, row_number() over (order by s.starts_at, s.slot_id) as nth from market.slot s) s
join (select p.email, row_number() over (order by p.n) - 1 as nth, count(*) over () as people from person p where p.is_buyer) p
	on p.nth = (s.nth / 3 - 1) % p.people
cross join lateral api.book_slot(pg_temp.session(p.email), s.slot_id, null, null) b
where s.nth % 3 = 0 \gset

-- Something in the buyer's cart: a pair of the seller's sale, and one of another shop.
select count(api.put_cart_item(pg_temp.session('buyer@example.com'), c.listing_id, 1)) as in_cart
from (select distinct on (o.n) l.listing_id
	from market.listing l
	join opened o on o.shop_id = l.shop_id
	where o.n in (1, 12) and l.in_stock
	order by o.n, l.listing_id desc) c \gset

-- Friends: the buyer has two, who know each other and three more; one account asks her. Wishlists overlap.
select count(f.code) as asked
from (values ('buyer@example.com', 'maya.lindqvist@example.net', true), ('buyer@example.com', 'tom.okafor@example.net', true),
		('maya.lindqvist@example.net', 'tom.okafor@example.net', true), ('maya.lindqvist@example.net', 'priya.raman@example.net', true),
		('tom.okafor@example.net', 'priya.raman@example.net', true), ('tom.okafor@example.net', 'jonas.weber@example.net', true),
		('maya.lindqvist@example.net', 'aiko.tanaka@example.net', true), ('lucia.ferrante@example.net', 'buyer@example.com', false)
	) as v(one, other, is_mutual)
cross join lateral (values (v.one, v.other, true), (v.other, v.one, v.is_mutual)) as a(who, whom, asks)
cross join lateral api.ask_friend(pg_temp.session(a.who), a.whom, null, null, null) f
where a.asks \gset
select count(api.put_wishlist(pg_temp.session(p.email), array(
	select s.shoe_id from market.shoe s where (s.shoe_id * 7 + p.n * 3) % 29 in (1, 2) or s.shoe_id % 37 = 5 order by s.shoe_id desc limit 6))) as wished
from person p
where p.email in ('maya.lindqvist@example.net', 'tom.okafor@example.net', 'priya.raman@example.net', 'jonas.weber@example.net') \gset
select count(api.put_wishlist(pg_temp.session('buyer@example.com'), array(
	select s.shoe_id from market.shoe s where s.shoe_id % 31 = 3 order by s.shoe_id limit 3))) as wished \gset

-- Two release events: the seller's is full, with the buyer on its waiting list; the other shop's has free places.
select pg_temp.set_clock(now() - interval '6 days') \g /dev/null
create temporary table announced on commit drop as
select v.n, (e.answer ->> 'event_id')::bigint as event_id
from (values (1, 'Air Max 90 release morning', 5, 12), (9, 'Retro runners: first look', 12, 40)) as v(n, title, days, places)
join opened o on o.n = v.n
cross join lateral api.create_event(pg_temp.owner_session(o.n), o.shop_id, v.title, date_trunc('day', now()) + v.days * interval '1 day' + interval '18 hours',
	v.places, null, null) e;
select pg_temp.set_clock(null) \g /dev/null
select count(*) as booked
from api.create_booking((
	select jsonb_agg(jsonb_build_object('session', '\x' || encode(pg_temp.session(p.email), 'hex'), 'event_id', a.event_id)
		order by a.event_id, p.email = 'buyer@example.com', p.n)
	from announced a
	join person p on p.is_buyer and (p.email = 'buyer@example.com' or p.n % 3 > 0) and (a.n = 1 or p.n % 5 = 0))) b
where b.code is null \gset

-- A reservation of the buyer, for 15 minutes after the first start.
select count(r.n) as held
from (select jsonb_agg(jsonb_build_object('session', '\x' || encode(pg_temp.session('buyer@example.com'), 'hex'), 'listing_ids', jsonb_build_array(l.listing_id))) as calls
	from (select max(l.listing_id) as listing_id
		from market.listing l
		join market.stock k on k.shop_id = l.shop_id and k.listing_id = l.listing_id
		join opened o on o.shop_id = l.shop_id
		where o.n = 5 and k.available > 1) l) c
cross join lateral api.create_reservation(c.calls) r
where r.code is null \gset

-- All sessions end.
delete from market.session where session_digest in (select pg_temp.session(p.email) from person p);

-- Their orders get no mails.
update market.mail_state set order_id = m.order_id, next_order_id = m.order_id from (select max(o.order_id) as order_id from market.orders o) m;

-- The clock of migration 0019.
create or replace function market.clock() returns timestamptz
language sql volatile parallel safe
return clock_timestamp();

commit;
analyze market.account, market.shop, market.shoe, market.listing, market.stock, market.shoe_word, market.word_slip, market.orders,
	market.order_line, market.shipment, market.sale, market.review, market.slot, market.appointment,
	market.wish, market.friendship, market.event, market.booking, market.reservation;
