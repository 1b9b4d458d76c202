-- Reviews of shops by their buyers. A review counts and shows while its account has an order in the shop that is not cancelled, so the rating stands on the same
-- orders as the pairs sold; else it has lapsed. All of that changes only under the account's lock: a cancellation lets reviews lapse, a checkout restores them.
-- The shop's counters change by the difference, under the lock of the shop's row. A checkout takes that lock only for an account that has a lapsed review.

-- A review as everyone sees it: with the reviewer's public name, and without the account's number.
create function api.review_answer(r market.review) returns json
language sql stable
begin atomic
	select json_build_object(
		'name', api.public_name(a.name),
		'rating', (r).rating,
		'comment', (r).comment,
		'created_at', market.rfc3339((r).created_at),
		'updated_at', market.rfc3339((r).updated_at))
	from market.account a
	where a.account_id = (r).account_id;
end;

-- One review for each account and shop, by an account with an order there that was not cancelled; a second one replaces the first. The account's
-- lock guards both conditions.
create function api.put_review(p_session bytea, p_shop_id bigint, p_rating int, p_comment text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_old market.review;
	v_new market.review;
	v_counts boolean; -- the old one does
	v_now timestamptz;
begin
	perform api.lock_account(v_account_id);
	if not exists (select from market.shop h where h.shop_id = p_shop_id) then
		perform api.refuse('not_found');
	end if;
	if not exists (
		select from market.orders o
		join market.shipment p on p.order_id = o.order_id and p.shop_id = p_shop_id
		where o.account_id = v_account_id and api.is_sold(o.status, o.payment_status) and p.status <> 'cancelled')
	then
		perform api.refuse('forbidden', 'Only who bought in this shop can review it.');
	end if;
	select * into v_old from market.review r where r.shop_id = p_shop_id and r.account_id = v_account_id;
	v_counts := v_old.account_id is not null and not v_old.lapsed;
	v_now := market.clock();
	update market.shop h
	set rating_sum = h.rating_sum + p_rating - case when v_counts then v_old.rating else 0 end,
		review_count = h.review_count + (not v_counts)::int
	where h.shop_id = p_shop_id;
	if v_old.account_id is null then
		insert into market.review (shop_id, account_id, rating, comment, created_at, updated_at)
		values (p_shop_id, v_account_id, p_rating, p_comment, v_now, v_now)
		returning * into v_new;
	else
		update market.review set rating = p_rating, comment = p_comment, updated_at = v_now, lapsed = false
		where shop_id = p_shop_id and account_id = v_account_id
		returning * into v_new;
	end if;
	return api.review_answer(v_new);
end
$$;

create function api.shop_reviews(p_session bytea, p_shop_id bigint, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_before bigint := api.cursor_id(p_cursor, 'r');
begin
	perform api.must_see_shop(api.require(p_session, 'anyone'), p_shop_id);
	return (
		with page as (
			select r, r.review_id, row_number() over (order by r.review_id desc) as nth
			from market.review r
			where r.shop_id = p_shop_id and not r.lapsed and (v_before is null or r.review_id < v_before)
			order by r.review_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'reviews', coalesce((select json_agg(api.review_answer(g.r) order by g.nth) from page g where g.nth <= p_limit), '[]'),
			'next', (select 'r' || max(g.review_id) filter (where g.nth = p_limit) from page g having count(*) > p_limit))
	);
end
$$;

-- The shops of the order (or p_shop_id alone) in which the account has no other order that is not cancelled, and a review that counts. Locks them. The account
-- is locked.
create function api.lock_lapsing_reviews(p_account_id bigint, p_order_id bigint, p_shop_id bigint default null) returns bigint[]
language plpgsql as $$
declare
	v_shop_ids bigint[] := array(
		select r.shop_id
		from market.shipment p
		join market.review r on r.shop_id = p.shop_id and r.account_id = p_account_id
		where p.order_id = p_order_id and (p_shop_id is null or p.shop_id = p_shop_id) and not r.lapsed
			and not exists (
				select from market.orders o
				join market.shipment q on q.order_id = o.order_id and q.shop_id = r.shop_id
				where o.account_id = p_account_id and api.is_sold(o.status, o.payment_status) and q.status <> 'cancelled'
					and o.order_id <> p_order_id));
begin
	perform from market.shop h where h.shop_id = any(v_shop_ids)
	order by h.shop_id
	for no key update -- guard: lapsing
	;
	return v_shop_ids;
end
$$;

-- Lets the account's reviews of these shops lapse. They are locked.
create function api.lapse_reviews(p_account_id bigint, p_shop_ids bigint[]) returns void
language plpgsql as $$
begin
	if p_shop_ids = '{}' then
		return;
	end if;
	with lapsed as (
		update market.review r set lapsed = true
		where r.shop_id = any(p_shop_ids) and r.account_id = p_account_id
		returning r.shop_id, r.rating
	)
	update market.shop h
	set rating_sum = h.rating_sum - r.rating, review_count = h.review_count - 1
	from lapsed r
	where h.shop_id = r.shop_id;
	update market.cart c set has_lapsed_review = true where c.account_id = p_account_id;
end
$$;

-- The lapsed reviews of the shops in which these calls buy, by their own accounts.
create function api.lapsed_reviews(p_batch api.batch, p_lines api.checkout_lines) returns table (call int, shop_id bigint)
language sql stable
begin atomic
	select distinct l.call, l.shop_id
	from unnest(p_lines.call, p_lines.shop_id) as l(call, shop_id)
	cross join lateral (
		select from market.review r where r.shop_id = l.shop_id and r.account_id = p_batch.account_id[l.call] and r.lapsed offset 0) r;
end;

-- Locks the shops of these reviews. The accounts are locked.
create function api.lock_lapsed_reviews(p_batch api.batch, p_lines api.checkout_lines) returns void
language plpgsql as $$
declare
	v_shop_ids bigint[] := array(select r.shop_id from api.lapsed_reviews(p_batch, p_lines) r);
begin
	perform from market.shop h where h.shop_id = any(v_shop_ids)
	order by h.shop_id
	for no key update -- guard: lapsed
	;
end
$$;

-- The reviews count again of accounts that have bought in these shops. The shops are locked. p_if_free: only by orders that cost nothing; others have to be paid
-- first.
create function api.restore_reviews(p_batch api.batch, p_lines api.checkout_lines, p_orders api.checkout_orders, p_if_free boolean) returns void
language plpgsql as $$
declare
	v_account_ids bigint[];
begin
	with bought as (
		select distinct p_batch.account_id[p_lines.call[j]] as account_id, p_lines.shop_id[j] as shop_id
		from generate_series(1, cardinality(p_lines.call)) as j
		where p_orders.shipment_id[j] > 0 and not (p_if_free and p_orders.total_cents[p_lines.call[j]] > 0)
	), restored as (
		update market.review r set lapsed = false
		from bought b
		where r.shop_id = any(array[b.shop_id]) and r.account_id = b.account_id and r.lapsed
		returning r.account_id, r.shop_id, r.rating
	), counted as (
		update market.shop h
		set rating_sum = h.rating_sum + r.total, review_count = h.review_count + r.number
		from (select r.shop_id, sum(r.rating) as total, count(*) as number from restored r group by r.shop_id) r
		where h.shop_id = any(array[r.shop_id])
	)
	select array_agg(r.account_id) into v_account_ids from restored r;
	update market.cart c set has_lapsed_review = false
	where c.account_id = any(v_account_ids)
		and not exists (select from market.review r where r.account_id = c.account_id and r.lapsed);
end
$$;

-- The same for one account, whose order in these shops was paid. The shops are locked.
create function api.restore_account_reviews(p_account_id bigint, p_shop_ids bigint[]) returns void
language plpgsql as $$
begin
	with restored as (
		update market.review r set lapsed = false
		where r.shop_id = any(p_shop_ids) and r.account_id = p_account_id and r.lapsed
		returning r.shop_id, r.rating
	)
	update market.shop h
	set rating_sum = h.rating_sum + r.rating, review_count = h.review_count + 1
	from restored r
	where h.shop_id = r.shop_id;
	update market.cart c set has_lapsed_review = false
	where c.account_id = p_account_id and not exists (select from market.review r where r.account_id = p_account_id and r.lapsed);
end
$$;
