-- Reviews of shops by their buyers.

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
-- lock guards both conditions: its orders and reviews change only under it. The shop's counters change by the difference.
create function api.put_review(p_session bytea, p_shop_id bigint, p_rating int, p_comment text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_old market.review;
	v_new market.review;
	v_now timestamptz;
begin
	perform api.lock_account(v_account_id);
	if not exists (select from market.shop h where h.shop_id = p_shop_id) then
		perform api.refuse('not_found');
	end if;
	if not exists (
		select from market.orders o
		join market.shipment p on p.order_id = o.order_id and p.shop_id = p_shop_id
		where o.account_id = v_account_id and o.status = 'placed')
	then
		perform api.refuse('forbidden', 'Only who bought in this shop can review it.');
	end if;
	select * into v_old from market.review r where r.shop_id = p_shop_id and r.account_id = v_account_id;
	v_now := market.clock();
	update market.shop h
	set rating_sum = h.rating_sum + p_rating - coalesce(v_old.rating, 0),
		review_count = h.review_count + case when v_old.account_id is null then 1 else 0 end
	where h.shop_id = p_shop_id;
	if v_old.account_id is null then
		insert into market.review (shop_id, account_id, rating, comment, created_at, updated_at)
		values (p_shop_id, v_account_id, p_rating, p_comment, v_now, v_now)
		returning * into v_new;
	else
		update market.review set rating = p_rating, comment = p_comment, updated_at = v_now
		where shop_id = p_shop_id and account_id = v_account_id
		returning * into v_new;
	end if;
	return api.review_answer(v_new);
end
$$;

create function api.shop_reviews(p_shop_id bigint, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_before bigint := api.cursor_id(p_cursor, 'r');
begin
	if not exists (select from market.shop h where h.shop_id = p_shop_id) then
		perform api.refuse('not_found');
	end if;
	return (
		with page as (
			select r, r.review_id, row_number() over (order by r.review_id desc) as nth
			from market.review r
			where r.shop_id = p_shop_id and (v_before is null or r.review_id < v_before)
			order by r.review_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'reviews', coalesce((select json_agg(api.review_answer(g.r) order by g.nth) from page g where g.nth <= p_limit), '[]'),
			'next', (select 'r' || max(g.review_id) filter (where g.nth = p_limit) from page g having count(*) > p_limit))
	);
end
$$;
