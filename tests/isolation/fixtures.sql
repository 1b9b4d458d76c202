-- Fixtures of the specs: a small marketplace that is the same before every permutation, and short functions for the calls in it.
--
-- Accounts 1 and 2 have the shops 1 and 2; 3, 4 and 5 buy; 9 is an admin. Shop 1 lists 11, 12 and 13, shop 2 lists 21 and 22; ten
-- pairs of each, for as many dollars as the listing's number. All of them have a session.

create schema fixture;
set search_path = pg_catalog;

create procedure fixture.reset() language plpgsql as $$
declare
	v_tables text;
begin
	select string_agg(format('market.%I', tablename), ', ') into v_tables
	from pg_tables where schemaname = 'market' and tablename not like 'schema%';
	execute 'truncate ' || v_tables || ' restart identity';

	insert into market.account (account_id, name, email, password_hash, role, created_at)
	select a, 'account ' || a, 'account' || a || '@example.org', 'hash', case a when 9 then 'admin' else 'member' end, now()
	from unnest(array[1, 2, 3, 4, 5, 9]) as a;
	insert into market.cart (account_id) select account_id from market.account;
	insert into market.session (session_digest, account_id, created_at, expires_at)
	select fixture.session(account_id::int)::bytea, account_id, now(), 'infinity' from market.account;

	insert into market.shop (shop_id, account_id, name, created_at)
	select a, a, 'shop ' || a, now() from unnest(array[1, 2]) as a;
	insert into market.balance (shop_id) values (1), (2);
	insert into market.shoe (shoe_id, brand, style, color) values (1, 'Brand', 'Style', 'red');
	perform api.learn_words(array[1]);
	insert into market.listing (shop_id, listing_id, shoe_id, brand_key, color, size, condition, audience, price_cents, in_stock,
		promotion_tier, created_at)
	select l / 10, l, 1, 'brand', 'red', 9.5, 'new', 'unisex', l * 100, true, 0, now() from unnest(array[11, 12, 13, 21, 22]) as l;
	insert into market.stock (shop_id, listing_id, available) select shop_id, listing_id, 10 from market.listing;
	insert into market.stock_entry (shop_id, listing_id, delta, reason, at)
	select shop_id, listing_id, 10, 'listed', now() from market.listing;
	alter sequence market.account_account_id_seq restart 101;
	alter sequence market.shop_shop_id_seq restart 101;
	alter sequence market.shoe_shoe_id_seq restart 101;
	alter sequence market.listing_listing_id_seq restart 101;
	alter sequence market.reservation_reservation_id_seq restart 1;
end $$;

-- The session digest of an account, as the program sends it.
create function fixture.session(p_account int) returns text language sql immutable
return '\x' || lpad(p_account::text, 64, '0');

-- Sets the stock of a listing.
create procedure fixture.stock(p_listing int, p_available int) language sql as $$
	insert into market.stock_entry (shop_id, listing_id, delta, reason, at)
	select shop_id, listing_id, p_available - available, 'adjusted', now() from market.stock
	where listing_id = p_listing and available <> p_available;
	update market.stock set available = p_available where listing_id = p_listing;
	update market.listing set in_stock = p_available > 0 where listing_id = p_listing;
$$;

-- A flash sale that began a minute ago, and may have ended.
create procedure fixture.sale(p_shop int, p_discounts int, p_percent_off int, p_ended boolean default false, p_per_account int default null)
language sql as $$
	with f as (
		insert into market.sale (shop_id, discounts, discounts_left, percent_off, starts_at, ends_at, per_account)
		values (p_shop, p_discounts, p_discounts, p_percent_off, now() - interval '1 min', case when p_ended then now() - interval '1 s' end,
			p_per_account)
		returning shop_id, sale_id, discounts
	)
	insert into market.discount_entry (shop_id, sale_id, delta, reason, at) select shop_id, sale_id, discounts, 'started', now() from f;
$$;

-- Puts a listing into a cart, in setups.
create procedure fixture.cart_item(p_account int, p_listing int, p_quantity int) language sql as $$
	insert into market.cart_item (account_id, listing_id, shop_id, quantity, added_at)
	values (p_account, p_listing, p_listing / 10, p_quantity, clock_timestamp());
$$;

