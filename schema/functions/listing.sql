-- Listings: what a shop offers, how many pairs, at which price.

-- The ids of these shoes in the order asked, one for each (brand, style, color). It first reads (every failed insert uses up an id), then inserts,
-- then reads again: ON CONFLICT DO NOTHING returns no row to the loser of a race, and only a new statement sees the winner's. New shoes are
-- inserted in the order of their keys, and so are the words that come with them, so that two batches cannot deadlock.
create function api.shoe_ids(p_brand text[], p_style text[], p_color text[]) returns bigint[]
language plpgsql as $$
declare
	v_brand_key text[];
	v_style_key text[];
	v_new bigint[];
begin
	select array_agg(market.fold(a.brand)), array_agg(market.fold(a.style)) into v_brand_key, v_style_key
	from unnest(p_brand, p_style) as a(brand, style);

	with asked as (
		select distinct on (a.brand_key, a.style_key, a.color) a.*
		from unnest(p_brand, p_style, p_color, v_brand_key, v_style_key) with ordinality
			as a(brand, style, color, brand_key, style_key, n)
		order by a.brand_key, a.style_key, a.color, a.n
	), made as (
		insert into market.shoe (brand, style, color)
		select a.brand, a.style, a.color
		from asked a
		where not exists (
			select from market.shoe s
			where s.brand_key = a.brand_key and s.style_key = a.style_key and s.color = a.color)
		order by a.brand_key, a.style_key, a.color -- guard: shoe_order
		on conflict (brand_key, style_key, color) do nothing -- guard: shoe
		returning shoe_id
	)
	select array_agg(m.shoe_id) into v_new from made m;

	if v_new is not null then
		perform api.learn_words(v_new);
	end if;

	return (
		select array_agg(f.shoe_id order by f.n)
		from (
			select a.n, min(s.shoe_id) as shoe_id
			from unnest(v_brand_key, v_style_key, p_color) with ordinality as a(brand_key, style_key, color, n)
			join market.shoe s on s.brand_key = a.brand_key and s.style_key = a.style_key and s.color = a.color
			group by a.n
		) f
	);
end
$$;

-- Adds the words of new shoes to the vocabulary.
create function api.learn_words(p_shoe_ids bigint[]) returns void
language plpgsql as $$
begin
	insert into market.shoe_word (word, shoe_id)
	select w.word, s.shoe_id
	from market.shoe s
	cross join lateral unnest(market.words(s.brand || ' ' || s.style || ' ' || s.color)) as w(word)
	where s.shoe_id = any(p_shoe_ids);

	insert into market.word_slip (slip, word)
	select r.slip, w.word
	from (select distinct u.word from market.shoe_word u where u.shoe_id = any(p_shoe_ids)) w
	cross join lateral market.slips(w.word) as r(slip)
	where not exists (select from market.word_slip k where k.slip = w.word and k.word = w.word)
	order by r.slip, w.word
	on conflict (slip, word) do nothing;
end
$$;

