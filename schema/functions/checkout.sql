-- Checkout: the one place where pairs are sold. See batch.sql for how a batch is carried out; the phases of api.checkout follow here in their order:
--
--	api.batch_begin             who asks, the locks of the carts, kept keys
--	api.checkout_read_calls     what else the calls say, addresses
--	api.checkout_read_lines     which listings they ask for: from their items, or from the cart
--	api.divert_lines            only where a row is stuck: which calls need it
--	api.lock_lapsed_reviews     only where an account has one: its shops
--	api.lock_listings           all other locks: stock, sales, balances
--	api.checkout_read_shops     what they guard: sales
--	api.checkout_read_listings  prices and stock
--	api.shipping_cents          only where a shop has a price for it, or does not offer both ways: checkout_delivery.sql
--	api.sale_shares             only where a sale has a limit for each account: what is left of it
--	api.checkout_decide         call by call: sold or refused, and the answers
--	api.restore_reviews         only where an account has a lapsed one
--	api.batch_end               answers
--
-- The phases that only read (api.checkout_read_...) are in checkout_read.sql; the data between all of them is described in 01_types.sql.

-- The locks of a checkout after the account's own, in the order of locks: stock, sales, balances. Returns the sales it locked: only these may
-- be used. A sale that began while this waited is not among them; it had not begun when these calls came.
-- (A checkout has its listings in the order of their keys already; the race test crossed_carts takes that away too, to show what the order is for.)
create function api.lock_listings(p_shop_ids bigint[], p_listing_ids bigint[]) returns bigint[]
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

-- The answer of a refused call: its lines are p_first to p_last, p_available says what there is of each listing for it, besides what its
-- account holds. p_cents: what it costs; NULL: its delivery is not offered. p_pair_cents: what its dearest pair costs; NULL: the call does not limit that.
create function api.checkout_refusal(p_code text, p_cents bigint, p_pair_cents bigint, p_ships boolean, p_lines api.checkout_lines, p_first int, p_last int,
	p_shops api.checkout_shops, p_shop int[], p_available bigint[], p_reservation_id bigint[], p_calls api.checkout_calls) returns text
language plpgsql as $$
begin
	return case p_code
		when 'invalid' then case
			when p_cents is null then api.delivery_refusal(p_lines, p_first, p_last, p_shops, p_shop, p_ships)
			when p_pair_cents is not null and p_last > p_first
				then api.field_error('expected_price_cents', 'Give it with one listing only.')
			when p_calls.payment_seconds is not null and p_cents > 0 and p_cents not between p_calls.payment_min_cents and 99999999
				then api.field_error('items', format('An order is paid by card, so it costs from $%s to $999,999.99.',
					(p_calls.payment_min_cents / 100.0)::numeric(12, 2)))
			else api.field_error('delivery', 'Say where to first: your account has no address yet.')
		end::text
		when 'forbidden' then '{"detail": "One does not buy in one''s own shop."}'
		when 'out_of_stock' then (
			select api.shortage(array_agg(p_lines.listing_id[j] order by p_lines.position[j]), array_agg(s.available order by p_lines.position[j]))::text
			from generate_series(p_first, p_last) as j
			cross join lateral (
				select p_available[p_lines.listing[j]] + case when p_reservation_id[j] > 0 then 1 else 0 end) as s(available)
			where p_lines.quantity[j] > s.available)
		when 'price_changed' then json_strip_nulls(json_build_object('total_cents', p_cents, 'price_cents', p_pair_cents))::text
	end;
end
$$;

-- Decides call by call, in order of arrival, each seeing what those before it took, and builds the answers: see order.sql. Nothing is read
-- here: no other transaction changes what is decided by, since all of it is locked.
create function api.checkout_decide(p_batch api.batch, p_calls api.checkout_calls, p_lines api.checkout_lines,
	p_listings api.checkout_listings, p_shops api.checkout_shops, p_now timestamptz) returns api.checkout_orders