-- '3: 11x2 12x1 key=K expect=500 ship' as a call of checkout; without items the cart is bought. The digest is that of the items.
create function fixture.checkout_call(p_text text) returns jsonb language sql as $$
	select jsonb_strip_nulls(jsonb_build_object(
		'session', fixture.session(substring(p_text from '^\d+')::int),
		'items', (select jsonb_agg(jsonb_build_object('listing_id', i[1]::int, 'quantity', i[2]::int))
			from regexp_matches(p_text, '(\d+)x(\d+)', 'g') as i),
		'key', substring(p_text from 'key=(\w+)'),
		'digest', '\x' || md5(array_to_string(array(select i[1] from regexp_matches(p_text, '(\d+x\d+)', 'g') as i), ' ')),
		'expected_total_cents', substring(p_text from 'expect=(\d+)')::int,
		'delivery', substring(p_text from 'ship')));
$$;

-- Checkout of these calls in one batch: the outcome of each.
create function fixture.checkout(variadic p_calls text[])
returns table (call text, outcome text, "order" text, total_cents text, discount_cents text, errors text) language sql as $$
	select p_calls[c.n], coalesce(c.code, 'bought'), c.answer ->> 'order_id', c.answer ->> 'total_cents', c.answer ->> 'discount_cents',
		(select string_agg(coalesce(e ->> 'listing_id', e ->> 'field') || ': ' || coalesce(e ->> 'available', e ->> 'message'), ', ')
			from json_array_elements(c.answer -> 'errors') as e)
	from (select c.n, c.code, c.answer::json as answer
		from api.checkout((select jsonb_agg(fixture.checkout_call(t.c) order by t.n) from unnest(p_calls) with ordinality as t(c, n))) as c) c
	order by c.n;
$$;

-- The same where calls that need a row which another transaction holds are diverted: their outcome is locked, with that row.
create function fixture.checkout_diverts(variadic p_calls text[]) returns table (call text, outcome text) language sql as $$
	select p_calls[c.n], case c.code when 'locked' then 'locked ' || c.answer else coalesce(c.code, 'bought') end
	from api.checkout((select jsonb_agg(fixture.checkout_call(t.c) order by t.n) from unnest(p_calls) with ordinality as t(c, n)), 0) as c
	order by c.n;
$$;

-- The same where this row, KIND:ID, is known to be stuck.
create function fixture.checkout_with_stuck(p_stuck text, variadic p_calls text[]) returns table (call text, outcome text) language sql as $$
	select p_calls[c.n], case c.code when 'locked' then 'locked ' || c.answer else coalesce(c.code, 'bought') end
	from api.checkout((select jsonb_agg(fixture.checkout_call(t.c) order by t.n) from unnest(p_calls) with ordinality as t(c, n)), 150, array[p_stuck]) as c
	order by c.n;
$$;

-- The outcome of a call as one text: its code, and the part of the answer that distinguishes it. The other functions raise refusals, which show
-- as errors.
create function fixture.outcome(p_code text, p_answer text) returns text language sql immutable
return coalesce(p_code, 'done') || coalesce(' ' || p_answer, '');

create function fixture.digest(p_text text) returns bytea language sql immutable return ('\x' || md5(p_text))::bytea;

create function fixture.adjust_stock(p_account int, p_listing int, p_delta int, p_key text default null) returns text language sql as $$
	select fixture.outcome(code, answer::text)
	from api.adjust_stock(fixture.session(p_account)::bytea, p_listing / 10, p_listing, p_delta, p_key, fixture.digest(p_delta::text));
$$;

create function fixture.change_price(p_account int, p_listing int, p_cents int) returns text language sql as $$
	select fixture.outcome(null, api.change_listing(fixture.session(p_account)::bytea, p_listing / 10, p_listing, p_cents, null, null) ->> 'price_cents');
$$;

create function fixture.withdraw_listing(p_account int, p_listing int) returns text language sql as $$
	select fixture.outcome(null, api.withdraw_listing(fixture.session(p_account)::bytea, p_listing / 10, p_listing)::text);
$$;

-- Its pictures have `content` in all sizes. The answer: how many photos the listing has.
create function fixture.add_photo(p_account int, p_listing int, p_content text) returns text language sql as $$
	select fixture.outcome(null, json_array_length(api.add_photo(fixture.session(p_account)::bytea, p_listing / 10, p_listing, 3, 2,
		array_fill(p_content::bytea, array[6])) -> 'photos')::text);
$$;

