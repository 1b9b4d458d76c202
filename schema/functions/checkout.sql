-- Checkout: the one place where pairs are sold. It takes a batch of calls in order of arrival and carries all of them out in one
-- transaction: all locks first, then all reads, then call by call in memory, then all writes, each table once. A call alone is a
-- batch of one.
--
-- A batch is held in arrays. v_... is one element for each call, l_... one for each line (a listing that a call asks for; lines
-- stand in the order of their calls, and within a call in the order asked), g_... one for each listing that is asked for, s_... one for
-- each shop: what is left of the listing that line j asks for is g_left[l_goods[j]]. All are there once, however many ask for them.

-- The locks of a checkout after the account's own, in the order that everybody keeps: stock, sales, balances. Answers the sales it locked:
-- only these may be used. One that began while this waited is not among them, and was not there when these buyers came.
-- (A checkout names its goods in the order of their keys already; the storm crossed_carts takes that away too, to show what the order is for.)
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
create function api.checkout(p_calls jsonb, p_now timestamptz default null)
returns table (n int, code text, answer json)
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
	v_expected bigint[];
	v_delivery text[];
	v_address json[];
	-- what their keys were answered before
	v_kept json[];
	v_kept_digest bytea[];
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
	g_sold bigint[];
	g_price bigint[];
	g_shoe text[]; -- as it stands in an answer
	-- the shops, likewise
	s_owner bigint[];
	s_shop_id bigint[];
	s_shop text[]; -- as it stands in an answer
	s_left bigint[]; -- discounts; 0 if there is no sale
	s_percent int[];
	s_sale_id bigint[];
	s_discounted bigint[]; -- pairs sold at a discount
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
	v_answer json[]; -- of calls that bought nothing
	v_order bigint[]; -- 0: none
	v_total bigint[];
	v_discount bigint[];
	v_sold int[]; -- which of the orders placed it is, in order of arrival
	v_twin int[]; -- the earlier call with this account and key that bought, 0: none
	v_cart_sold boolean[]; -- by account slot: its cart was bought by an earlier call
	v_answers json[]; -- of the orders placed
	l_shipment bigint[];
	l_discounted int[];
	l_total bigint[];
	-- of the call at hand
	v_slot int; -- of its listing, then of its shop
	v_calls int;
	v_placed int := 0;
	v_same int;
	v_first int;
	v_next int := 1;
	v_short boolean;
	v_own boolean;
	v_price bigint;
	v_pairs int;
	v_cents bigint;
	v_sum bigint;
	v_full bigint;
	v_at text; -- now
