-- Verification: a shop asks, an admin decides.

-- The state of a shop's request, its figures, and the reason of the decision, if one was given. Eligible: 5 pairs sold, 5 reviews, a mean rating of 3 or more.
create function api.verification_answer(p_shop_id bigint) returns json
language sql stable
begin atomic
	select json_object_agg(m.name, m.value order by m.nth)
	from market.shop h
	join market.balance b on b.shop_id = h.shop_id
	left join market.verification v on v.shop_id = h.shop_id
	cross join lateral (values
		(1, 'status', to_json(coalesce(v.status, 'none'))),
		(2, 'eligible', to_json(b.pairs_sold >= 5 and h.review_count >= 5 and h.rating_sum >= 3 * h.review_count)),
		(3, 'sold', to_json(b.pairs_sold)),
		(4, 'rating', to_json(trim_scale(round(h.rating_sum::numeric / nullif(h.review_count, 0), 2)))),
		(5, 'reviews', to_json(h.review_count)),
		(6, 'reason', to_json(v.reason))) as m(nth, name, value)
	where h.shop_id = p_shop_id and (m.name <> 'reason' or m.value is not null);
end;

-- Asks to be verified. After a refusal the shop waits again; otherwise asking again changes nothing.
create function api.ask_verification(p_session bytea, p_shop_id bigint, p_key text, p_digest bytea)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	v_account_id bigint := api.require(p_session, 'owner', p_shop_id);
	v_kept json := api.key_claim(v_account_id, p_key, p_digest);
	v_answer json;
begin
	if v_kept is not null then
		return query select 'replayed', v_kept;
		return;
	end if;
	insert into market.verification as v (shop_id, status, requested_at) values (p_shop_id, 'pending', market.clock())
	on conflict (shop_id) do update set status = 'pending', requested_at = excluded.requested_at, reason = null where v.status = 'refused';
	v_answer := api.verification_answer(p_shop_id);
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;

-- For the shop's owner. Admins decide by it, so they may read it of every shop.
create function api.verification(p_session bytea, p_shop_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint;
	v_refusal text;
begin
	select c.account_id, c.refusal into v_account_id, v_refusal from api.caller(p_session, 'owner', p_shop_id) c;
	if v_refusal = 'forbidden' and exists (select from market.account a where a.account_id = v_account_id and a.role = 'admin') then
		v_refusal := null;
	end if;
	if v_refusal is not null then
		perform api.refuse(v_refusal);
	end if;
	return api.verification_answer(p_shop_id);
end
$$;

-- An admin's decision, its copy in the shop, and its line in the log of acts. To verify a shop that is not eligible, and to take a verification back,
-- takes a reason. The same decision once more without a reason changes nothing. Of two decisions at once the second reads what the first wrote.
create function api.decide_verification(p_session bytea, p_shop_id bigint, p_verified boolean, p_reason text default null) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'admin', p_shop_id);
	v_reason text := nullif(p_reason, '');
	v_status text := case when p_verified then 'verified' else 'refused' end;
	v_shop market.shop;
	v_now timestamptz;
begin
	perform from market.shop h where h.shop_id = p_shop_id for no key update; -- guard: shop
	select * into v_shop from market.shop h where h.shop_id = p_shop_id;
	if v_reason is null and v_status = (select v.status from market.verification v where v.shop_id = p_shop_id) then
		return api.verification_answer(p_shop_id);
	elsif v_reason is null and p_verified and not (api.verification_answer(p_shop_id) ->> 'eligible')::boolean then
		perform api.refuse('invalid', null, api.field_error('reason', 'This shop is not eligible. Say why it is verified all the same.'));
	elsif v_reason is null and v_shop.verified and not p_verified then
		perform api.refuse('invalid', null, api.field_error('reason', 'This shop is verified. Say why you take that back.'));
	end if;
	v_now := market.clock();
	update market.shop set verified = p_verified where shop_id = p_shop_id;
	insert into market.verification (shop_id, status, requested_at, decided_at, reason)
	values (p_shop_id, v_status, v_now, v_now, v_reason)
	on conflict (shop_id) do update set status = excluded.status, decided_at = excluded.decided_at, reason = excluded.reason;
	perform api.note_act(v_account_id,
		case when p_verified then 'verify_shop' when v_shop.verified then 'take_back_verification' else 'refuse_shop' end,
		format('shop %s (%s)', p_shop_id, v_shop.name), v_reason);
	return api.verification_answer(p_shop_id);
end
$$;

-- The shops that wait for a decision, by id.
create function api.verifications(p_session bytea, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_after bigint := api.cursor_id(p_cursor, 'v');
begin
	perform api.require(p_session, 'admin');
	return (
		with page as (
			select v.shop_id, row_number() over (order by v.shop_id) as nth
			from market.verification v
			where v.status = 'pending' and (v_after is null or v.shop_id > v_after)
			order by v.shop_id
			limit p_limit + 1
		)
		select json_build_object(
			'shops', coalesce((
				select json_agg(json_build_object(
					'shop_id', h.shop_id, 'name', h.name, 'status', v.status, 'eligible', a.answer -> 'eligible', 'sold', a.answer -> 'sold',
					'rating', a.answer -> 'rating', 'reviews', a.answer -> 'reviews', 'requested_at', market.rfc3339(v.requested_at))
					order by g.nth)
				from page g
				join market.shop h on h.shop_id = g.shop_id
				join market.verification v on v.shop_id = g.shop_id
				cross join lateral (select api.verification_answer(g.shop_id)) as a(answer)
				where g.nth <= p_limit), '[]'),
			'next', (select 'v' || max(g.shop_id) filter (where g.nth = p_limit) from page g having count(*) > p_limit))
	);
end
$$;