-- The photo by its place in the listing.
create function fixture.delete_photo(p_account int, p_listing int, p_position int) returns text language sql as $$
	select fixture.outcome(null, api.delete_photo(fixture.session(p_account)::bytea, p_listing / 10, p_listing,
		(select f.photo_id from market.photo f where f.listing_id = p_listing and f.position = p_position))::text);
$$;

create view fixture.photos as
select f.listing_id, f.position, encode(i.data, 'escape') as page
from market.photo f left join market.picture_file i on i.hash = f.hash and i.name = 'page.webp'
union all select null, null, count(*) || ' pictures' from market.picture
order by 1, 2;

create function fixture.put_cart_item(p_account int, p_listing int, p_quantity int) returns text language sql as $$
	select string_agg(format('%s x %s', i ->> 'quantity', i ->> 'listing_id'), ', ') || ' for ' || (c ->> 'total_cents')
	from api.put_cart_item(fixture.session(p_account)::bytea, p_listing, p_quantity) as c, json_array_elements(c -> 'items') as i
	group by c ->> 'total_cents';
$$;

create function fixture.cancel_order(p_account int, p_order int, p_key text default null) returns text language sql as $$
	select fixture.outcome(code, answer ->> 'status')
	from api.cancel_order(fixture.session(p_account)::bytea, p_order, p_key, fixture.digest(p_order::text));
$$;

-- p_nth: the first, second... of all shipments, since the ids between them are ledger entries.
create function fixture.change_shipment(p_account int, p_nth int, p_status text) returns text language sql as $$
	select fixture.outcome(null, api.change_shipment(fixture.session(p_account)::bytea, p_account,
		(select p.shipment_id from market.shipment p order by p.shipment_id limit 1 offset p_nth - 1), p_status, null) ->> 'status');
$$;

create function fixture.correct_tracking(p_account int, p_nth int, p_tracking text) returns text language sql as $$
	select fixture.outcome(null, concat_ws(' ', a ->> 'status', a ->> 'tracking'))
	from api.change_shipment(fixture.session(p_account)::bytea, p_account,
		(select p.shipment_id from market.shipment p order by p.shipment_id limit 1 offset p_nth - 1), null, p_tracking) as a;
$$;

create function fixture.start_flash_sale(p_account int, p_discounts int, p_percent_off int, p_key text default null) returns text language sql as $$
	select fixture.outcome(code, answer ->> 'sale_id')
	from api.start_flash_sale(fixture.session(p_account)::bytea, p_account, p_discounts, p_percent_off, null, p_key,
		fixture.digest(p_discounts::text));
$$;

create function fixture.end_sale(p_account int) returns text language sql as $$
	select fixture.outcome(null, api.end_sale(fixture.session(p_account)::bytea, p_account)::text);
$$;

create function fixture.create_shop(p_account int, p_name text, p_key text default null) returns text language sql as $$
	select fixture.outcome(code, answer ->> 'name')
	from api.create_shop(fixture.session(p_account)::bytea, p_name, p_key, fixture.digest(p_name));
$$;

create function fixture.promote_shop(p_account int, p_tier int) returns text language sql as $$
	select fixture.outcome(null, api.promote_shop(fixture.session(p_account)::bytea, p_account, p_tier) ->> 'promotion_tier');
$$;

create function fixture.put_review(p_account int, p_shop int, p_rating int) returns text language sql as $$
	select fixture.outcome(null, api.put_review(fixture.session(p_account)::bytea, p_shop, p_rating, null) ->> 'rating');
$$;

create function fixture.put_wish(p_account int, p_shoe int) returns text language sql as $$
	select fixture.outcome(null, api.put_wish(fixture.session(p_account)::bytea, p_shoe)::text);
$$;

create function fixture.drop_wish(p_account int, p_shoe int) returns text language sql as $$
	select fixture.outcome(null, api.drop_wish(fixture.session(p_account)::bytea, p_shoe)::text);
$$;

create function fixture.put_wishlist(p_account int, variadic p_shoes bigint[]) returns text language sql as $$
	select fixture.outcome(null, api.put_wishlist(fixture.session(p_account)::bytea, p_shoes)::text);
$$;

create function fixture.ask_friend(p_account int, p_other int, p_key text default null) returns text language sql as $$
	select fixture.outcome(code, answer ->> 'status')
	from api.ask_friend(fixture.session(p_account)::bytea, format('account%s@example.org', p_other), null, p_key,
		fixture.digest(p_other::text));
$$;

