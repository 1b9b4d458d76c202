-- Checkout: the one place where pairs are sold. It takes a batch of calls in order of arrival and carries all of them out in one
-- transaction: all locks first, then all reads, then call by call in memory, then all writes, each table once. A call alone is a
-- batch of one.
--
-- A batch is held in arrays. v_... is one element for each call, l_... one for each line (a listing that a call asks for; lines
-- stand in the order of their calls, within a call shop by shop, and there in the order asked), g_... one for each listing that is asked
-- for, s_... one for each shop: what is left of the listing that line j asks for is g_left[l_goods[j]]. All are there once, however many ask
-- for them.

-- The locks of a checkout after the account's own, in the order that everybody keeps: stock, sales, balances. Answers the sales it locked:
-- only these may be used. One that began while this waited is not among them, and was not there when these buyers came.
-- (A checkout has its lines, and its goods, in the order of their keys already; the storm crossed_carts takes that away too, to show what the order is for.)
create function api.lock_goods(p_shop_ids bigint[], p_listing_ids bigint[]) returns bigint[]
language plpgsql as $$
declare
	v_sale_ids bigint[];
begin
	perform from market.stock k
	join unnest(p_shop_ids, p_listing_ids) as l(shop_id, listing_id) on k.shop_id = any(array[l.shop_id]) and k.listing_id = l.listing_id
	order by l.shop_id, l.listing_id -- guard: stock_order
	for no key update of k -- guard: stock
	;
	select array_agg(f.sale_id) into v_sale_ids
	from (
		select f.sale_id
		from market.sale f
		where f.shop_id = any(p_shop_ids) and f.replaced_at is null
		order by f.shop_id
		for no key update -- guard: sale
	) f;
	perform from market.balance b
	where b.shop_id = any(p_shop_ids)
	order by b.shop_id
	for no key update -- guard: balance
	;
	return v_sale_ids;
end
$$;

