-- Checkout: the one place where pairs are sold. It takes a batch of calls in order of arrival and carries all of them out in one
-- transaction: all locks first, then all reads, then call by call in memory, then all writes, each table once. A call alone is a
-- batch of one.
--
-- A batch is held in arrays. v_... is one element for each call, l_... one for each line (a listing that a call asks for; lines
-- stand in the order of their calls, and within a call in the order asked). What several share has a slot, the number of
-- the first call or line that named it: what is left of a listing is l_left[l_stock[j]], whichever line j asks.

-- The locks of a checkout after the account's own, in the order that everybody keeps: stock, sales, balances. Answers the sales it locked:
-- only these may be used. One that began while this waited is not among them, and was not there when these buyers came.
create function api.lock_goods(p_shop_ids bigint[], p_listing_ids bigint[]) returns bigint[]
language plpgsql as $$
declare
	v_sale_ids bigint[];
begin
	perform from market.stock k
	join unnest(p_shop_ids, p_listing_ids) as l(shop_id, listing_id) on k.shop_id = l.shop_id and k.listing_id = l.listing_id
	order by k.shop_id, k.listing_id -- guard: stock_order
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

-- Writes what was sold: shipments, lines, and each counter with its ledger. Arrays in step, one element for each line; a line whose order is 0
-- was not sold. The first line that names a shipment makes it.
create function api.sell_lines(p_now timestamptz, p_order bigint[], p_shipment bigint[], p_position int[], p_shop bigint[], p_listing bigint[],
	p_quantity int[], p_discounted int[], p_sale_id bigint[], p_price bigint[], p_total bigint[]) returns void
language plpgsql as $$
begin
	insert into market.shipment (shop_id, shipment_id, order_id, status, created_at, updated_at)
	select distinct l.shop_id, l.shipment_id, l.order_id, 'pending', p_now, p_now
	from unnest(p_shop, p_shipment, p_order) as l(shop_id, shipment_id, order_id)
	where l.order_id > 0;

	insert into market.order_line (shop_id, order_id, listing_id, shipment_id, position, quantity, discounted, sale_id, price_cents, total_cents)
	select l.shop_id, l.order_id, l.listing_id, l.shipment_id, l.position, l.quantity, l.discounted,
		case when l.discounted > 0 then l.sale_id end, l.price_cents, l.total_cents
	from unnest(p_shop, p_order, p_listing, p_shipment, p_position, p_quantity, p_discounted, p_sale_id, p_price, p_total)
		as l(shop_id, order_id, listing_id, shipment_id, position, quantity, discounted, sale_id, price_cents, total_cents)
	where l.order_id > 0;

	insert into market.stock_entry (shop_id, listing_id, delta, reason, order_id, at)
	select l.shop_id, l.listing_id, -l.quantity, 'sold', l.order_id, p_now
	from unnest(p_shop, p_listing, p_quantity, p_order) as l(shop_id, listing_id, quantity, order_id)
	where l.order_id > 0;

	with sold as (
		update market.stock k
		set available = k.available - l.pairs
		from (select l.shop_id, l.listing_id, sum(l.quantity) as pairs
			from unnest(p_shop, p_listing, p_quantity, p_order) as l(shop_id, listing_id, quantity, order_id)
			where l.order_id > 0
			group by l.shop_id, l.listing_id) l
		where k.shop_id = l.shop_id and k.listing_id = l.listing_id
		returning k.shop_id, k.listing_id, k.available
	)
	update market.listing l
	set in_stock = false
	from sold
	where sold.available = 0 and l.shop_id = sold.shop_id and l.listing_id = sold.listing_id;

	if 0 < any(p_discounted) then
		insert into market.discount_entry (shop_id, sale_id, delta, reason, order_id, at)
		select l.shop_id, l.sale_id, -l.discounted, 'sold', l.order_id, p_now
		from unnest(p_shop, p_sale_id, p_discounted, p_order) as l(shop_id, sale_id, discounted, order_id)
		where l.order_id > 0 and l.discounted > 0;

		update market.sale f
		set discounts_left = f.discounts_left - l.pairs
		from (select l.shop_id, l.sale_id, sum(l.discounted) as pairs
			from unnest(p_shop, p_sale_id, p_discounted, p_order) as l(shop_id, sale_id, discounted, order_id)
			where l.order_id > 0 and l.discounted > 0
			group by l.shop_id, l.sale_id) l
		where f.shop_id = l.shop_id and f.sale_id = l.sale_id;
	end if;

	with earned as (
		insert into market.balance_entry (shop_id, amount_cents, pairs, reason, order_id, at)
		select l.shop_id, sum(l.total_cents), sum(l.quantity), 'sold', l.order_id, p_now
		from unnest(p_shop, p_total, p_quantity, p_order) as l(shop_id, total_cents, quantity, order_id)
		where l.order_id > 0
		group by l.shop_id, l.order_id
		returning shop_id, amount_cents, pairs
	)
	update market.balance b
	set balance_cents = b.balance_cents + e.amount_cents, pairs_sold = b.pairs_sold + e.pairs
	from (select e.shop_id, sum(e.amount_cents) as amount_cents, sum(e.pairs) as pairs from earned e group by e.shop_id) e
	where b.shop_id = e.shop_id;