create function fixture.drop_friend(p_account int, p_other int) returns text language sql as $$
	select fixture.outcome(null, api.drop_friend(fixture.session(p_account)::bytea, p_other)::text);
$$;

create function fixture.withdraw_friend_request(p_account int, p_other int) returns text language sql as $$
	select fixture.outcome(null,
		api.withdraw_friend_request(fixture.session(p_account)::bytea, format('Account%s@example.org', p_other))::text);
$$;

create function fixture.ask_verification(p_account int) returns text language sql as $$
	select fixture.outcome(code, answer ->> 'status') from api.ask_verification(fixture.session(p_account)::bytea, p_account, null, null);
$$;

create function fixture.decide_verification(p_shop int, p_verified boolean, p_reason text) returns text language sql as $$
	select fixture.outcome(null, api.decide_verification(fixture.session(9)::bytea, p_shop, p_verified, p_reason) ->> 'status');
$$;

create function fixture.suspend_shop(p_shop int, p_suspended boolean) returns text language sql as $$
	select fixture.outcome(null, api.suspend_shop(fixture.session(9)::bytea, p_shop, p_suspended, case when p_suspended then 'copies' end) ->> 'suspended');
$$;

create function fixture.suspend_listing(p_listing int, p_suspended boolean) returns text language sql as $$
	select fixture.outcome(null, api.suspend_listing(fixture.session(9)::bytea, p_listing, p_suspended, case when p_suspended then 'a copy' end) ->> 'suspended');
$$;

-- An event of shop 1.
create procedure fixture.event(p_event int, p_capacity int) language sql as $$
	insert into market.event (shop_id, event_id, title, starts_at, capacity, created_at)
	values (1, p_event, 'event ' || p_event, now() + interval '1 day', p_capacity, now());
$$;

-- '3: 51 [key=K]': account 3 books event 51; all calls in one batch. The digest is that of the event.
create function fixture.create_booking(variadic p_calls text[]) returns table (call text, outcome text) language sql as $$
	select p_calls[c.n], fixture.outcome(c.code, concat_ws(' ', c.answer ->> 'status', c.answer ->> 'position'))
	from (select c.n, c.code, c.answer::json as answer from api.create_booking((select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('session', fixture.session(w[1]::int), 'event_id', w[2]::int,
			'key', w[3], 'digest', '\x' || md5(w[2]))) order by t.n)
		from unnest(p_calls) with ordinality as t(c, n)
		cross join regexp_match(t.c, '^(\d+): (\d+)(?: key=(\w+))?$') as w)) as c) c
	order by c.n;
$$;

create function fixture.cancel_booking(p_account int, p_event int) returns text language sql as $$
	select fixture.outcome(null, api.cancel_booking(fixture.session(p_account)::bytea, p_event)::text);
$$;

-- Edits these versions of an event of shop 1.
create function fixture.change_event(p_event int, p_versions int[], p_title text default null, p_capacity int default null) returns text language sql as $$
	select fixture.outcome(null, concat_ws(' ', 'version', a ->> 'version', a ->> 'title', a ->> 'booked', 'of', a ->> 'capacity', 'and', a ->> 'waiting'))
	from api.change_event(fixture.session(1)::bytea, p_event, p_versions, p_title, null, p_capacity) as a;
$$;

create function fixture.call_off_event(p_event int) returns text language sql as $$
	select fixture.outcome(null, api.call_off_event(fixture.session(1)::bytea, p_event)::text);
$$;

-- The events: their counters, the accounts with confirmed and waiting bookings by ticket, the ledger's sums, and violated invariants.
create view fixture.bookings as
	select e.event_id, e.title, e.version, e.booked || ' of ' || e.capacity as booked, e.waiting,
		(select string_agg(b.account_id::text, ' ' order by b.ticket) from market.booking b where b.event_id = e.event_id and b.status = 'confirmed') as confirmed,
		(select string_agg(b.account_id::text, ' ' order by b.ticket) from market.booking b where b.event_id = e.event_id and b.status = 'waiting') as waiting_list,
		(select sum(l.booked) || ' + ' || sum(l.waiting) from market.booking_entry l where l.event_id = e.event_id) as ledger,
		(select string_agg(a.name, '; ') from api.audit_rows() a where a.violations <> 0 and a.name not like 'the server %') as violated
	from market.event e
	order by e.event_id;