-- Lists a batch: calls of {session, shop_id, brand, style, color, size, condition, audience, price_cents, quantity} and maybe {key, digest},
-- in order of arrival. Codes: unauthenticated, not_found, forbidden, key_reused, replayed. Nothing a client can cause raises.
create function api.create_listing(p_calls jsonb)
returns table (n int, code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	v_now timestamptz;
	v_account bigint[];
	v_shop bigint[];
	v_key text[];
	v_digest bytea[];
	v_code text[];
	v_same_key int[]; -- the first call of the same account and key
	v_kept json[];
	v_kept_digest bytea[];
	v_winner int[]; -- by v_same_key: the call that lists; its twins get its answer
	v_listing bigint[]; -- by call: what it lists, or what its winner listed
	v_makes int[]; -- the calls that list, in order of arrival
	v_shoe bigint[]; -- in step with v_makes
	v_calls int;
begin
	select array_agg(c.account_id), array_agg(c.shop_id), array_agg(c.key), array_agg(c.digest), array_agg(c.code), array_agg(c.same_key)
	into v_account, v_shop, v_key, v_digest, v_code, v_same_key
	from (
		select s.account_id, c.shop_id, c.key, c.digest::bytea as digest,
			case
				when s.account_id is null then 'unauthenticated'
				when h.shop_id is null then 'not_found'
				when h.account_id <> s.account_id then 'forbidden'
			end as code,
			min(c.n) over (partition by s.account_id, c.key) as same_key
		from rows from (jsonb_to_recordset(p_calls) as (session text, shop_id bigint, key text, digest text))
			with ordinality as c(session, shop_id, key, digest, n)
		left join market.session s on s.session_digest = c.session::bytea and s.expires_at > market.clock()
		left join market.shop h on h.shop_id = c.shop_id
		order by c.n
	) c;

	-- Locks: the accounts whose keys matter, then the shops (shared: a promotion waits, other listings do not).
	perform from market.cart c
	where c.account_id in (select u.account_id from unnest(v_account, v_key, v_code) as u(account_id, key, code)
		where u.key is not null and u.code is null)
	order by c.account_id
	for no key update;
	perform from market.shop h
	where h.shop_id in (select u.shop_id from unnest(v_shop, v_code) as u(shop_id, code) where u.code is null)
	order by h.shop_id
	for share;

	select array_agg(u.answer), array_agg(u.digest) into v_kept, v_kept_digest
	from (select k.answer, k.digest
		from unnest(v_account, v_key) with ordinality as c(account_id, key, n)
		left join lateral (
			select k.answer::json, k.digest from market.idempotency k where k.account_id = c.account_id and k.key = c.key
			offset 0 -- guard: one_by_one
		) k on true
		order by c.n) u;

	v_calls := coalesce(cardinality(v_code), 0);
	v_listing := array_fill(null::bigint, array[v_calls]); -- from 1 on: unnest counts from the first element that is there
	for i in 1 .. v_calls loop
		if v_code[i] is not null then
			continue;
		elsif v_kept_digest[i] is not null then
			v_code[i] := case when v_kept_digest[i] = v_digest[i] then 'replayed' else 'key_reused' end;
		elsif v_key[i] is not null and v_winner[v_same_key[i]] is not null then
			if v_digest[v_winner[v_same_key[i]]] = v_digest[i] then
				v_code[i] := 'replayed';
				v_listing[i] := v_listing[v_winner[v_same_key[i]]];
			else
				v_code[i] := 'key_reused';
			end if;
		else
			v_winner[v_same_key[i]] := i;
			v_makes := v_makes || i;
			v_listing[i] := nextval('market.listing_listing_id_seq');
		end if;
	end loop;

	if v_makes is not null then
		select api.shoe_ids(array_agg(c.brand), array_agg(c.style), array_agg(c.color)) into v_shoe
		from (select c.*
			from rows from (jsonb_to_recordset(p_calls) as (brand text, style text, color text)) with ordinality as c(brand, style, color, n)
			where c.n = any(v_makes)
			order by c.n) c;
		v_now := market.clock();

		insert into market.listing (shop_id, listing_id, shoe_id, brand_key, color, size, condition, audience, price_cents, in_stock,
			promotion_tier, created_at)
		select h.shop_id, v_listing[c.n], s.shoe_id, s.brand_key, s.color, c.size, c.condition, c.audience, c.price_cents, true, h.promotion_tier, v_now
		from rows from (jsonb_to_recordset(p_calls) as (shop_id bigint, size numeric, condition text, audience text, price_cents bigint))
			with ordinality as c(shop_id, size, condition, audience, price_cents, n)
		join unnest(v_makes, v_shoe) as m(n, shoe_id) on m.n = c.n
		join market.shoe s on s.shoe_id = m.shoe_id
		join market.shop h on h.shop_id = c.shop_id
		order by c.n;

		with stocked as (
			insert into market.stock (shop_id, listing_id, available)
			select c.shop_id, v_listing[c.n], c.quantity
			from rows from (jsonb_to_recordset(p_calls) as (shop_id bigint, quantity bigint)) with ordinality as c(shop_id, quantity, n)
			where c.n = any(v_makes)
			returning shop_id, listing_id, available
		)
		insert into market.stock_entry (shop_id, listing_id, delta, reason, at)
		select k.shop_id, k.listing_id, k.available, 'listed', v_now from stocked k;

		insert into market.idempotency (account_id, key, digest, answer, created_at)
		select c.account_id, c.key, c.digest, o.answer, v_now
		from unnest(v_account, v_key, v_digest, v_listing) with ordinality as c(account_id, key, digest, listing_id, n)
		join api.offer o on o.listing_id = c.listing_id
		where c.key is not null and c.n = any(v_makes);
	end if;

	return query
	select c.n::int, c.code, case when c.code is null or c.code = 'replayed' then coalesce(c.kept, o.answer) end
	from unnest(v_code, v_listing, v_kept) with ordinality as c(code, listing_id, kept, n)
	left join api.offer o on o.listing_id = c.listing_id
	order by c.n;
end
$$;

-- Locks a listing, and returns how many pairs can be sold; reserved ones cannot. Refuses (not_found) a listing that does not exist or was
-- withdrawn.
create function api.lock_listing(p_shop_id bigint, p_listing_id bigint) returns bigint
language plpgsql as $$
declare
	v_available bigint;
	v_held bigint;
begin
	perform from market.stock k where k.shop_id = p_shop_id and k.listing_id = p_listing_id
	for no key update -- guard: stock
	;
	select k.available, k.held into v_available, v_held
	from market.stock k
	join market.listing l on l.shop_id = k.shop_id and l.listing_id = k.listing_id
	where k.shop_id = p_shop_id and k.listing_id = p_listing_id and l.withdrawn_at is null;
	if not found then
		perform api.refuse('not_found');
	elsif v_held > 0 then
		v_available := v_available + api.free_expired(array[p_listing_id], market.clock());
	end if;
	return v_available;
end
$$;

create function api.change_price(p_session bytea, p_shop_id bigint, p_listing_id bigint, p_price_cents bigint) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform api.lock_listing(p_shop_id, p_listing_id);
	update market.listing set price_cents = p_price_cents where shop_id = p_shop_id and listing_id = p_listing_id;
	return (select o.answer from api.offer o where o.shop_id = p_shop_id and o.listing_id = p_listing_id);
end
$$;

-- Adds to the stock or takes from it: the counter and its ledger, together.
create function api.adjust_stock(p_session bytea, p_shop_id bigint, p_listing_id bigint, p_delta bigint,
	p_key text, p_digest bytea)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	v_account_id bigint := api.require(p_session, 'owner', p_shop_id);
	v_kept json := api.key_claim(v_account_id, p_key, p_digest);
	v_available bigint;
	v_answer json;
begin
	if v_kept is not null then
		return query select 'replayed', v_kept;
		return;
	end if;
	v_available := api.lock_listing(p_shop_id, p_listing_id);
	if v_available + p_delta < 0 then
		perform api.refuse('out_of_stock', null, json_build_object('errors', json_build_array(json_build_object(
			'listing_id', p_listing_id, 'available', v_available, 'message', format('There are %s.', v_available)))));
	end if;
	update market.stock k set available = k.available + p_delta
	where k.shop_id = p_shop_id and k.listing_id = p_listing_id
	returning k.available into v_available;
	insert into market.stock_entry (shop_id, listing_id, delta, reason, at)
	values (p_shop_id, p_listing_id, p_delta, 'adjusted', market.clock());
	update market.listing l set in_stock = v_available > 0
	where l.shop_id = p_shop_id and l.listing_id = p_listing_id and l.in_stock <> (v_available > 0);

	v_answer := json_build_object('available', v_available);
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;

-- Withdraws a listing for good. Its reservations end with it.
create function api.withdraw_listing(p_session bytea, p_shop_id bigint, p_listing_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform api.lock_listing(p_shop_id, p_listing_id);
	perform api.end_holds(array_agg(r.shop_id), array_agg(r.reservation_id), false)
	from market.reservation r
	where r.shop_id = p_shop_id and r.listing_id = p_listing_id;
	update market.listing set withdrawn_at = market.clock(), in_stock = false
	where shop_id = p_shop_id and listing_id = p_listing_id;
end
$$;

-- A shop's listings, newest first; sold-out ones for its owner alone.
create function api.shop_listings(p_session bytea, p_shop_id bigint, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'anyone');
	v_before bigint := api.cursor_id(p_cursor, 'l');
	v_owner bigint;
begin
	select h.account_id into v_owner from market.shop h where h.shop_id = p_shop_id;
	if v_owner is null then
		perform api.refuse('not_found');
	end if;
	return (
		with page as (
			select l.listing_id, row_number() over (order by l.listing_id desc) as nth
			from market.listing l
			where l.shop_id = p_shop_id and (v_before is null or l.listing_id < v_before)
				and (l.in_stock or (v_owner = v_account_id and l.withdrawn_at is null))
			order by l.listing_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'listings', coalesce((select json_agg(o.answer order by p.nth)
				from page p join api.offer o on o.shop_id = p_shop_id and o.listing_id = p.listing_id
				where p.nth <= p_limit), '[]'),
			'next', (select 'l' || max(p.listing_id) filter (where p.nth = p_limit) from page p having count(*) > p_limit))
	);
end
$$;
