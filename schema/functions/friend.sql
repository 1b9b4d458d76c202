-- Friends. Two accounts have one row, and are friends when both have asked. No answer has another account's e-mail, only names: of friends, of
-- accounts that ask, and of friends of friends.

-- Each friendship, once from each side.
create view api.friend as
select f.low_account_id as account_id, f.high_account_id as friend_id, f.low_asked_at as asked_at, f.high_asked_at as was_asked_at
from market.friendship f
union all
select f.high_account_id, f.low_account_id, f.high_asked_at, f.low_asked_at
from market.friendship f;
grant select on api.friend to shoetopia_api;

-- The friends of an account.
create function api.friend_ids(p_account_id bigint) returns setof bigint
language sql stable rows 20
begin atomic
	select f.friend_id from api.friend f where f.account_id = p_account_id and f.asked_at is not null and f.was_asked_at is not null;
end;

-- Whether an account may be addressed by its id: there is a request between the two already, or they have a common friend. Otherwise a client
-- could try all ids.
create function api.is_near(p_account_id bigint, p_other_id bigint) returns boolean
language sql stable
return exists (select from api.friend f where f.account_id = p_account_id and f.friend_id = p_other_id)
	or exists (select from api.friend_ids(p_account_id) as m(account_id) where p_other_id in (select api.friend_ids(m.account_id)));

-- Asks another account, or accepts the request of one that has asked: both are the same. If two ask each other at once, the second waits at their
-- one row and is answered `friends`. Codes: not_found, invalid, key_reused, replayed.
create function api.ask_friend(p_session bytea, p_email text, p_account_id bigint, p_key text, p_digest bytea)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_kept json := api.key_claim(v_account_id, p_key, p_digest);
	v_other_id bigint;
	v_now timestamptz;
	v_friends boolean;
	v_answer json;
begin
	if v_kept is not null then
		return query select 'replayed', v_kept;
		return;
	end if;
	if p_email is null and p_account_id is null then
		perform api.refuse('invalid', null, api.field_error('email', 'Please fill this in.'));
	elsif p_email is not null and p_account_id is not null then
		perform api.refuse('invalid', null, api.field_error('account_id', 'Give this or the e-mail, not both.'));
	elsif p_email is not null then
		select a.account_id into v_other_id from market.account a where a.email_key = market.fold(p_email);
	else
		select a.account_id into v_other_id from market.account a
		where a.account_id = p_account_id and (a.account_id = v_account_id or api.is_near(v_account_id, a.account_id));
	end if;
	if v_other_id is null then
		perform api.refuse('not_found', case when p_email is null then 'Ask by e-mail: this is nobody who asked you, nor a friend of your friends.'
			else 'Nobody here has this e-mail. Did they sign up with another one?' end);
	elsif v_other_id = v_account_id then
		perform api.refuse('invalid', null, api.field_error(case when p_email is null then 'account_id' else 'email' end,
			'This is you. Ask somebody else.'));
	end if;

	v_now := market.clock();
	insert into market.friendship as f (low_account_id, high_account_id, low_asked_at, high_asked_at)
	values (least(v_account_id, v_other_id), greatest(v_account_id, v_other_id),
		case when v_account_id < v_other_id then v_now end, case when v_account_id > v_other_id then v_now end)
	on conflict (low_account_id, high_account_id) do update -- guard: pair
	set low_asked_at = coalesce(f.low_asked_at, excluded.low_asked_at), -- guard: pair
		high_asked_at = coalesce(f.high_asked_at, excluded.high_asked_at) -- guard: pair
	where (f.low_asked_at is null and excluded.low_asked_at is not null) -- guard: pair
		or (f.high_asked_at is null and excluded.high_asked_at is not null) -- guard: pair
	returning low_asked_at is not null and high_asked_at is not null into v_friends;
	if v_friends is null then -- we had asked before; the row is locked, so it is still there
		v_friends := exists (select from api.friend_ids(v_account_id) as m(account_id) where m.account_id = v_other_id);
	end if;

	v_answer := json_build_object('status', case when v_friends then 'friends' else 'asked' end);
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;

-- Ends a friendship, withdraws a request or declines one: deletes the row of the two.
create function api.drop_friend(p_session bytea, p_account_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
begin
	delete from market.friendship f
	where f.low_account_id = least(v_account_id, p_account_id) and f.high_account_id = greatest(v_account_id, p_account_id);
	if not found then
		perform api.refuse('not_found');
	end if;
end
$$;

-- The account's friends, the accounts that ask it, or those that it asked; newest first.
create function api.friends(p_session bytea, p_status text, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_before bigint[] := api.cursor_parts(p_cursor, 'f', 2); -- microseconds, account
begin
	return (
		with mine as (
			select f.friend_id, f.asked_at, greatest(f.asked_at, f.was_asked_at) as updated_at
			from api.friend f
			where f.account_id = v_account_id
				and p_status = case when f.was_asked_at is null then 'asked' when f.asked_at is null then 'asks' else 'friends' end
		), page as (
			select m.*, row_number() over (order by m.updated_at desc, m.friend_id desc) as nth
			from mine m
			where v_before is null
				or (m.updated_at, m.friend_id) < (timestamptz 'epoch' + v_before[1] * interval '1 microsecond', v_before[2])
			order by m.updated_at desc, m.friend_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'friends', coalesce((
				select json_agg(json_build_object(
					'account_id', p.friend_id,
					'name', a.name,
					'status', p_status,
					'asked_at', market.rfc3339(p.asked_at),
					'updated_at', market.rfc3339(p.updated_at)) order by p.nth)
				from page p
				join market.account a on a.account_id = p.friend_id
				where p.nth <= p_limit), '[]'),
			'next', (select 'f' || (extract(epoch from l.updated_at) * 1000000)::bigint || '.' || l.friend_id
				from page l
				where l.nth = p_limit and exists (select from page m where m.nth > p_limit)))
	);
end
$$;

-- Friends of friends without a request between them and the account, those with the most common friends first.
create function api.friend_suggestions(p_session bytea, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_after bigint[] := api.cursor_parts(p_cursor, 's', 2); -- friends in common, account
begin
	return (
		with found as (
			select o.account_id, count(*) as mutual
			from api.friend_ids(v_account_id) as m(account_id)
			cross join lateral api.friend_ids(m.account_id) as o(account_id)
			where o.account_id <> v_account_id
				and not exists (select from api.friend f where f.account_id = v_account_id and f.friend_id = o.account_id)
			group by o.account_id
		), page as (
			select f.*, row_number() over (order by f.mutual desc, f.account_id) as nth
			from found f
			where v_after is null or f.mutual < v_after[1] or (f.mutual = v_after[1] and f.account_id > v_after[2])
			order by f.mutual desc, f.account_id
			limit p_limit + 1
		)
		select json_build_object(
			'suggestions', coalesce((
				select json_agg(json_build_object('account_id', p.account_id, 'name', a.name, 'mutual', p.mutual) order by p.nth)
				from page p
				join market.account a on a.account_id = p.account_id
				where p.nth <= p_limit), '[]'),
			'next', (select 's' || l.mutual || '.' || l.account_id
				from page l
				where l.nth = p_limit and exists (select from page m where m.nth > p_limit)))
	);
end
$$;
