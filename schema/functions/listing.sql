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
		-- without shoe_order: order by a.n
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

-- Adds the words of shoes, and to the vocabulary those that are no joined ones; and their suggestions.
create function api.learn_words(p_shoe_ids bigint[]) returns void
language plpgsql as $$
begin
	insert into market.shoe_word (word, shoe_id)
	select w.word, s.shoe_id
	from market.shoe s
	cross join lateral unnest(market.shoe_words(s.brand, s.style, s.color)) as w(word)
	where s.shoe_id = any(p_shoe_ids)
	on conflict (shoe_id, word) do nothing;

	insert into market.word_slip (slip, word)
	select r.slip, w.word
	from (
		select distinct u.word
		from market.shoe s
		cross join lateral unnest(market.words(s.brand || ' ' || s.style || ' ' || s.color)) as u(word)
		where s.shoe_id = any(p_shoe_ids)) w
	cross join lateral market.slips(w.word) as r(slip)
	where not exists (select from market.word_slip k where k.slip = w.word and k.word = w.word)
	order by r.slip, w.word
	on conflict (slip, word) do nothing;

	perform api.learn_suggestions(p_shoe_ids);
end
$$;

-- Adds the listings of these lines of {shop_id, brand, style, color, size, condition, audience, price_cents, quantity} and maybe {description, box}, each
-- with its element of p_listing_id; NULL: that line is left out. Returns the time. The shops are locked: what a suspended one lists is suspended too.
create function api.add_listings(p_lines jsonb, p_listing_id bigint[]) returns timestamptz
language plpgsql as $$
declare
	v_shoe_id bigint[]; -- of those that are not left out
	v_now timestamptz;
begin
	select api.shoe_ids(array_agg(c.brand order by c.n), array_agg(c.style order by c.n), array_agg(c.color order by c.n)) into v_shoe_id
	from rows from (jsonb_to_recordset(p_lines) as (brand text, style text, color text), unnest(p_listing_id))
		with ordinality as c(brand, style, color, listing_id, n)
	where c.listing_id is not null;
	v_now := market.clock();

	insert into market.listing (shop_id, listing_id, shoe_id, brand_key, color, size, condition, audience, price_cents, in_stock,
		promotion_tier, created_at, description, box, suspended)
	select h.shop_id, c.listing_id, s.shoe_id, s.brand_key, s.color, c.size, c.condition, c.audience, c.price_cents, not h.suspended, h.promotion_tier, v_now,
		nullif(c.description, ''), nullif(c.box, ''), h.suspended
	from (
		select c.*, row_number() over (order by c.n) as nth
		from rows from (jsonb_to_recordset(p_lines) as (shop_id bigint, size numeric, condition text, audience text, price_cents bigint, description text,
			box text), unnest(p_listing_id)) with ordinality as c(shop_id, size, condition, audience, price_cents, description, box, listing_id, n)
		where c.listing_id is not null) c
	join market.shoe s on s.shoe_id = v_shoe_id[c.nth]
	join market.shop h on h.shop_id = c.shop_id
	order by c.n;

	with stocked as (
		insert into market.stock (shop_id, listing_id, available)
		select c.shop_id, c.listing_id, c.quantity
		from rows from (jsonb_to_recordset(p_lines) as (shop_id bigint, quantity bigint), unnest(p_listing_id)) as c(shop_id, quantity, listing_id)
		where c.listing_id is not null
		returning shop_id, listing_id, available
	)
	insert into market.stock_entry (shop_id, listing_id, delta, reason, at)
	select k.shop_id, k.listing_id, k.available, 'listed', v_now from stocked k;
	return v_now;
end
$$;