language plpgsql as $$
declare
	v_code text[] := p_batch.code;
	v_answer text[] := p_batch.answer;
	v_winner int[] := array_fill(null::int, array[p_batch.calls]);
	v_emptied bigint[]; -- accounts whose cart was bought
	v_order_id bigint[] := array_fill(0::bigint, array[p_batch.calls]);
	v_total_cents bigint[]; v_discount_cents bigint[];
	v_line_cents bigint[];
	v_discounted int[];
	v_shipment_id bigint[] := array_fill(0::bigint, array[coalesce(cardinality(p_lines.call), 0)]);
	v_shipment_cents bigint[] := v_shipment_id;
	v_shipment_pairs bigint[] := v_shipment_id;
	v_available bigint[] := p_listings.available;
	v_discounts_left int[] := p_shops.discounts_left;
	v_share int[] := p_lines.share;
	v_share_left int[] := p_lines.share_left;
	v_sold_cents bigint[] := array_fill(0::bigint, array[coalesce(cardinality(v_discounts_left), 0)]);
	v_sold_pairs bigint[] := v_sold_cents;
	v_reservation_id bigint[] := p_lines.reservation_id;
	v_used_shop_id bigint[];
	v_used_id bigint[];
	-- Each line reads these: an array of a few elements is packed in a record, and unpacked each time it is read there.
	v_shops int[] := p_listings.shop;
	v_price bigint[] := p_listings.price_cents;
	v_shoe text[] := p_listings.shoe;
	v_shop_text text[] := p_shops.shop;
	v_pickup text[] := p_shops.pickup;
	v_shipping bigint[] := coalesce(p_lines.shipping_cents, v_shipment_id);
	v_created_at text := market.rfc3339(p_now);
	v_first int; -- of its lines; this and what follows are of the call at hand
	v_next int := 1;
	v_is_short boolean; v_is_own boolean;
	v_total bigint; -- NULL: its delivery is not offered
	v_pair_cents bigint; -- what its dearest pair costs; NULL: it does not limit that
	v_saved bigint; -- by discounts
	v_shipments text;
	v_pairs bigint; v_cents bigint; -- of its shipment at hand
	v_lines text;
	v_listing int; v_shop int; -- of its line at hand
	v_off int; -- pairs at a discount
	v_context text; -- of an error