-- Signs up; all calls in one batch.
create function fixture.create_account(variadic p_emails text[]) returns table (email text, outcome text) language sql as $$
	select p_emails[c.n], fixture.outcome(c.code, c.answer::json -> 'account' ->> 'email')
	from api.create_account((select jsonb_agg(jsonb_build_object('name', 'Somebody', 'email', e.e, 'password_hash', 'hash',
			'new_session', '\x' || md5(e.e || pg_backend_pid()) || md5(e.e)) order by e.n)
		from unnest(p_emails) with ordinality as e(e, n))) as c
	order by c.n;
$$;

-- '1: Brand Style red [key=K]': lists a pair in the account's shop; all calls in one batch.
create function fixture.create_listing(variadic p_calls text[]) returns table (call text, outcome text, listing text, shoe text, brand text)
language sql as $$
	select p_calls[c.n], coalesce(c.code, 'listed'), c.answer ->> 'listing_id', c.answer ->> 'shoe_id', c.answer ->> 'brand'
	from (select c.n, c.code, c.answer::json as answer from api.create_listing((select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('session', fixture.session(w[1]::int), 'shop_id', w[1]::int,
			'brand', w[2], 'style', w[3], 'color', w[4], 'size', 9.5, 'condition', 'new', 'audience', 'men', 'price_cents', 100, 'quantity', 1,
			'key', w[5], 'digest', '\x' || md5(w[2] || w[3] || w[4]))) order by t.n)
		from unnest(p_calls) with ordinality as t(c, n)
		cross join regexp_match(t.c, '^(\d+): (\w+) (\w+) (\w+)(?: key=(\w+))?$') as w)) as c) c
	order by c.n;
$$;

create function fixture.import_listings(p_shop int) returns text language sql as $$
	select fixture.outcome(null, api.import_listings(fixture.session(p_shop)::bytea, p_shop, '[{"brand": "Brand", "style": "Style", "color": "red", "size": 9.5,
		"condition": "new", "audience": "men", "price_cents": 100, "quantity": 1}]') ->> 'created');
$$;

-- The clock of the functions, which a transaction can set or shift for itself.
create or replace function market.clock() returns timestamptz language sql volatile parallel safe
return clock_timestamp() + coalesce(nullif(current_setting('fixture.clock_offset', true), ''), '0')::int * interval '1 s';

create function fixture.set_clock(p_now timestamptz) returns text language sql
as $$ select set_config('fixture.clock_offset', extract(epoch from p_now - clock_timestamp())::int::text, true) $$;

create function fixture.shift_clock(p_offset_seconds int) returns text language sql as $$ select set_config('fixture.clock_offset', p_offset_seconds::text, true) $$;

-- '3: 11 12 [key=K]': account 3 reserves listings 11 and 12; all calls in one batch.
create function fixture.create_reservation(variadic p_calls text[])
returns table (call text, outcome text, held text, refused text) language sql as $$
	select p_calls[c.n], coalesce(c.code, 'held'),
		(select string_agg((r ->> 'reservation_id') || ': ' || (r ->> 'listing_id'), ', ') from json_array_elements(c.answer -> 'reserved') as r),
		(select string_agg((r ->> 'listing_id') || ': ' || (r ->> 'code'), ', ') from json_array_elements(c.answer -> 'refused') as r)
	from (select c.n, c.code, c.answer::json as answer from api.create_reservation((select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('session', fixture.session(w[1]::int),
			'listing_ids', to_jsonb(string_to_array(w[2], ' ')::int[]), 'hold_seconds', 900, 'key', w[3], 'digest', '\x' || md5(w[2]))) order by t.n)
		from unnest(p_calls) with ordinality as t(c, n)
		cross join regexp_match(t.c, '^(\d+): (\d+(?: \d+)*)(?: key=(\w+))?$') as w)) as c) c
	order by c.n;
$$;

-- The same with the clock shifted, for setups.
create function fixture.create_reservation_at(p_offset_seconds int, variadic p_calls text[]) returns void language plpgsql as $$
begin
	perform fixture.shift_clock(p_offset_seconds);
	perform fixture.create_reservation(variadic p_calls);
	perform fixture.shift_clock(0);
end $$;

create function fixture.cancel_reservation(p_account int, p_reservation int) returns text language sql as $$
	select fixture.outcome(null, api.cancel_reservation(fixture.session(p_account)::bytea, p_reservation)::text);
$$;

-- What the program does twice a second, with the clock shifted.
create function fixture.release_expired(p_offset_seconds int default 0) returns text language plpgsql as $$
declare
	v_outcome text;