-- Lists pairs: a batch of calls of {session, shop_id, brand, style, color, size, condition, audience, price_cents, quantity} and maybe {description, box,
-- key, digest}, see batch.sql. Codes: unauthenticated, not_found, forbidden, replayed, key_reused.
create function api.create_listing(p_calls jsonb, p_lock_ms int default null, p_stuck text[] default null)
returns table (n int, code text, answer text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
	v_batch api.batch;
	v_answer text[];
	v_winner int[]; -- by v_batch.first: the call that lists
	v_listing_id bigint[]; -- of each call; NULL: refused, or a duplicate
	v_now timestamptz;
begin
	v_batch := api.batch_begin(p_calls, 'owner', p_lock_ms => p_lock_ms, p_stuck => p_stuck);
	if v_batch.diverts then
		v_batch := api.batch_divert_by(v_batch, 'shop', p_calls, 'shop_id');
	end if;
	v_answer := v_batch.answer;

	-- The shops: shared, so that a promotion waits and other listings do not.
	perform from market.shop h
	where h.shop_id in (
		select c.shop_id
		from rows from (jsonb_to_recordset(p_calls) as (shop_id bigint), unnest(v_batch.code)) as c(shop_id, code)
		where c.code is null)
	order by h.shop_id
	for share;

	v_winner := array_fill(null::int, array[v_batch.calls]);
	v_listing_id := array_fill(null::bigint, array[v_batch.calls]);
	for i in 1 .. v_batch.calls loop
		continue when v_batch.code[i] is not null or v_winner[v_batch.first[i]] is not null;
		v_winner[v_batch.first[i]] := i;
		v_listing_id[i] := nextval('market.listing_listing_id_seq');
	end loop;

	if 0 < any(v_winner) then
		v_now := api.add_listings(p_calls, v_listing_id);
		select array_agg(coalesce(c.answer, o.answer::text) order by c.n) into v_answer
		from unnest(v_answer, v_listing_id) with ordinality as c(answer, listing_id, n)
		left join lateral (select o.answer from api.offer o where o.listing_id = c.listing_id offset 0) o on true;
	end if;
	return query select * from api.batch_end(v_batch, v_batch.code, v_answer, v_winner, v_now);
end
$$;

-- How many pairs are left of each of these listings, in the order of their keys: neither sold nor held. One element for each listing, however
-- often it is named.
create function api.listings_left(p_shop_ids bigint[], p_listing_ids bigint[]) returns bigint[]
language plpgsql as $$
begin
	return (
		select array_agg(i.available)
		from (
			select case when l.withdrawn_at is null and not l.suspended then coalesce(k.available, 0) else 0 end as available
			from (select distinct i.shop_id, i.listing_id from unnest(p_shop_ids, p_listing_ids) as i(shop_id, listing_id)) i
			left join lateral (
				select l.withdrawn_at, l.suspended from market.listing l where l.shop_id = i.shop_id and l.listing_id = i.listing_id offset 0) l on true
			left join lateral (
				select k.available from market.stock k where k.shop_id = i.shop_id and k.listing_id = i.listing_id offset 0) k on true
			order by i.shop_id, i.listing_id
		) i
	);
end
$$;

-- What an out_of_stock says: every line that cannot be had, with how many there are.
create function api.shortage(p_listing_ids bigint[], p_available bigint[]) returns json
language sql immutable
return (
	select json_build_object('errors', json_agg(json_build_object(
		'listing_id', s.listing_id,
		'available', s.available,
		'message', case s.available when 0 then 'None left.' when 1 then 'Only 1 left.' else format('Only %s left.', s.available) end)
		order by s.n))
	from unnest(p_listing_ids, p_available) with ordinality as s(listing_id, available, n)
);

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

-- Changes what is given; '' takes a description or a box away.
create function api.change_listing(p_session bytea, p_shop_id bigint, p_listing_id bigint, p_price_cents bigint, p_description text, p_box text)
returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform api.lock_listing(p_shop_id, p_listing_id);
	update market.listing l
	set price_cents = coalesce(p_price_cents, l.price_cents),
		description = case when p_description is null then l.description else nullif(p_description, '') end,
		box = case when p_box is null then l.box else nullif(p_box, '') end
	where l.shop_id = p_shop_id and l.listing_id = p_listing_id;
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
	where l.shop_id = p_shop_id and l.listing_id = p_listing_id and l.in_stock <> (v_available > 0) and not l.suspended;

	v_answer := json_build_object('available', v_available);
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;

-- Withdraws a listing for good. Its reservations end with it, and its photos: no page would let its owner delete them.
create function api.withdraw_listing(p_session bytea, p_shop_id bigint, p_listing_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform from market.stock k where k.shop_id = p_shop_id and k.listing_id = p_listing_id
	for no key update -- guard: stock
	;
	if exists (select from market.listing l where l.shop_id = p_shop_id and l.listing_id = p_listing_id and l.withdrawn_at is not null) then
		perform api.refuse_unchanged('not_found');
	end if;
	perform api.lock_listing(p_shop_id, p_listing_id);
	perform api.end_holds(array_agg(r.shop_id), array_agg(r.reservation_id), false)
	from market.reservation r
	where r.shop_id = p_shop_id and r.listing_id = p_listing_id;
	update market.listing set withdrawn_at = market.clock(), in_stock = false
	where shop_id = p_shop_id and listing_id = p_listing_id;
	perform api.lock_photos(p_listing_id);
	perform api.end_photos(p_shop_id, p_listing_id);
end
$$;

-- A shop's listings, newest first; sold-out and suspended ones for its owner and admins alone. p_q: each of its words begins one of the shoe, or is the size, the condition or
-- for whom it is. p_stock: in, low (new shoes, two pairs or fewer), out, suspended; NULL: all.
create function api.shop_listings(p_session bytea, p_shop_id bigint, p_q text, p_stock text, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'anyone');
	v_before bigint := api.cursor_id(p_cursor, 'l');
	v_sees_all boolean;
	v_words text[] := market.words(p_q);
begin
	perform api.must_see_shop(v_account_id, p_shop_id);
	v_sees_all := api.sees_suspended(v_account_id, p_shop_id);
	return (
		with page as (
			select l.listing_id, row_number() over (order by l.listing_id desc) as nth
			from market.listing l
			where l.shop_id = p_shop_id and (v_before is null or l.listing_id < v_before)
				and (l.in_stock or (v_sees_all and l.withdrawn_at is null))
				and (p_stock is null or exists (
					select from market.stock k
					where k.shop_id = l.shop_id and k.listing_id = l.listing_id and case p_stock
						when 'suspended' then l.suspended
						when 'in' then k.available > 0
						when 'low' then k.available <= 2 and l.condition = 'new'
						else k.available = 0 end
					offset 0))
				and (v_words is null or not exists (
					select
					from unnest(v_words) as t(word)
					where t.word not in ('us', 'size')
						and t.word not in (trim_scale(l.size)::text, l.condition) and not starts_with(t.word, l.audience)
						and not exists (select from market.shoe_word w where w.shoe_id = l.shoe_id and starts_with(w.word, t.word))))
			order by l.listing_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'listings', coalesce((select json_agg(case when o.suspended then api.with_suspension(o.answer, o.shop_id, o.listing_id) else o.answer end
					order by p.nth)
				from page p join api.offer o on o.shop_id = p_shop_id and o.listing_id = p.listing_id
				where p.nth <= p_limit), '[]'),
			'next', (select 'l' || max(p.listing_id) filter (where p.nth = p_limit) from page p having count(*) > p_limit))
	);
end
$$;