end
$$;

-- Calls of {session, key, digest} and maybe {items: [{listing_id, quantity}]} (else the cart is bought), expected_total_cents, delivery.
-- Codes: replayed, unauthenticated, key_reused, invalid, forbidden, cart_empty, out_of_stock, price_changed. Nothing a client can
-- cause raises. The plans are made once and hold for every batch, and never scan a table from end to end, whatever the statistics said
-- when they were made; the helpers above run under the same settings.
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
	-- their lines, and what these ask for
	l_call int[];
	l_listing bigint[];
	l_shop bigint[];
	l_quantity int[];
	l_position int[]; -- in the call
	l_price bigint[];
	l_own boolean[]; -- the buyer's own shop
	l_stock int[]; -- slots
	l_sale int[];
	l_left bigint[]; -- by stock slot: pairs left, 0 if the listing is gone
	l_discounts bigint[]; -- by sale slot: discounts left, 0 if there is no sale
	l_percent int[];
	l_sale_id bigint[];
	v_sale_ids bigint[];
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
	l_order bigint[];
	l_shipment bigint[];
	l_discounted int[];
	l_total bigint[];
	-- of the call at hand
	v_calls int;
	v_placed int := 0;
	v_same int;
	v_first int;
	v_next int := 1;
	v_short boolean;
	v_own boolean;
	v_pairs int;
	v_cents bigint;
	v_sum bigint;
	v_full bigint;
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
	v_answer := array_fill(null::json, array[v_calls]); -- from 1 on: unnest counts from the first element that is there

	-- The first locks: the carts. Then the keys can be read, and the lines: nobody else changes these carts now.
	perform from market.cart c
	where c.account_id = any(v_account)
	order by c.account_id -- guard: cart_order
	for no key update -- guard: cart
	;
	select array_agg(k.answer), array_agg(k.digest) into v_kept, v_kept_digest
	from (select k.answer, k.digest
		from unnest(v_account, v_key) with ordinality as c(account_id, key, n)
		left join market.idempotency k on k.account_id = c.account_id and k.key = c.key
		order by c.n) k;

	select array_agg(i.n), array_agg(i.listing_id), array_agg(coalesce(i.shop_id, 0)), array_agg(i.quantity), array_agg(i.position)
	into l_call, l_listing, l_shop, l_quantity, l_position
	from (
		select i.n, i.listing_id, l.shop_id, i.quantity, i.position
		from (
			select a.n::int as n, a.listing_id, sum(a.quantity)::int as quantity, min(a.position) as position
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
			where v_account[a.n] is not null and v_kept_digest[a.n] is null
			group by a.n, a.listing_id
		) i
		left join market.listing l on l.listing_id = i.listing_id
		order by i.n, i.position
	) i;

	-- All other locks; then, in a statement of its own, what they guard.
	v_sale_ids := api.lock_goods(l_shop, l_listing);
	v_now := coalesce(p_now, clock_timestamp());

	select array_agg(i.price_cents), array_agg(i.own), array_agg(i.stock), array_agg(i.sale),
		array_agg(i.available), array_agg(i.discounts_left), array_agg(i.percent_off), array_agg(i.sale_id)
	into l_price, l_own, l_stock, l_sale, l_left, l_discounts, l_percent, l_sale_id
	from (
		select coalesce(l.price_cents, 0) as price_cents, coalesce(h.account_id = v_account[i.n], false) as own,
			array_position(l_listing, i.listing_id) as stock,
			array_position(l_shop, i.shop_id) as sale,
			case when l.withdrawn_at is null then coalesce(k.available, 0) else 0 end as available,
			coalesce(f.discounts_left, 0) as discounts_left, coalesce(f.percent_off, 0) as percent_off, coalesce(f.sale_id, 0) as sale_id
		from unnest(l_call, l_shop, l_listing) with ordinality as i(n, shop_id, listing_id, j)
		left join market.listing l on l.shop_id = i.shop_id and l.listing_id = i.listing_id
		left join market.stock k on k.shop_id = i.shop_id and k.listing_id = i.listing_id
		left join market.shop h on h.shop_id = i.shop_id
		left join market.sale f on f.shop_id = i.shop_id and f.sale_id = any(v_sale_ids)
			and f.replaced_at is null and f.starts_at <= v_now and (f.ends_at is null or f.ends_at > v_now)
		order by i.j
	) i;
	l_shipment := array_fill(0, array[coalesce(cardinality(l_call), 0)]);
	l_discounted := l_shipment;
	l_total := l_shipment;

	-- Call by call, in order of arrival, each seeing what those before it took.
	for i in 1 .. v_calls loop
		v_first := v_next;
		v_short := false;
		v_own := false;
		while l_call[v_next] = i loop
			v_short := v_short or l_quantity[v_next] > l_left[l_stock[v_next]];
			v_own := v_own or l_own[v_next];
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
			v_answer[i] := (select api.shortage(array_agg(l_listing[j]), array_agg(l_left[l_stock[j]]))
				from generate_series(v_first, v_next - 1) as j where l_quantity[j] > l_left[l_stock[j]]);
			continue;
		end if;

		v_sum := 0;
		v_full := 0;
		for j in v_first .. v_next - 1 loop
			v_pairs := least(l_quantity[j], l_discounts[l_sale[j]]);
			v_cents := l_price[j] * (l_quantity[j] - v_pairs) + v_pairs * (l_price[j] * (100 - l_percent[j]) / 100);
			if v_pairs > 0 then
				l_discounted[j] := v_pairs;
				l_discounts[l_sale[j]] := l_discounts[l_sale[j]] - v_pairs;
			end if;
			l_total[j] := v_cents;
			v_sum := v_sum + v_cents;
			v_full := v_full + l_price[j] * l_quantity[j];
		end loop;
		if v_sum > v_expected[i] then
			v_code[i] := 'price_changed';
			v_answer[i] := json_build_object('total_cents', v_sum);
			for j in v_first .. v_next - 1 loop
				l_discounts[l_sale[j]] := l_discounts[l_sale[j]] + l_discounted[j];
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
			l_left[l_stock[j]] := l_left[l_stock[j]] - l_quantity[j];
			l_shipment[j] := case when j = v_first then 0 else l_shipment[array_position(l_shop, l_shop[j], v_first)] end;
			if l_shipment[j] = 0 then -- the first line of this shop
				l_shipment[j] := nextval('market.shipment_shipment_id_seq');
			end if;
		end loop;
	end loop;

	if v_placed > 0 then
		-- All writes, each table once.
		insert into market.orders (order_id, account_id, status, total_cents, discount_cents, delivery, address, created_at)
		select c.order_id, c.account_id, 'placed', c.total_cents, c.discount_cents, c.delivery, c.address, v_now
		from unnest(v_order, v_account, v_total, v_discount, v_delivery, v_address)
			as c(order_id, account_id, total_cents, discount_cents, delivery, address)
		where c.order_id > 0;

		l_order := array(select v_order[l.n] from unnest(l_call) with ordinality as l(n, j) order by l.j);
		perform api.sell_lines(v_now, l_order, l_shipment, l_position, l_shop, l_listing, l_quantity, l_discounted, l_sale_id, l_price, l_total);

		delete from market.cart_item i
		where i.account_id in (select v_account[c.n] from unnest(v_order, v_items) with ordinality as c(order_id, items, n)
			where c.order_id > 0 and c.items is null);

		select array_agg(o.answer) into v_answers
		from (select o.answer from api.order_answers(v_order) o order by o.order_id) o;

		insert into market.idempotency (account_id, key, digest, answer, created_at)
		select c.account_id, c.key, c.digest, v_answers[c.sold], v_now
		from unnest(v_account, v_key, v_digest, v_sold) as c(account_id, key, digest, sold)
		where c.sold > 0 and c.key is not null;
	end if;

	return query
	select c.n::int, c.code,
		case
			when c.sold > 0 then v_answers[c.sold]
			when c.twin > 0 and c.code = 'replayed' then v_answers[v_sold[c.twin]]
			else c.answer
		end
	from unnest(v_code, v_answer, v_sold, v_twin) with ordinality as c(code, answer, sold, twin, n)
	order by c.n;
end
$$;
