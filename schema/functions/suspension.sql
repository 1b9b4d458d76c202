-- Suspensions: an admin takes a shop or a listing off the market, at once and until the admin lets it in again. What was sold stays. Nothing is added to a checkout: it finds
-- a suspended listing as it finds a withdrawn one, in the row that it reads under the lock of the stock, which a suspension takes too.

-- The suspension of a listing, or of the shop with p_listing_id 0; NULL: it is not suspended.
create function api.suspension_answer(p_shop_id bigint, p_listing_id bigint) returns json
language sql stable
begin atomic
	select json_build_object('reason', s.reason, 'suspended_at', market.rfc3339(s.at))
	from market.suspension s
	where s.shop_id = p_shop_id and s.listing_id = p_listing_id;
end;

-- The answer of a shop (p_listing_id 0) or a listing with the member `suspension`, for its owner and admins; as it is, if neither it nor its shop is suspended.
-- The reason of the listing goes before that of the shop.
create function api.with_suspension(p_answer json, p_shop_id bigint, p_listing_id bigint) returns json
language plpgsql stable as $$
declare
	v_suspension json := coalesce(api.suspension_answer(p_shop_id, p_listing_id), api.suspension_answer(p_shop_id, 0));
begin
	if v_suspension is null then
		return p_answer;
	end if;
	return left(rtrim(p_answer::text), -1) || ',"suspension":' || v_suspension || '}';
end
$$;

-- Whether the account sees what is suspended in this shop: its owner and admins do.
create function api.sees_suspended(p_account_id bigint, p_shop_id bigint) returns boolean
language sql stable
begin atomic
	select exists (select from market.shop h where h.shop_id = p_shop_id and h.account_id = p_account_id)
		or exists (select from market.account a where a.account_id = p_account_id and a.role = 'admin');
end;

-- Refuses (not_found) a shop that is not there, or that is suspended and not for this account to see.
create function api.must_see_shop(p_account_id bigint, p_shop_id bigint) returns void
language plpgsql stable as $$
declare
	v_suspended boolean;
begin
	select h.suspended into v_suspended from market.shop h where h.shop_id = p_shop_id;
	if v_suspended is null or v_suspended and not api.sees_suspended(p_account_id, p_shop_id) then
		perform api.refuse('not_found');
	end if;
end
$$;

-- Refuses the owner's start of what would offer something: the shop is suspended.
create function api.must_not_be_suspended(p_shop_id bigint) returns void
language plpgsql stable as $$
declare
	v_suspension json := api.suspension_answer(p_shop_id, 0);
begin
	if v_suspension is not null then
		perform api.refuse('invalid_state', format('Your shop is suspended, so nothing of it is offered: %s', v_suspension ->> 'reason'));
	end if;
end
$$;

-- Writes what an admin decided, and its line in the log of acts; false: it is so already. To suspend takes a reason; another one replaces it. The caller has
-- locked the shop or the listing.
create function api.decide_suspension(p_account_id bigint, p_shop_id bigint, p_listing_id bigint, p_suspended boolean, p_reason text, p_subject text)
returns boolean
language plpgsql as $$
declare
	v_old market.suspension;
begin
	select * into v_old from market.suspension s where s.shop_id = p_shop_id and s.listing_id = p_listing_id;
	if p_suspended and p_reason is null then
		perform api.refuse('invalid', null, api.field_error('reason', 'Say why: the owner of the shop reads it.'));
	elsif p_suspended = (v_old.shop_id is not null) and (not p_suspended or p_reason = v_old.reason) then
		return false;
	end if;
	if not p_suspended then
		delete from market.suspension s where s.shop_id = p_shop_id and s.listing_id = p_listing_id;
	else
		insert into market.suspension (shop_id, listing_id, reason, at) values (p_shop_id, p_listing_id, p_reason, market.clock())
		on conflict (shop_id, listing_id) do update set reason = excluded.reason;
	end if;
	perform api.note_act(p_account_id, (case when p_suspended then 'suspend_' else 'readmit_' end) || case p_listing_id when 0 then 'shop' else 'listing' end,
		p_subject, p_reason);
	return true;
end
$$;