begin
	perform fixture.shift_clock(p_offset_seconds);
	v_outcome := 'freed ' || api.release_expired();
	perform fixture.shift_clock(0);
	return v_outcome;
end $$;

create function fixture.create_session(p_account int, p_hash text) returns text language sql as $$
	select fixture.outcome(null, api.create_session(p_account, p_hash, fixture.digest('new') || fixture.digest('session'), null) -> 'account' ->> 'email');
$$;

create function fixture.end_other_sessions(p_session bytea) returns text language sql as $$
	select fixture.outcome(null, api.end_other_sessions(p_session)::text);
$$;

create function fixture.end_account_session(p_session bytea, p_other bytea) returns text language sql as $$
	select fixture.outcome(null, nullif(api.end_account_session(p_session,
		(select s.session_id from market.session s where s.session_digest = p_other)), false)::text);
$$;

create function fixture.change_password(p_account int, p_hash text, p_new_hash text) returns text language sql as $$
	select fixture.outcome(null, api.change_password(fixture.session(p_account)::bytea, p_hash, p_new_hash)::text);
$$;

create function fixture.change_email(p_account int, p_hash text, p_new_email text) returns text language sql as $$
	select fixture.outcome(null, api.change_email(fixture.session(p_account)::bytea, p_hash, p_new_email) ->> 'email');
$$;

-- A slot of a shop; p_from and p_to are minutes after noon of a day in 2090.
create function fixture.delete_account(p_account int) returns text language sql as $$
	select api.delete_account(fixture.session(p_account)::bytea, 'hash'); select 'done';
$$;

-- A token of an account, as the worker makes it, and its use.
create procedure fixture.token(p_account int) language sql as $$
	insert into market.mail_token (token_digest, kind, account_id, email_key, created_at, expires_at)
	select fixture.session(p_account)::bytea, 'confirm', account_id, email_key, now(), 'infinity' from market.account where account_id = p_account;
$$;
create function fixture.confirm_email(p_account int) returns text language sql as $$
	select api.confirm_email(fixture.session(p_account)::bytea); select 'done';
$$;

create procedure fixture.slot(p_shop int, p_slot int, p_station text, p_from int, p_to int) language sql as $$
	insert into market.slot (shop_id, slot_id, station, starts_at, ends_at, created_at)
	values (p_shop, p_slot, p_station, timestamptz '2090-01-01 12:00Z' + p_from * interval '1 minute',
		timestamptz '2090-01-01 12:00Z' + p_to * interval '1 minute', now());
$$;

create function fixture.create_slot(p_account int, p_station text, p_from int, p_to int, p_key text default null) returns text language sql as $$
	select fixture.outcome(code, answer ->> 'station')
	from api.create_slot(fixture.session(p_account)::bytea, p_account, p_station, timestamptz '2090-01-01 12:00Z' + p_from * interval '1 minute',
		timestamptz '2090-01-01 12:00Z' + p_to * interval '1 minute', p_key, fixture.digest(p_station || p_from || p_to));
$$;

create function fixture.book_slot(p_account int, p_slot int, p_key text default null) returns text language sql as $$
	select fixture.outcome(code, 'slot ' || (answer ->> 'slot_id'))
	from api.book_slot(fixture.session(p_account)::bytea, p_slot, p_key, fixture.digest(p_slot::text));
$$;

create function fixture.withdraw_slot(p_account int, p_slot int) returns text language sql as $$
	select fixture.outcome(null, null) from api.withdraw_slot(fixture.session(p_account)::bytea, p_slot) as s;
$$;

create function fixture.cancel_appointment(p_account int, p_slot int) returns text language sql as $$
	select fixture.outcome(null, api.cancel_appointment(fixture.session(p_account)::bytea, p_slot)::text);
$$;

-- The same with payments on (a fee of 10 %), and the payment of the only order that there is then.
create function fixture.checkout_due(variadic p_calls text[]) returns void language plpgsql as $$
begin
	perform api.checkout((select jsonb_agg(fixture.checkout_call(t.c) || '{"payment_terms": [900, 50, 1000]}' order by t.n)
		from unnest(p_calls) with ordinality as t(c, n)));
end $$;

create function fixture.payment_event(p_order int, p_event text, p_detail jsonb default '{}') returns text language sql as $$
	select fixture.outcome(null, concat_ws(' ', a ->> 'was', '->', a ->> 'became')) from api.payment_event(p_order, p_event, p_detail) as a;