begin
	-- Who asks, and for what.
	select array_agg(c.account_id), array_agg(c.key), array_agg(c.digest), array_agg(c.items), array_agg(c.expected), array_agg(c.delivery),
		array_agg(c.address), array_agg(case when c.account_id is null then 'unauthenticated' end)
	into v_account, v_key, v_digest, v_items, v_expected, v_delivery, v_address, v_code
	from (
		select s.account_id, c.key, c.digest::bytea as digest,
			case when jsonb_typeof(c.items) = 'array' then c.items end as items,
			c.expected, coalesce(c.delivery, 'pickup') as delivery,
			case when c.delivery = 'ship' then (select api.address_answer(d) from market.address d where d.account_id = s.account_id) end as address
		from rows from (jsonb_to_recordset(p_calls) as (session text, key text, digest text, items jsonb, expected_total_cents bigint, delivery text))
			with ordinality as c(session, key, digest, items, expected, delivery, n)
		left join market.session s on s.session_digest = c.session::bytea and s.expires_at > clock_timestamp()
		order by c.n
	) c;
	v_calls := coalesce(cardinality(v_account), 0);
	v_order := array_fill(0, array[v_calls]);
	v_total := v_order;
	v_discount := v_order;
	v_twin := v_order;
	v_sold := v_order;
	v_cart_sold := array_fill(false, array[v_calls]);
	v_answer := array_fill(null::json, array[v_calls]);

	-- The first locks: the carts. Then the keys can be read, and the lines: nobody else changes these carts now.
	perform from market.cart c
	where c.account_id = any(v_account)
	order by c.account_id -- guard: cart_order
	for no key update -- guard: cart
	;
	select array_agg(k.answer), array_agg(k.digest) into v_kept, v_kept_digest
	from (select k.answer, k.digest
		from generate_series(1, v_calls) as i
		left join lateral (
			select k.answer, k.digest from market.idempotency k where k.account_id = v_account[i] and k.key = v_key[i] offset 0) k on true
		order by i) k;

	select array_agg(i.n), array_agg(i.shop_id), array_agg(i.listing_id), array_agg(i.quantity), array_agg(i.position), array_agg(i.goods)
	into l_call, l_shop_id, l_listing_id, l_quantity, l_position, l_goods
	from (
		select i.n, i.shop_id, i.listing_id, i.quantity, i.position, dense_rank() over (order by i.shop_id, i.listing_id) as goods
		from (
			select a.n::int as n, coalesce(l.shop_id, 0) as shop_id, a.listing_id, sum(a.quantity)::int as quantity, min(a.position) as position
			from (
				select c.n, i.listing_id, i.quantity, i.position
				from unnest(v_items) with ordinality as c(items, n)
				cross join lateral rows from (jsonb_to_recordset(c.items) as (listing_id bigint, quantity int))
					with ordinality as i(listing_id, quantity, position)
				where c.items is not null
				union all
				select c.n, i.listing_id, i.quantity, row_number() over (partition by c.n order by i.added_at, i.listing_id)
				from unnest(v_account, v_items) with ordinality as c(account_id, items, n)
				join market.cart_item i on i.account_id = c.account_id
				where c.items is null
			) a
			left join lateral (select l.shop_id from market.listing l where l.listing_id = a.listing_id offset 0) l on true
			where v_account[a.n] is not null and v_kept_digest[a.n] is null
			group by a.n, l.shop_id, a.listing_id
		) i
		order by i.n, i.position
	) i;
	select array_agg(g.shop_id), array_agg(g.listing_id), array_agg(g.shop) into g_shop_id, g_listing_id, g_shop
	from (
		select i.shop_id, i.listing_id, dense_rank() over (order by i.shop_id) as shop
		from (select distinct l_shop_id[j] as shop_id, l_listing_id[j] as listing_id from generate_series(1, cardinality(l_call)) as j) i
		order by i.shop_id, i.listing_id
	) g;

	-- All other locks; then, in statements of their own, what they guard.
	v_sale_ids := api.lock_goods(g_shop_id, g_listing_id);
	v_now := coalesce(p_now, clock_timestamp());

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
	l_shipment := array_fill(0, array[coalesce(cardinality(l_call), 0)]);
	l_discounted := l_shipment;
	l_total := l_shipment;
	g_sold := array_fill(0, array[coalesce(cardinality(g_left), 0)]);
	s_sold := array_fill(0, array[coalesce(cardinality(s_left), 0)]);
	s_discounted := s_sold;
	s_cents := s_sold;

	-- Call by call, in order of arrival, each seeing what those before it took.
	for i in 1 .. v_calls loop
		v_first := v_next;
		v_short := false;
		v_own := false;
		while l_call[v_next] = i loop
			if l_quantity[v_next] > g_left[l_goods[v_next]] then
				v_short := v_short or not v_held or l_quantity[v_next] > g_left[l_goods[v_next]] + least(l_hold[v_next], 1);
			end if;
			v_own := v_own or s_owner[g_shop[l_goods[v_next]]] = v_account[i];
			v_next := v_next + 1;
		end loop;
		if v_code[i] is not null then
			continue;
		end if;

		v_same := array_position(v_account, v_account[i]);
		for k in v_same .. i - 1 loop
			if v_order[k] > 0 and v_account[k] = v_account[i] and v_key[k] = v_key[i] then
				v_twin[i] := k;
			end if;
		end loop;

		if v_kept_digest[i] is not null then
			v_code[i] := case when v_kept_digest[i] = v_digest[i] then 'replayed' else 'key_reused' end;
			v_answer[i] := case when v_kept_digest[i] = v_digest[i] then v_kept[i] end;
			continue;
		elsif v_twin[i] > 0 then
			v_code[i] := case when v_digest[v_twin[i]] = v_digest[i] then 'replayed' else 'key_reused' end;
			continue;
		elsif v_delivery[i] = 'ship' and v_address[i] is null then
			v_code[i] := 'invalid';
			v_answer[i] := api.field_error('delivery', 'Say where to first: your account has no address yet.');
			continue;
		elsif v_own then
			v_code[i] := 'forbidden';
			v_answer[i] := '{"detail": "One does not buy in one''s own shop."}';
			continue;
		elsif v_first = v_next or v_items[i] is null and v_cart_sold[v_same] then
			v_code[i] := 'cart_empty';
			continue;
		elsif v_short then
			v_code[i] := 'out_of_stock';
			v_answer[i] := (select api.shortage(array_agg(l_listing_id[j]), array_agg(s.available))
				from generate_series(v_first, v_next - 1) as j
				cross join lateral (select g_left[l_goods[j]] + case when v_held then least(l_hold[j], 1) else 0 end) as s(available)
				where l_quantity[j] > s.available);
			continue;
		end if;

		v_sum := 0;
		v_full := 0;
		for j in v_first .. v_next - 1 loop
			v_price := g_price[l_goods[j]];
			v_pairs := least(l_quantity[j], s_left[g_shop[l_goods[j]]]);
			v_cents := v_price * (l_quantity[j] - v_pairs);
			if v_pairs > 0 then
				v_cents := v_cents + v_pairs * (v_price * (100 - s_percent[g_shop[l_goods[j]]]) / 100);
				l_discounted[j] := v_pairs;
				s_left[g_shop[l_goods[j]]] := s_left[g_shop[l_goods[j]]] - v_pairs;
			end if;
			l_total[j] := v_cents;
			v_sum := v_sum + v_cents;
			v_full := v_full + v_price * l_quantity[j];
		end loop;
		if v_sum > v_expected[i] then
			v_code[i] := 'price_changed';
			v_answer[i] := json_build_object('total_cents', v_sum);
			for j in v_first .. v_next - 1 loop
				s_left[g_shop[l_goods[j]]] := s_left[g_shop[l_goods[j]]] + l_discounted[j];
			end loop;
			continue;
		end if;

		v_order[i] := nextval('market.orders_order_id_seq');
		v_total[i] := v_sum;
		v_discount[i] := v_full - v_sum;
		v_placed := v_placed + 1;
		v_sold[i] := v_placed;
		if v_items[i] is null then
			v_cart_sold[v_same] := true;
		end if;
		for j in v_first .. v_next - 1 loop
			v_slot := l_goods[j];
			g_left[v_slot] := g_left[v_slot] - l_quantity[j];
			g_sold[v_slot] := g_sold[v_slot] + l_quantity[j];
			v_slot := g_shop[v_slot];
			s_sold[v_slot] := s_sold[v_slot] + l_quantity[j];
			s_discounted[v_slot] := s_discounted[v_slot] + l_discounted[j];
			s_cents[v_slot] := s_cents[v_slot] + l_total[j];
			l_shipment[j] := case when j = v_first then 0 else l_shipment[array_position(l_shop_id, l_shop_id[j], v_first)] end;
			if l_shipment[j] = 0 then -- the first line of this shop
				l_shipment[j] := nextval('market.shipment_shipment_id_seq');
			end if;
		end loop;
		if v_held then
			for j in v_first .. v_next - 1 loop
				if l_hold[j] > 0 then -- one of these pairs was not among those left
					g_left[l_goods[j]] := g_left[l_goods[j]] + 1;
					v_used := v_used || l_hold[j];
					v_used_shop_id := v_used_shop_id || l_shop_id[j];
					l_hold := array_replace(l_hold, l_hold[j], 0::bigint); -- the account's next order finds it gone
				end if;
			end loop;
		end if;
	end loop;
	if v_used is not null then
		perform api.end_holds(v_used_shop_id, v_used, false);
	end if;

	if v_placed > 0 then
		v_at := market.rfc3339(v_now);
		-- All writes of every order, and what is answered: each table once. What only some of them change follows, where there are such.
		with line as materialized (
			select l_call[j] as call, v_order[l_call[j]] as order_id, l_shipment[j] as shipment_id, l_shop_id[j] as shop_id, g_shop[l_goods[j]] as shop,
				l_listing_id[j] as listing_id, l_goods[j] as goods, l_position[j] as position, l_quantity[j] as quantity,
				l_discounted[j] as discounted, s_sale_id[g_shop[l_goods[j]]] as sale_id, g_price[l_goods[j]] as price_cents, l_total[j] as total_cents
			from generate_series(1, cardinality(l_call)) as j
			where l_shipment[j] > 0
		), parcel as materialized (
			select l.shipment_id, min(l.call) as call, min(l.order_id) as order_id, min(l.shop_id) as shop_id,
				sum(l.total_cents) as total_cents, sum(l.quantity) as pairs,
				api.parcel_text(l.shipment_id, s_shop[min(l.shop)], 'pending', null, string_agg(
					api.line_text(l.listing_id, g_shoe[l.goods], l.quantity, l.discounted, l.price_cents, l.total_cents), ',')) as answer
			from (select * from line l order by l.shipment_id, l.position) l
			group by l.shipment_id
		), placed as materialized (
			select p.order_id, min(p.call) as call, api.order_text(p.order_id, 'placed', v_total[min(p.call)], v_discount[min(p.call)],
				v_delivery[min(p.call)], v_address[min(p.call)], v_at, string_agg(p.answer, ','))::json as answer
			from (select * from parcel p order by p.order_id, p.shipment_id) p
			group by p.order_id
			order by p.order_id
		), add_orders as (
			insert into market.orders (order_id, account_id, status, total_cents, discount_cents, delivery, address, created_at)
			select p.order_id, v_account[p.call], 'placed', v_total[p.call], v_discount[p.call], v_delivery[p.call], v_address[p.call], v_now
			from placed p
		), add_shipments as (
			insert into market.shipment (shop_id, shipment_id, order_id, status, total_cents, pairs, created_at, updated_at)
			select p.shop_id, p.shipment_id, p.order_id, 'pending', p.total_cents, p.pairs, v_now, v_now
			from parcel p
		), add_lines as (
			insert into market.order_line (shop_id, order_id, listing_id, shipment_id, position, quantity, discounted, sale_id, price_cents,
				total_cents)
			select l.shop_id, l.order_id, l.listing_id, l.shipment_id, l.position, l.quantity, l.discounted,
				case when l.discounted > 0 then l.sale_id end, l.price_cents, l.total_cents
			from line l
		), take_stock as (
			update market.stock k
			set available = k.available - g_sold[i]
			from generate_series(1, cardinality(g_sold)) as i
			where g_sold[i] > 0 and k.shop_id = any(array[g_shop_id[i]]) and k.listing_id = g_listing_id[i]
		), add_earnings as (
			update market.balance b
			set balance_cents = b.balance_cents + s_cents[i], pairs_sold = b.pairs_sold + s_sold[i]
			from generate_series(1, cardinality(s_sold)) as i
			where s_sold[i] > 0 and b.shop_id = any(array[s_shop_id[i]])
		), keep_keys as (
			insert into market.idempotency (account_id, key, digest, answer, created_at)
			select v_account[p.call], v_key[p.call], v_digest[p.call], p.answer, v_now
			from placed p
			where v_key[p.call] is not null
		)
		select array_agg(p.answer) into v_answers
		from placed p;
		if 0 < any(s_discounted) then
			update market.sale f
			set discounts_left = f.discounts_left - s_discounted[i]
			from generate_series(1, cardinality(s_discounted)) as i
			where s_discounted[i] > 0 and f.shop_id = any(array[s_shop_id[i]]) and f.sale_id = s_sale_id[i];
		end if;
		if 0 = any(g_left) then -- the last pair is gone
			update market.listing l
			set in_stock = false
			from generate_series(1, cardinality(g_left)) as i
			where g_left[i] = 0 and l.shop_id = any(array[g_shop_id[i]]) and l.listing_id = g_listing_id[i] and l.in_stock;
		end if;
		if true = any(v_cart_sold) then
			delete from market.cart_item i
			using generate_series(1, v_calls) as c
			where v_sold[c] > 0 and v_items[c] is null and i.account_id = any(array[v_account[c]]);
		end if;
	end if;

	return query
	select i, v_code[i],
		case
			when v_sold[i] > 0 then v_answers[v_sold[i]]
			when v_twin[i] > 0 and v_code[i] = 'replayed' then v_answers[v_sold[v_twin[i]]]
			else v_answer[i]
		end
	from generate_series(1, v_calls) as i
	order by i;
end
$$;