-- How many pairs are left of each of these listings, in the order of their keys: neither sold nor held. Each is told once, however often it is named.
create function api.goods_left(p_shop_ids bigint[], p_listing_ids bigint[]) returns bigint[]
language plpgsql as $$
begin
	return (
		select array_agg(g.available)
		from (
			select case when l.withdrawn_at is null then coalesce(k.available, 0) else 0 end as available
			from (select distinct i.shop_id, i.listing_id from unnest(p_shop_ids, p_listing_ids) as i(shop_id, listing_id)) i
			left join lateral (
				select l.withdrawn_at from market.listing l where l.shop_id = i.shop_id and l.listing_id = i.listing_id offset 0) l on true
			left join lateral (
				select k.available from market.stock k where k.shop_id = i.shop_id and k.listing_id = i.listing_id offset 0) k on true
			order by i.shop_id, i.listing_id
		) g
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

-- Calls of {session, key, digest} and maybe {items: [{listing_id, quantity}]} (else the cart is bought), expected_total_cents, delivery.
-- Codes: replayed, unauthenticated, key_reused, invalid, forbidden, cart_empty, out_of_stock, price_changed. Nothing a client can
-- cause raises. The plans are made once and hold for every batch; the helpers above run under the same settings. Of a table that was all but
-- empty when a plan was made, every row would be looked at for every call, however many there are by now; and counters are vacuumed, and counted
-- anew, while they are few. So where they are read stands offset 0: look by look through the index, always. Where they are locked or
-- changed, their first column is any(array[...]) of the one that is looked for: an index can answer that, but nothing can be merged by it, so there is no plan
-- but look by look, either. (Naming all the shops once more, as a list, made every look cost as much as there were shops and lines.)
create function api.checkout(p_calls jsonb)
returns table (n int, code text, answer text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
	v_now timestamptz;
	-- what the calls say
	v_account bigint[];
	v_key text[];
	v_digest bytea[];
	v_items jsonb[]; -- NULL: the cart
	v_carts boolean; -- whether there is such a one
	v_wanted jsonb[]; -- the same items, or what is in the cart
	v_expected bigint[];
	v_delivery text[];
	v_address json[];
	-- their lines
	l_call int[];
	l_shop_id bigint[]; -- 0: there is no such listing
	l_listing_id bigint[];
	l_quantity int[];
	l_position int[]; -- in the call
	l_goods int[]; -- which g_... it asks for
	-- the goods, in the order of their keys
	g_shop_id bigint[];
	g_listing_id bigint[];
	g_shop int[]; -- which s_... they are of
	g_left bigint[]; -- pairs that nobody holds; 0 if the listing is gone
	g_had bigint[]; -- and before this batch, with the holds that it uses up
	g_price bigint[];
	g_shoe text[]; -- as it stands in an answer
	-- the shops, likewise
	s_owner bigint[];
	s_shop_id bigint[];
	s_shop text[]; -- as it stands in an answer
	s_left int[]; -- discounts; 0 if there is no sale
	s_had int[]; -- and before this batch
	s_percent int[];
	s_sale_id bigint[];
	s_sold bigint[]; -- pairs
	s_cents bigint[]; -- and what they brought
	v_sale_ids bigint[];
	-- holds: looked at only where somebody has one
	v_held boolean; -- of these goods
	l_hold bigint[]; -- the buyer's own, of this listing; 0: none
	v_used bigint[]; -- holds that orders use up, and their shops
	v_used_shop_id bigint[];
	-- what is decided
	v_code text[];
	v_answer text[];
	v_order bigint[]; -- NULL: none
	v_total bigint[];
	v_discount bigint[];
	l_shipment_id bigint[]; -- NULL: not sold
	l_discounted int[];
	l_total bigint[];
	l_pairs int[]; -- of the shipment whose last line this is, NULL of the others; and what they cost
	l_cents bigint[];
	v_calls int;
	v_locked int; -- carts
	v_at text; -- now
	v_known record; -- a key that was kept
	-- of the call at hand
	v_first int; -- its lines
	v_next int := 1;
	v_twin int; -- the earlier call with this account and key that bought; NULL: none
	v_emptied boolean := false; -- whether an earlier call bought this cart
	v_short boolean;
	v_own boolean;
	v_sum bigint;
	v_saved bigint; -- by discounts
	v_parcels text; -- as they stand in the answer
	-- of the line at hand, then of the shipment
	v_good int;
	v_shop int;
	v_pairs int;
	v_cents bigint;
	v_shipment_id bigint;
	v_lines text; -- as they stand in the answer
begin
	-- Who asks, and for what.
	select array_agg(c.account_id), array_agg(c.key), array_agg(c.digest), array_agg(c.items), array_agg(c.expected), array_agg(c.delivery),
		array_agg(case when c.account_id is null then 'unauthenticated' end)
	into v_account, v_key, v_digest, v_items, v_expected, v_delivery, v_code
	from (
		select s.account_id, c.key, c.digest::bytea as digest,
			case when jsonb_typeof(c.items) = 'array' then c.items end as items,
			c.expected, coalesce(c.delivery, 'pickup') as delivery
		from rows from (jsonb_to_recordset(p_calls) as (session text, key text, digest text, items jsonb, expected_total_cents bigint, delivery text))
			with ordinality as c(session, key, digest, items, expected, delivery, n)
		left join market.session s on s.session_digest = c.session::bytea and s.expires_at > market.clock()
		order by c.n
	) c;
	v_calls := coalesce(cardinality(v_account), 0);
	if 'ship' = any(v_delivery) then
		select array_agg(a.address order by i) into v_address
		from generate_series(1, v_calls) as i
		cross join lateral (
			select case when v_delivery[i] = 'ship' then
				(select api.address_answer(d) from market.address d where d.account_id = v_account[i]) end) as a(address);
	end if;

	-- The first locks: the carts. Then the keys can be read, and the lines: nobody else changes these carts now.
	perform from market.cart c
	where c.account_id = any(v_account)
	order by c.account_id -- guard: cart_order
	for no key update -- guard: cart
	;
	get diagnostics v_locked = row_count; -- as many as there are calls, if each is another account's
	v_answer := array_fill(null::text, array[v_calls]);
	for v_known in
		select i as n, k.answer, k.digest = v_digest[i] as same
		from generate_series(1, v_calls) as i
		cross join lateral (
			select k.answer, k.digest from market.idempotency k where k.account_id = v_account[i] and k.key = v_key[i] offset 0) k
	loop
		v_code[v_known.n] := case when v_known.same then 'replayed' else 'key_reused' end;
		v_answer[v_known.n] := case when v_known.same then v_known.answer end;
	end loop;

	-- What is wanted. Most bring their items with them.
	v_wanted := v_items;
	v_carts := array_position(v_items, null) > 0;
	if v_carts then
		select array_agg(coalesce(v_items[i], t.items) order by i) into v_wanted
		from generate_series(1, v_calls) as i
		cross join lateral (
			select jsonb_agg(jsonb_build_object('listing_id', t.listing_id, 'quantity', t.quantity) order by t.added_at, t.listing_id) as items
			from market.cart_item t
			where t.account_id = v_account[i] and v_items[i] is null and v_code[i] is null) t;
	end if;
	select array_agg(i.n), array_agg(i.shop_id), array_agg(i.listing_id), array_agg(i.quantity), array_agg(i.position), array_agg(i.goods)
	into l_call, l_shop_id, l_listing_id, l_quantity, l_position, l_goods
	from (
		select a.n, coalesce(l.shop_id, 0) as shop_id, a.listing_id, sum(a.quantity)::int as quantity, min(a.position)::int as position,
			dense_rank() over (order by coalesce(l.shop_id, 0), a.listing_id)::int as goods
		from (
			select c.n, i.listing_id, i.quantity, i.position
			from generate_series(1, v_calls) as c(n)
			cross join lateral rows from (jsonb_to_recordset(v_wanted[c.n]) as (listing_id bigint, quantity int))
				with ordinality as i(listing_id, quantity, position)
			where v_code[c.n] is null
		) a
		left join lateral (select l.shop_id from market.listing l where l.listing_id = a.listing_id offset 0) l on true
		group by coalesce(l.shop_id, 0), a.listing_id, a.n
		order by n, shop_id, position
	) i;
	select array_agg(g.shop_id), array_agg(g.listing_id), array_agg(g.shop) into g_shop_id, g_listing_id, g_shop
	from (
		select i.shop_id, i.listing_id, dense_rank() over (order by i.shop_id)::int as shop
		from (select distinct l_shop_id[j] as shop_id, l_listing_id[j] as listing_id from generate_series(1, cardinality(l_call)) as j) i
		order by i.shop_id, i.listing_id
	) g;

	-- All other locks; then, in statements of their own, what they guard.
	v_sale_ids := api.lock_goods(g_shop_id, g_listing_id);
	v_now := market.clock();
	v_at := market.rfc3339(v_now);

	select array_agg(g.available), array_agg(g.price_cents), array_agg(g.shoe), coalesce(bool_or(g.held > 0), false)
	into g_left, g_price, g_shoe, v_held
	from (
		select case when l.withdrawn_at is null then coalesce(k.available, 0) else 0 end as available, coalesce(l.price_cents, 0) as price_cents,
			api.shoe_text(s.brand, s.style, s.color::text, l.size) as shoe, k.held
		from generate_series(1, cardinality(g_shop)) as i
		left join lateral (
			select l.withdrawn_at, l.price_cents, l.size, l.shoe_id from market.listing l
			where l.shop_id = g_shop_id[i] and l.listing_id = g_listing_id[i] offset 0) l on true
		left join lateral (
			select k.available, k.held from market.stock k where k.shop_id = g_shop_id[i] and k.listing_id = g_listing_id[i] offset 0) k on true
		left join lateral (select s.brand, s.style, s.color from market.shoe s where s.shoe_id = l.shoe_id offset 0) s on true
		order by i
	) g;
	select array_agg(s.shop_id), array_agg(s.account_id), array_agg(s.shop), array_agg(s.discounts_left), array_agg(s.percent_off), array_agg(s.sale_id)
	into s_shop_id, s_owner, s_shop, s_left, s_percent, s_sale_id
	from (
		select i.shop_id, h.account_id, api.shop_text(h.shop_id, h.name) as shop, coalesce(f.discounts_left, 0) as discounts_left,
			coalesce(f.percent_off, 0) as percent_off, f.sale_id
		from (select distinct i.shop_id from unnest(g_shop_id) as i(shop_id)) i
		left join market.shop h on h.shop_id = i.shop_id
		left join market.sale f on f.shop_id = i.shop_id and f.sale_id = any(v_sale_ids)
			and f.replaced_at is null and f.starts_at <= v_now and (f.ends_at is null or f.ends_at > v_now)
		order by i.shop_id
	) s;
	if v_held then -- what has expired is free to the next taker, and what a buyer holds is the buyer's
		perform api.free_expired(g_listing_id, v_now);
		g_left := api.goods_left(g_shop_id, g_listing_id);
		select array_agg(coalesce(r.reservation_id, 0) order by i.n) into l_hold
		from unnest(l_call, l_listing_id) with ordinality as i(call, listing_id, n)
		left join lateral (
			select r.reservation_id from market.reservation r where r.account_id = v_account[i.call] and r.listing_id = i.listing_id offset 0) r on true;
	end if;
	l_discounted := array_fill(0, array[coalesce(cardinality(l_call), 0)]);
	g_had := g_left;
	s_had := s_left;
	s_sold := array_fill(0::bigint, array[coalesce(cardinality(s_left), 0)]);
	s_cents := s_sold;

	-- Call by call, in order of arrival, each seeing what those before it took.
	for i in 1 .. v_calls loop
		continue when v_code[i] is not null; -- and it has no lines

		-- What it asks for: whether that is there, and what it costs. It has the discounts as soon as they are counted.
		v_first := v_next;
		v_short := false;
		v_own := false;
		v_sum := 0;
		v_saved := 0;
		while l_call[v_next] = i loop
			v_good := l_goods[v_next];
			v_shop := g_shop[v_good];
			v_short := v_short or l_quantity[v_next] > g_left[v_good] + case when l_hold[v_next] > 0 then 1 else 0 end;
			v_own := v_own or s_owner[v_shop] = v_account[i];
			v_cents := g_price[v_good] * l_quantity[v_next];
			if s_left[v_shop] > 0 then
				v_pairs := least(l_quantity[v_next], s_left[v_shop]);
				v_saved := v_saved + v_cents;
				v_cents := v_cents - v_pairs * (g_price[v_good] - g_price[v_good] * (100 - s_percent[v_shop]) / 100);
				v_saved := v_saved - v_cents;
				l_discounted[v_next] := v_pairs;
				s_left[v_shop] := s_left[v_shop] - v_pairs;
			end if;
			l_total[v_next] := v_cents;
			v_sum := v_sum + v_cents;
			v_next := v_next + 1;
		end loop;

		-- Whether it is refused, or was answered a moment ago.
		if v_locked < v_calls then
			v_twin := null;
			v_emptied := false;
			for k in array_position(v_account, v_account[i]) .. i - 1 loop
				if v_order[k] > 0 and v_account[k] = v_account[i] then
					v_emptied := v_emptied or v_items[k] is null;
					if v_key[k] = v_key[i] then
						v_twin := k;
					end if;
				end if;
			end loop;
		end if;
		v_code[i] := case
			when v_twin is not null then case when v_digest[v_twin] = v_digest[i] then 'replayed' else 'key_reused' end
			when v_delivery[i] = 'ship' and v_address[i] is null then 'invalid'
			when v_own then 'forbidden'
			when v_first = v_next or v_emptied and v_items[i] is null then 'cart_empty'
			when v_short then 'out_of_stock'
			when v_sum > v_expected[i] then 'price_changed'
		end;
		if v_code[i] is not null then
			for j in v_first .. v_next - 1 loop
				s_left[g_shop[l_goods[j]]] := s_left[g_shop[l_goods[j]]] + l_discounted[j];
			end loop;
			v_answer[i] := case v_code[i]
				when 'replayed' then v_answer[v_twin]
				when 'invalid' then api.field_error('delivery', 'Say where to first: your account has no address yet.')::text
				when 'forbidden' then '{"detail": "One does not buy in one''s own shop."}'
				when 'out_of_stock' then (
					select api.shortage(array_agg(l_listing_id[j] order by l_position[j]), array_agg(s.available order by l_position[j]))::text
					from generate_series(v_first, v_next - 1) as j
					cross join lateral (select g_left[l_goods[j]] + case when l_hold[j] > 0 then 1 else 0 end) as s(available)
					where l_quantity[j] > s.available)
				when 'price_changed' then json_build_object('total_cents', v_sum)::text
			end;
			continue;
		end if;

		-- It is sold.
		v_order[i] := nextval('market.orders_order_id_seq');
		v_total[i] := v_sum;
		v_discount[i] := v_saved;
		v_parcels := null;
		for j in v_first .. v_next - 1 loop
			v_good := l_goods[j];
			g_left[v_good] := g_left[v_good] - l_quantity[j];
			if l_hold[j] > 0 then -- one of these pairs was not among those left
				g_left[v_good] := g_left[v_good] + 1;
				g_had[v_good] := g_had[v_good] + 1;
				v_used := v_used || l_hold[j];
				v_used_shop_id := v_used_shop_id || l_shop_id[j];
				l_hold := array_replace(l_hold, l_hold[j], 0::bigint); -- the account's next order finds it gone
			end if;
			if j = v_first or l_shop_id[j] <> l_shop_id[j - 1] then
				v_shipment_id := nextval('market.shipment_shipment_id_seq');
				v_pairs := 0;
				v_cents := 0;
				v_lines := null;
			end if;
			l_shipment_id[j] := v_shipment_id;
			v_pairs := v_pairs + l_quantity[j];
			v_cents := v_cents + l_total[j];
			v_lines := coalesce(v_lines || ',', '')
				|| api.line_text(l_listing_id[j], g_shoe[v_good], l_quantity[j], l_discounted[j], g_price[v_good], l_total[j]);
			if j = v_next - 1 or l_shop_id[j] <> l_shop_id[j + 1] then
				v_shop := g_shop[v_good];
				s_sold[v_shop] := s_sold[v_shop] + v_pairs;
				s_cents[v_shop] := s_cents[v_shop] + v_cents;
				l_pairs[j] := v_pairs;
				l_cents[j] := v_cents;
				v_parcels := coalesce(v_parcels || ',', '') || api.parcel_text(v_shipment_id, s_shop[v_shop], 'pending', null, v_lines);
			end if;
		end loop;
		v_answer[i] := api.order_text(v_order[i], 'placed', v_sum, v_saved, v_delivery[i], v_address[i], v_at, v_parcels);
	end loop;
	if v_used is not null then
		perform api.end_holds(v_used_shop_id, v_used, false);
	end if;

	if v_shipment_id > 0 then
		-- All writes of every order: each table once. What only some of them change follows, where there are such.
		with add_orders as (
			insert into market.orders (order_id, account_id, status, total_cents, discount_cents, delivery, address, created_at)
			select v_order[i], v_account[i], 'placed', v_total[i], v_discount[i], v_delivery[i], v_address[i], v_now
			from generate_series(1, v_calls) as i
			where v_order[i] > 0
		), add_shipments as (
			insert into market.shipment (shop_id, shipment_id, order_id, status, total_cents, pairs, created_at, updated_at)
			select l_shop_id[j], l_shipment_id[j], v_order[l_call[j]], 'pending', l_cents[j], l_pairs[j], v_now, v_now
			from generate_series(1, cardinality(l_call)) as j
			where l_pairs[j] > 0
		), add_lines as (
			insert into market.order_line (shop_id, order_id, listing_id, shipment_id, position, quantity, discounted, sale_id, price_cents,
				discounted_price_cents, total_cents)
			select l_shop_id[j], v_order[l_call[j]], l_listing_id[j], l_shipment_id[j], l_position[j], l_quantity[j], l_discounted[j],
				case when l_discounted[j] > 0 then s_sale_id[g_shop[l_goods[j]]] end, g_price[l_goods[j]],
				case when l_discounted[j] > 0 then market.sale_price(g_price[l_goods[j]], s_percent[g_shop[l_goods[j]]]) end, l_total[j]
			from generate_series(1, cardinality(l_call)) as j
			where l_shipment_id[j] > 0
		), take_stock as (
			update market.stock k
			set available = k.available - (g_had[i] - g_left[i])
			from generate_series(1, cardinality(g_left)) as i
			where g_left[i] < g_had[i] and k.shop_id = any(array[g_shop_id[i]]) and k.listing_id = g_listing_id[i]
		), add_earnings as (
			update market.balance b
			set balance_cents = b.balance_cents + s_cents[i], pairs_sold = b.pairs_sold + s_sold[i]
			from generate_series(1, cardinality(s_sold)) as i
			where s_sold[i] > 0 and b.shop_id = any(array[s_shop_id[i]])
		)
		insert into market.idempotency (account_id, key, digest, answer, created_at)
		select v_account[i], v_key[i], v_digest[i], v_answer[i], v_now
		from generate_series(1, v_calls) as i
		where v_order[i] > 0 and v_key[i] is not null;
		if s_left <> s_had then
			update market.sale f
			set discounts_left = f.discounts_left - (s_had[i] - s_left[i])
			from generate_series(1, cardinality(s_left)) as i
			where s_left[i] < s_had[i] and f.shop_id = any(array[s_shop_id[i]]) and f.sale_id = s_sale_id[i];
		end if;
		if 0 = any(g_left) then -- the last pair is gone
			update market.listing l
			set in_stock = false
			from generate_series(1, cardinality(g_left)) as i
			where g_left[i] = 0 and l.shop_id = any(array[g_shop_id[i]]) and l.listing_id = g_listing_id[i] and l.in_stock;
		end if;
		if v_carts then
			delete from market.cart_item i
			using generate_series(1, v_calls) as c
			where v_order[c] > 0 and v_items[c] is null and i.account_id = any(array[v_account[c]]);
		end if;
	end if;

	return query select i, v_code[i], v_answer[i] from generate_series(1, v_calls) as i;
end
$$;
