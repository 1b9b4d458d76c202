-- Wishlists. The account's lock serializes all changes of its list: after the list was replaced as a whole it is that list, not a mixture with
-- another one.

-- Adds a shoe; one that is on the list keeps its position. Refuses a shoe that does not exist (not_found), and more than 1,000 shoes (invalid).
create function api.put_wish(p_session bytea, p_shoe_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
begin
	perform api.lock_account(v_account_id);
	if not exists (select from market.shoe s where s.shoe_id = p_shoe_id) then
		perform api.refuse('not_found');
	end if;
	if exists (select from market.wish w where w.account_id = v_account_id and w.shoe_id = p_shoe_id) then
		return;
	end if;
	if (select count(*) from market.wish w where w.account_id = v_account_id) >= 1000 then
		perform api.refuse('invalid', null, api.field_error('shoe_id', 'A wishlist holds 1,000 shoes. Take one off first.'));
	end if;
	insert into market.wish (account_id, shoe_id, added_at)
	values (v_account_id, p_shoe_id, market.clock())
	on conflict (account_id, shoe_id) do nothing;
end
$$;

-- Removes a shoe, if it is on the list.
create function api.drop_wish(p_session bytea, p_shoe_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
begin
	perform api.lock_account(v_account_id);
	delete from market.wish w where w.account_id = v_account_id and w.shoe_id = p_shoe_id;
end
$$;

-- Replaces the list; new shoes come on top, the first named first. Refuses it as a whole if one of the shoes does not exist (invalid).
create function api.put_wishlist(p_session bytea, p_shoe_ids bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_unknown bigint;
begin
	perform api.lock_account(v_account_id);
	select a.shoe_id into v_unknown
	from unnest(p_shoe_ids) as a(shoe_id)
	where not exists (select from market.shoe s where s.shoe_id = a.shoe_id)
	limit 1;
	if v_unknown is not null then
		perform api.refuse('invalid', null, api.field_error('shoe_ids', format('There is no shoe %s.', v_unknown)));
	end if;
	delete from market.wish w where w.account_id = v_account_id and w.shoe_id <> all (p_shoe_ids);
	insert into market.wish (account_id, shoe_id, added_at)
	select v_account_id, a.shoe_id, market.clock()
	from unnest(p_shoe_ids) with ordinality as a(shoe_id, n)
	where not exists (select from market.wish w where w.account_id = v_account_id and w.shoe_id = a.shoe_id)
	group by a.shoe_id
	order by min(a.n) desc
	on conflict (account_id, shoe_id) do nothing;
end
$$;

-- The account's wishlist, newest first, with the cheapest offer of each shoe.
create function api.wishlist(p_session bytea, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_before bigint := api.cursor_id(p_cursor, 'w');
begin
	return (
		with page as (
			select w.wish_id, w.shoe_id, w.added_at, row_number() over (order by w.wish_id desc) as nth
			from market.wish w
			where w.account_id = v_account_id and (v_before is null or w.wish_id < v_before)
			order by w.wish_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'shoes', coalesce((
				select json_agg(json_build_object(
					'shoe_id', c.shoe_id,
					'brand', c.brand,
					'style', c.style,
					'color', c.color,
					'listing_id', c.listing_id,
					'price_cents', c.price_cents,
					'photo', c.photo,
					'added_at', market.rfc3339(p.added_at)) order by p.nth)
				from page p
				join api.shoe_card c on c.shoe_id = p.shoe_id
				where p.nth <= p_limit), '[]'),
			'next', (select 'w' || max(p.wish_id) filter (where p.nth = p_limit) from page p having count(*) > p_limit))
	);
end
$$;