begin
	for i in 1 .. p_batch.calls loop
		continue when v_code[i] is not null; -- and it has no lines

		-- What it asks for: whether that is there, and what it costs. Pairs and discounts are taken as they are counted.
		v_first := v_next;
		v_is_short := false;
		v_is_own := false;
		v_total := 0;
		v_saved := 0;
		while p_lines.call[v_next] = i loop
			v_listing := p_lines.listing[v_next];
			v_shop := v_shops[v_listing];
			v_available[v_listing] := v_available[v_listing] - p_lines.quantity[v_next] + case when v_reservation_id[v_next] > 0 then 1 else 0 end;
			v_is_short := v_is_short or v_available[v_listing] < 0;
			v_is_own := v_is_own or p_shops.owner_id[v_shop] = p_batch.account_id[i];
			v_line_cents[v_next] := p_lines.quantity[v_next] * v_price[v_listing];
			v_off := least(p_lines.quantity[v_next], v_discounts_left[v_shop]);
			if v_share is not null then
				v_off := least(v_off, v_share_left[v_share[v_next]]); -- guard: share
				v_share_left[v_share[v_next]] := v_share_left[v_share[v_next]] - v_off;
			end if;
			v_discounted[v_next] := v_off;
			if v_off > 0 then
				v_discounts_left[v_shop] := v_discounts_left[v_shop] - v_off;
				v_saved := v_saved + v_line_cents[v_next];
				v_line_cents[v_next] := v_line_cents[v_next] - v_off * (v_price[v_listing] - p_listings.sale_price_cents[v_listing]);
				v_saved := v_saved - v_line_cents[v_next];
			end if;
			v_total := v_total + v_line_cents[v_next] + v_shipping[v_next];
			v_next := v_next + 1;
		end loop;
		v_pair_cents := case when p_calls.expected_price_cents is null or p_calls.expected_price_cents[i] is null or v_first = v_next then null
			when v_discounted[v_first] < p_lines.quantity[v_first] then v_price[v_listing] else p_listings.sale_price_cents[v_listing] end;
		v_code[i] := case
			when p_batch.repeats and v_winner[p_batch.first[i]] > 0 then 'duplicate'
			when v_next - v_first > 1 and v_pair_cents is not null or p_calls.ships[i] and p_calls.address[i] is null or v_total is null then 'invalid'
			when v_is_own then 'forbidden'
			when v_first = v_next or p_calls.buys_cart[i] and p_batch.account_id[i] = any(v_emptied) then 'cart_empty'
			when v_is_short then 'out_of_stock'
			when v_total > p_calls.expected_cents[i] or v_pair_cents > p_calls.expected_price_cents[i] then 'price_changed'
			when p_calls.payment_head is not null and v_total > 0 and v_total not between p_calls.payment_min_cents and 99999999 then 'invalid'
		end;
		if v_code[i] is not null then
			for j in v_first .. v_next - 1 loop -- give back
				v_listing := p_lines.listing[j];
				v_shop := v_shops[v_listing];
				v_available[v_listing] := v_available[v_listing] + p_lines.quantity[j] - case when v_reservation_id[j] > 0 then 1 else 0 end;
				v_discounts_left[v_shop] := v_discounts_left[v_shop] + v_discounted[j];
				if v_share is not null then
					v_share_left[v_share[j]] := v_share_left[v_share[j]] + v_discounted[j];
				end if;
			end loop;
			v_answer[i] := api.checkout_refusal(v_code[i], v_total, v_pair_cents, p_calls.ships[i], p_lines, v_first, v_next - 1, p_shops, v_shops,
				v_available, v_reservation_id, p_calls);
			v_code[i] := nullif(v_code[i], 'duplicate'); -- it gets the answer of its winner: see api.batch_end
			continue;
		end if;

		v_winner[p_batch.first[i]] := i;
		v_order_id[i] := nextval('market.orders_order_id_seq');
		v_total_cents[i] := v_total;
		v_discount_cents[i] := v_saved;
		if p_calls.buys_cart[i] then
			v_emptied := v_emptied || p_batch.account_id[i];
		end if;
		v_shipments := null;
		for j in v_first .. v_next - 1 loop
			v_listing := p_lines.listing[j];
			if v_reservation_id[j] > 0 then
				v_used_shop_id := v_used_shop_id || p_lines.shop_id[j];
				v_used_id := v_used_id || v_reservation_id[j];
				v_reservation_id := array_replace(v_reservation_id, v_reservation_id[j], 0::bigint); -- the account's next order finds it gone
			end if;
			if j > v_first and p_lines.shop_id[j] = p_lines.shop_id[j - 1] then
				v_shipment_id[j] := v_shipment_id[j - 1];
				v_lines := v_lines || ',';
			else
				v_shipment_id[j] := nextval('market.shipment_shipment_id_seq');
				v_cents := 0;
				v_pairs := 0;
				v_lines := '';
			end if;
			v_cents := v_cents + v_line_cents[j] + v_shipping[j];
			v_pairs := v_pairs + p_lines.quantity[j];
			v_lines := v_lines || api.line_text(p_lines.listing_id[j], v_shoe[v_listing], p_lines.quantity[j], v_discounted[j],
				v_price[v_listing], v_line_cents[j]);
			continue when j < v_next - 1 and p_lines.shop_id[j + 1] = p_lines.shop_id[j];
			v_shop := v_shops[v_listing]; -- it is the last line of its shipment
			v_shipment_cents[j] := v_cents;
			v_shipment_pairs[j] := v_pairs;
			v_sold_cents[v_shop] := v_sold_cents[v_shop] + v_cents;
			v_sold_pairs[v_shop] := v_sold_pairs[v_shop] + case when p_calls.payment_head is null or v_total = 0 then v_pairs else 0 end;
			v_shipments := coalesce(v_shipments || ',', '') || api.shipment_text(v_shipment_id[j], v_shop_text[v_shop], 'pending',
				'"shipped_at":null,"delivered_at":null', null, v_shipping[j], case when not p_calls.ships[i] then v_pickup[v_shop] end, v_lines);
		end loop;
		v_answer[i] := api.order_text(v_order_id[i], 'placed', v_total, v_saved, case when p_calls.ships[i] then 'ship' else 'pickup' end,
			p_calls.address[i], v_created_at, 'null', api.checkout_payment(p_calls.payment_head, v_total), v_shipments);
	end loop;
	return row(v_code, v_answer, v_winner, v_order_id, v_total_cents, v_discount_cents, v_shipment_id, v_discounted, v_line_cents, v_shipment_pairs,
		v_shipment_cents, v_available, v_discounts_left, v_sold_pairs, v_sold_cents, v_used_shop_id, v_used_id);
exception when others then -- the program reads which call it was, and need not search for it
	get stacked diagnostics v_context = pg_exception_context;
	raise exception using errcode = sqlstate, message = sqlerrm, detail = v_context, column = format('call %s', p_lines.call[v_first]);
end
$$;