-- Makes listings what the suspensions say (p_listing_id NULL: all of the shop): holds end, lists and counts lose them or have them again. The stock is locked.
create function api.apply_suspension(p_shop_id bigint, p_listing_id bigint default null) returns void
language plpgsql
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off as $$
begin
	perform api.end_holds(array_agg(r.shop_id), array_agg(r.reservation_id), false)
	from market.reservation r
	where r.shop_id = p_shop_id and (p_listing_id is null or r.listing_id = p_listing_id)
		and (exists (select from market.suspension s where s.shop_id = r.shop_id and s.listing_id in (0, r.listing_id)));
	update market.listing l
	set suspended = k.suspended, in_stock = k.available > 0 and l.withdrawn_at is null and not k.suspended
	from (
		select k.shop_id, k.listing_id, k.available,
			exists (select from market.suspension s where s.shop_id = k.shop_id and s.listing_id in (0, k.listing_id)) as suspended
		from market.stock k
		where k.shop_id = p_shop_id and (p_listing_id is null or k.listing_id = p_listing_id)) k
	where l.shop_id = k.shop_id and l.listing_id = k.listing_id and l.suspended <> k.suspended;
	delete from market.facet_count c where c.filter in (select f.filter from market.facet_count f for update skip locked);
end
$$;

create function api.suspend_shop(p_session bytea, p_shop_id bigint, p_suspended boolean, p_reason text default null) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'admin', p_shop_id);
	v_name text;
begin
	perform from market.shop h where h.shop_id = p_shop_id for no key update; -- guard: shop
	select h.name into v_name from market.shop h where h.shop_id = p_shop_id;
	perform from market.stock k where k.shop_id = p_shop_id order by k.listing_id
	for no key update -- guard: stock
	;
	if api.decide_suspension(v_account_id, p_shop_id, 0, p_suspended, nullif(p_reason, ''), format('shop %s (%s)', p_shop_id, v_name)) then
		update market.shop h set suspended = p_suspended where h.shop_id = p_shop_id;
		perform api.apply_suspension(p_shop_id);
	end if;
	return json_build_object('shop_id', p_shop_id, 'name', v_name, 'suspended', p_suspended,
		'reason', api.suspension_answer(p_shop_id, 0) -> 'reason', 'suspended_at', api.suspension_answer(p_shop_id, 0) -> 'suspended_at');
end
$$;

-- `suspended` in the answer is the listing's own: its shop may be suspended besides.
create function api.suspend_listing(p_session bytea, p_listing_id bigint, p_suspended boolean, p_reason text default null) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'admin');
	v_shop_id bigint;
	v_shoe text;
begin
	select l.shop_id, format('%s %s', s.brand, s.style) into v_shop_id, v_shoe
	from market.listing l
	join market.shoe s on s.shoe_id = l.shoe_id
	where l.listing_id = p_listing_id and l.withdrawn_at is null;
	if v_shop_id is null then
		perform api.refuse('not_found');
	end if;
	perform from market.stock k where k.shop_id = v_shop_id and k.listing_id = p_listing_id
	for no key update -- guard: listing_stock
	;
	if api.decide_suspension(v_account_id, v_shop_id, p_listing_id, p_suspended, nullif(p_reason, ''), format('listing %s (%s)', p_listing_id, v_shoe)) then
		perform api.apply_suspension(v_shop_id, p_listing_id);
	end if;
	return (
		select json_build_object('listing_id', p_listing_id, 'shop_id', v_shop_id, 'shop_name', h.name, 'suspended', p_suspended,
			'reason', api.suspension_answer(v_shop_id, p_listing_id) -> 'reason',
			'suspended_at', api.suspension_answer(v_shop_id, p_listing_id) -> 'suspended_at')
		from market.shop h where h.shop_id = v_shop_id);
end
$$;

-- A shop as anyone sees it; while it is suspended its owner and admins do, with the reason.
create function api.shop_one(p_session bytea, p_shop_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'anyone');
begin
	perform api.must_see_shop(v_account_id, p_shop_id);
	return api.with_suspension(api.shop_answer(p_shop_id), p_shop_id, 0);
end
$$;

-- Likewise a listing that was not withdrawn.
create function api.listing_one(p_session bytea, p_listing_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_shop_id bigint;
	v_suspended boolean;
	v_answer json;
begin
	select o.shop_id, o.suspended, o.answer into v_shop_id, v_suspended, v_answer
	from api.offer o
	where o.listing_id = p_listing_id and o.withdrawn_at is null;
	if v_suspended then
		if not api.sees_suspended(api.require(p_session, 'anyone'), v_shop_id) then
			perform api.refuse('not_found');
		end if;
		return api.with_suspension(v_answer, v_shop_id, p_listing_id);
	end if;
	if v_answer is null then
		perform api.refuse('not_found');
	end if;
	return v_answer;
end
$$;