$$;

create function fixture.paid(p_order int) returns text language sql as $$
	select fixture.payment_event(p_order, 'paid', jsonb_build_object('session', 'cs_' || p_order, 'payment_intent', 'pi_' || p_order,
		'amount_cents', (select o.total_cents from market.orders o where o.order_id = p_order), 'currency', 'usd'));
$$;

-- The provider's page is open.
create function fixture.open_page(p_order int) returns text language plpgsql as $$
begin
	perform api.payment_event(p_order, 'pay', '{"return_url": "http://127.0.0.1/orders/{order_id}"}');
	return fixture.payment_event(p_order, 'session_created', jsonb_build_object('session', 'cs_' || p_order, 'url', 'http://127.0.0.1/pay',
		'outbox_id', (select s.outbox_id from market.payment_session s where s.order_id = p_order order by s.number desc limit 1)));
end $$;

create function fixture.checkout_paid(p_call text) returns void language plpgsql as $$
begin
	perform fixture.checkout_due(p_call);
	perform fixture.open_page(1);
	perform fixture.paid(1);
end $$;

create function fixture.request_payout(p_account int, p_cents int) returns text language sql as $$
	select fixture.outcome(null, api.request_payout(fixture.session(p_account)::bytea, p_account, p_cents, 3) ->> 'status');
$$;

create function fixture.decide_payout(p_payout int, p_status text) returns text language sql as $$
	select fixture.outcome(null, api.decide_payout(fixture.session(9)::bytea, p_payout, p_status, null) ->> 'status');
$$;

create function fixture.promote_shop_for(p_account int, p_tier int) returns text language sql as $$
	select fixture.outcome(null, api.promote_shop(fixture.session(p_account)::bytea, p_account, p_tier, array[600, 700, 800], 3) ->> 'promotion_tier');
$$;

create function fixture.available(p_shop int) returns bigint language sql as $$ select api.available_cents(p_shop, 3, clock_timestamp()); $$;

-- The counters that have changed, each beside the sum of its ledger and what the placed orders make of it; and violated invariants.
create view fixture.counters as
	select 'pairs of ' || k.listing_id as what, k.available + k.held as counter, e.ledger,
		e.first - coalesce((select sum(l.quantity) from market.order_line l join market.orders o using (order_id)
			where l.listing_id = k.listing_id and o.status = 'placed'), 0) as by_orders
	from market.stock k
	cross join lateral (select sum(e.delta) as ledger, sum(e.delta) filter (where e.order_id is null) as first, count(*) as entries
		from market.stock_ledger e where e.shop_id = k.shop_id and e.listing_id = k.listing_id) e
	where e.entries > 1 or e.ledger <> k.available + k.held
union all
	select 'held of ' || k.listing_id, k.held, r.holds, r.live
	from market.stock k
	cross join lateral (select count(*) as holds, count(*) filter (where r.expires_at > clock_timestamp()) as live
		from market.reservation r where r.shop_id = k.shop_id and r.listing_id = k.listing_id) r
	where k.held <> 0 or r.holds <> 0
union all
	select 'sale ' || f.sale_id || ' of shop ' || f.shop_id, f.discounts_left,
		(select sum(e.delta) from market.discount_ledger e where e.shop_id = f.shop_id and e.sale_id = f.sale_id),
		f.discounts - coalesce((select sum(l.discounted) from market.order_line l join market.orders o using (order_id)
			where l.shop_id = f.shop_id and l.sale_id = f.sale_id and o.status = 'placed'), 0)
	from market.sale f
union all
	select 'cents of shop ' || b.shop_id, b.balance_cents, e.ledger,
		coalesce((select sum(p.total_cents - coalesce(p.fee_cents, 0)) from market.shipment p join market.orders o using (order_id)
			where p.shop_id = b.shop_id and p.status <> 'cancelled' and o.status = 'placed' and coalesce(o.payment_status, 'paid') = 'paid'), 0)
	from market.balance b
	cross join lateral (select sum(e.amount_cents) as ledger, count(*) as entries from market.balance_ledger e where e.shop_id = b.shop_id) e
	where e.entries > 0 or b.balance_cents <> 0
union all
	select 'VIOLATED: ' || a.name, a.violations, null, null from api.audit_rows() as a
	where a.violations <> 0 and a.name not like 'the server %' -- which needs not be durable here
order by 1;
