-- Flash sales: a number of discounted pairs of one shop, until they are sold or the sale ends.

-- Starts a sale, or plans one that starts at p_starts_at, if the present one has ended or has no discounts left; a planned one is the present one, too. Two
-- starts at once: the row of the old sale makes the second wait; without one, the unique index sale_present does.
create function api.start_flash_sale(p_session bytea, p_shop_id bigint, p_discounts int, p_percent_off int,
	p_ends_at timestamptz, p_key text, p_digest bytea, p_per_account int default null,
	p_starts_at timestamptz default null)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	v_account_id bigint := api.require(p_session, 'owner', p_shop_id);
	v_kept json := api.key_claim(v_account_id, p_key, p_digest);
	v_now timestamptz;
	v_old market.sale;
	v_sale_id bigint;
	v_answer json;
begin
	if v_kept is not null then
		return query select 'replayed', v_kept;
		return;
	end if;
	perform api.must_not_be_suspended(p_shop_id);
	perform from market.sale f where f.shop_id = p_shop_id and f.replaced_at is null
	for no key update -- guard: sale
	;
	select * into v_old from market.sale f where f.shop_id = p_shop_id and f.replaced_at is null;
	v_now := market.clock();
	if v_old.discounts_left > 0 and (v_old.ends_at is null or v_old.ends_at > v_now) then
		if (v_old.discounts, v_old.percent_off) = (p_discounts, p_percent_off) and v_old.ends_at is not distinct from p_ends_at
			and v_old.per_account is not distinct from p_per_account and (case when p_starts_at is null then v_old.starts_at <= v_now else v_old.starts_at = p_starts_at end)
		then
			perform api.refuse_unchanged('sale_active');
		end if;
		perform api.refuse('sale_active');
	end if;
	if p_ends_at <= v_now then
		perform api.refuse('invalid', null, api.field_error('ends_at', 'This moment is past.'));
	elsif p_starts_at < v_now - interval '1 minute' then -- a form that is sent a little late starts the sale at once
		perform api.refuse('invalid', null, api.field_error('starts_at', 'This moment is past.'));
	elsif p_ends_at <= p_starts_at then
		perform api.refuse('invalid', null, api.field_error('ends_at', 'It ends after it starts.'));
	end if;

	update market.sale set replaced_at = v_now where shop_id = p_shop_id and sale_id = v_old.sale_id;
	insert into market.sale (shop_id, discounts, discounts_left, percent_off, starts_at, ends_at, per_account)
	values (p_shop_id, p_discounts, p_discounts, p_percent_off, greatest(p_starts_at, v_now), p_ends_at, p_per_account)
	on conflict (shop_id) where replaced_at is null do nothing -- guard: sale_present
	returning sale_id into v_sale_id;
	if v_sale_id is null then
		perform api.refuse('sale_active');
	end if;
	insert into market.discount_entry (shop_id, sale_id, delta, reason, at)
	values (p_shop_id, v_sale_id, p_discounts, 'started', v_now);

	select c.answer into v_answer from api.present_sale c where c.shop_id = p_shop_id;
	if v_answer is null then
		perform api.must_not_be_suspended(p_shop_id); -- it was suspended meanwhile
	end if;
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;

-- Ends the sale. One that has not started yet never will: it ends when it would have started, and is replaced by none.
create function api.end_sale(p_session bytea, p_shop_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_now timestamptz;
	v_ended bigint;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform from market.sale f where f.shop_id = p_shop_id and f.replaced_at is null
	for no key update -- guard: sale
	;
	v_now := market.clock();
	update market.sale f
	set ends_at = greatest(f.starts_at, v_now), replaced_at = case when f.starts_at > v_now then v_now end
	where f.shop_id = p_shop_id and f.replaced_at is null and (f.ends_at is null or f.ends_at > v_now)
	returning f.sale_id into v_ended;
	if v_ended is null then
		perform api.refuse_unchanged('not_found');
	end if;
end
$$;

-- Sales that are on or planned and have discounts left, newest first, of shops that have a pair to sell; or the one of a shop, also if it has none.
create function api.sales(p_shop_id bigint, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_before bigint := api.cursor_id(p_cursor, 'f');
begin
	return (
		with page as (
			select f.sale_id, f.answer, row_number() over (order by f.sale_id desc) as nth
			from api.present_sale f
			where f.discounts_left > 0 and (v_before is null or f.sale_id < v_before) and (p_shop_id is null or f.shop_id = p_shop_id)
				and (p_shop_id is not null or exists (select from market.listing l where l.shop_id = f.shop_id and l.in_stock))
			order by f.sale_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'sales', coalesce((select json_agg(p.answer order by p.nth) from page p where p.nth <= p_limit), '[]'),
			'next', (select 'f' || max(p.sale_id) filter (where p.nth = p_limit) from page p having count(*) > p_limit))
	);
end
$$;

-- How many discounted pairs each account may still get of each shop's sale, where a sale has such a limit. The sales are locked.
create function api.sale_shares(p_batch api.batch, p_lines api.checkout_lines, p_listings api.checkout_listings,
	p_shops api.checkout_shops) returns api.checkout_lines
language plpgsql as $$
begin
	select array_agg(i.share order by i.n) into p_lines.share
	from (
		select i.n, dense_rank() over (order by p_batch.account_id[i.call], i.shop_id)::int as share
		from unnest(p_lines.call, p_lines.shop_id) with ordinality as i(call, shop_id, n)
	) i;
	select array_agg(case when p_shops.per_account[i.shop] is null then 2147483647 else greatest(p_shops.per_account[i.shop] - coalesce(s.pairs, 0), 0) end
		order by i.account_id, i.shop_id)
	into p_lines.share_left
	from (
		select distinct p_batch.account_id[i.call] as account_id, i.shop_id, p_listings.shop[i.listing] as shop
		from unnest(p_lines.call, p_lines.shop_id, p_lines.listing) as i(call, shop_id, listing)
	) i
	left join lateral (
		select s.pairs from market.sale_share s
		where s.shop_id = i.shop_id and s.sale_id = p_shops.sale_id[i.shop] and s.account_id = i.account_id offset 0) s on true;
	return p_lines;
end
$$;

-- Counts what each account has got of the sales with such a limit.
create function api.count_sale_shares(p_batch api.batch, p_lines api.checkout_lines, p_listings api.checkout_listings,
	p_shops api.checkout_shops, p_orders api.checkout_orders) returns void
language plpgsql as $$
begin
	insert into market.sale_share as s (shop_id, sale_id, account_id, pairs)
	select i.shop_id, p_shops.sale_id[i.shop], i.account_id, sum(i.pairs)
	from (
		select i.shop_id, p_listings.shop[i.listing] as shop, p_batch.account_id[i.call] as account_id, i.pairs
		from unnest(p_lines.call, p_lines.shop_id, p_lines.listing, p_orders.discounted) as i(call, shop_id, listing, pairs)
		where p_orders.order_id[i.call] > 0 and i.pairs > 0
	) i
	where p_shops.per_account[i.shop] is not null
	group by i.shop_id, i.shop, i.account_id
	on conflict (shop_id, sale_id, account_id) do update set pairs = s.pairs + excluded.pairs;
end
$$;