-- Calls of {session, key, digest} and maybe {items: [{listing_id, quantity}]} (else the cart is bought), expected_total_cents,
-- expected_price_cents, delivery; with payments on payment_terms: [seconds to pay, least cents, fee in hundredths of a percent].
-- Codes: unauthenticated, replayed, key_reused, invalid, forbidden, cart_empty, out_of_stock, price_changed.
create function api.checkout(p_calls jsonb, p_lock_ms int default null, p_stuck text[] default null)
returns table (n int, code text, answer text)
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
	v_batch api.batch;
	v_calls api.checkout_calls;
	v_lines api.checkout_lines;
	v_listings api.checkout_listings;
	v_shops api.checkout_shops;
	v_orders api.checkout_orders;
	v_sale_ids bigint[];
	v_now timestamptz;
	v_due_at timestamptz; -- of the orders' payments; NULL: payments are off
	v_key text[]; -- a copy, for the same reason as in api.checkout_decide
	v_digest bytea[]; -- the same
begin
	v_batch := api.batch_begin(p_calls, 'member', p_every_account => true, p_lock_ms => p_lock_ms, p_stuck => p_stuck);
	v_calls := api.checkout_read_calls(p_calls, v_batch);
	v_lines := api.checkout_read_lines(p_calls, v_batch);
	if v_batch.diverts then
		v_batch := api.divert_lines(v_batch, v_lines);
		if 'locked' = any(v_batch.code) then
			v_lines := api.checkout_read_lines(p_calls, v_batch);
		end if;
	end if;
	select array_agg(i.shop_id), array_agg(i.listing_id), array_agg(i.shop)
	into v_listings.shop_id, v_listings.listing_id, v_listings.shop
	from (
		select i.shop_id, i.listing_id, dense_rank() over (order by i.shop_id)::int as shop
		from (select distinct l.shop_id, l.listing_id from unnest(v_lines.shop_id, v_lines.listing_id) as l(shop_id, listing_id)) i
		order by i.shop_id, i.listing_id
	) i;

	if v_batch.has_lapsed_review then
		perform api.lock_lapsed_reviews(v_batch, v_lines);
	end if;
	v_sale_ids := api.lock_listings(v_listings.shop_id, v_listings.listing_id);
	v_now := market.clock();
	v_due_at := v_now + v_calls.payment_seconds * interval '1 second';
	v_calls.payment_head := api.payment_head(v_due_at);

	v_shops := api.checkout_read_shops(v_listings, v_sale_ids, v_now);
	v_listings := api.checkout_read_listings(v_listings, v_shops);
	if v_listings.held then -- what has expired is free to the next taker, and what a buyer holds is the buyer's
		perform api.free_expired(v_listings.listing_id, v_now);
		v_listings.available := api.listings_left(v_listings.shop_id, v_listings.listing_id);
		v_lines.reservation_id := api.checkout_read_reservations(v_batch, v_lines);
	end if;

	if v_shops.shipping_cents is not null then
		v_lines.shipping_cents := api.shipping_cents(v_calls, v_lines, v_listings, v_shops);
	end if;
	if v_shops.per_account is not null then
		v_lines := api.sale_shares(v_batch, v_lines, v_listings, v_shops);
	end if;

	v_orders := api.checkout_decide(v_batch, v_calls, v_lines, v_listings, v_shops, v_now);
	if v_orders.used_id is not null then -- their pairs become available, and are sold
		perform api.end_holds(v_orders.used_shop_id, v_orders.used_id, false);
		v_listings.available := api.listings_left(v_listings.shop_id, v_listings.listing_id);
	end if;
	if 0 < any(v_orders.order_id) then -- all writes: each table once, and what only some orders change where there are such
		v_key := v_batch.key;
		v_digest := v_batch.digest;
		with add_orders as (
			insert into market.orders (order_id, account_id, status, total_cents, discount_cents, delivery, address, created_at, payment_status, due_at,
				key, digest)
			select v_orders.order_id[i], v_batch.account_id[i], 'placed', v_orders.total_cents[i], v_orders.discount_cents[i],
				case when v_calls.ships[i] then 'ship' else 'pickup' end, v_calls.address[i], v_now,
				case when v_due_at is not null then case v_orders.total_cents[i] when 0 then 'paid' else 'due' end end, v_due_at,
				v_key[i], v_digest[i]
			from generate_series(1, v_batch.calls) as i
			where v_orders.order_id[i] > 0
		), add_shipments as (
			insert into market.shipment (shop_id, shipment_id, order_id, status, total_cents, shipping_cents, pairs, created_at, updated_at, fee_bps,
				fee_cents, profile_id)
			select v_lines.shop_id[j], v_orders.shipment_id[j], v_orders.order_id[v_lines.call[j]], 'pending', v_orders.shipment_cents[j],
				coalesce(v_lines.shipping_cents[j], 0), v_orders.shipment_pairs[j], v_now, v_now,
				case when v_orders.total_cents[v_lines.call[j]] > 0 then v_calls.fee_bps end,
				case when v_orders.total_cents[v_lines.call[j]] > 0 then
					(v_orders.shipment_cents[j] - coalesce(v_lines.shipping_cents[j], 0)) * v_calls.fee_bps / 10000 end,
				nullif(v_shops.profile_id[v_listings.shop[v_lines.listing[j]]], 0)
			from generate_series(1, cardinality(v_lines.call)) as j
			where v_orders.shipment_pairs[j] > 0
		), add_lines as (
			insert into market.order_line (shop_id, order_id, listing_id, shipment_id, position, quantity, discounted, sale_id, price_cents,
				discounted_price_cents, total_cents)
			select v_lines.shop_id[j], v_orders.order_id[v_lines.call[j]], v_lines.listing_id[j], v_orders.shipment_id[j], v_lines.position[j],
				v_lines.quantity[j], v_orders.discounted[j],
				case when v_orders.discounted[j] > 0 then v_shops.sale_id[v_listings.shop[v_lines.listing[j]]] end,
				v_listings.price_cents[v_lines.listing[j]],
				case when v_orders.discounted[j] > 0 then v_listings.sale_price_cents[v_lines.listing[j]] end, v_orders.line_cents[j]
			from generate_series(1, cardinality(v_lines.call)) as j
			where v_orders.shipment_id[j] > 0
		), take_stock as (
			update market.stock k
			set available = k.available - (v_listings.available[i] - v_orders.available[i])
			from generate_series(1, cardinality(v_listings.available)) as i
			where v_orders.available[i] < v_listings.available[i]
				and k.shop_id = any(array[v_listings.shop_id[i]]) and k.listing_id = v_listings.listing_id[i]
		)
		update market.balance b
		set balance_cents = b.balance_cents + case when v_due_at is null then v_orders.sold_cents[i] else 0 end,
			pending_cents = b.pending_cents + case when v_due_at is null then 0 else v_orders.sold_cents[i] end,
			pairs_sold = b.pairs_sold + v_orders.sold_pairs[i]
		from generate_series(1, cardinality(v_shops.shop_id)) as i
		where (v_orders.sold_pairs[i] > 0 or v_orders.sold_cents[i] > 0) and b.shop_id = any(array[v_shops.shop_id[i]]);

		if v_due_at is not null then
			insert into market.payment_deadline (due_at, first_order_id, last_order_id)
			select v_due_at, min(o.order_id), max(o.order_id) from unnest(v_orders.order_id) as o(order_id) where o.order_id > 0;
		end if;
		if v_orders.discounts_left <> v_shops.discounts_left then
			update market.sale f
			set discounts_left = v_orders.discounts_left[i]
			from generate_series(1, cardinality(v_shops.shop_id)) as i
			where v_orders.discounts_left[i] < v_shops.discounts_left[i]
				and f.shop_id = any(array[v_shops.shop_id[i]]) and f.sale_id = v_shops.sale_id[i];
		end if;
		if v_shops.per_account is not null then
			perform api.count_sale_shares(v_batch, v_lines, v_listings, v_shops, v_orders);
		end if;
		if 0 = any(v_orders.available) then -- the last pair is gone
			update market.listing l
			set in_stock = false
			from unnest(v_listings.shop_id, v_listings.listing_id, v_orders.available) as i(shop_id, listing_id, available)
			where i.available = 0 and l.shop_id = any(array[i.shop_id]) and l.listing_id = i.listing_id and l.in_stock;
		end if;
		if v_batch.has_lapsed_review then
			perform api.restore_reviews(v_batch, v_lines, v_orders, v_due_at is not null);
		end if;
		if true = any(v_calls.buys_cart) then
			delete from market.cart_item i
			using unnest(v_batch.account_id, v_calls.buys_cart, v_orders.order_id) as c(account_id, buys_cart, order_id)
			where c.order_id > 0 and c.buys_cart and i.account_id = any(array[c.account_id]);
		end if;
	end if;
	return query select * from api.batch_end(v_batch, v_orders.code, v_orders.answer, v_orders.winner, v_now, p_keeps => false);
end
$$;
