-- Friends. Two accounts have one row, and are friends when both have asked. An account sees the name of another one when that one asked it. Until
-- then, it sees of whom it asked by e-mail the text that it typed and nothing else, and no answer, refusal, order or cursor may differ by whose e-mail it
-- is: a request by e-mail changes nothing in what the account sees of numbers and suggestions. Of friends of friends, who did not ask, it sees the
-- number and the public name.

-- Each friendship, once from each side: whether and how account_id asked, by e-mail or by number, and whether the other has.
create view api.friend as
select f.low_account_id as account_id, f.high_account_id as friend_id, f.low_asked_at as asked_at, f.high_asked_at as was_asked_at,
	f.low_email as email, f.low_emailed_at as emailed_at,
	coalesce(f.low_numbered_at, case when f.low_emailed_at is null then f.low_asked_at end) as numbered_at
from market.friendship f
union all
select f.high_account_id, f.low_account_id, f.high_asked_at, f.low_asked_at, f.high_email, f.high_emailed_at,
	coalesce(f.high_numbered_at, case when f.high_emailed_at is null then f.high_asked_at end)
from market.friendship f;
grant select on api.friend to shoetopia_api;

-- The friends of an account.
create function api.friend_ids(p_account_id bigint) returns setof bigint
language sql stable rows 20
begin atomic
	select f.friend_id from api.friend f where f.account_id = p_account_id and f.asked_at is not null and f.was_asked_at is not null;
end;

-- Whether p_account_id sees p_other_id in one of its lists by number: it asked, was asked, or was asked for by number.
create function api.is_shown(p_account_id bigint, p_other_id bigint) returns boolean
language sql stable
return exists (select from api.friend f
	where f.account_id = p_account_id and f.friend_id = p_other_id and (f.was_asked_at is not null or f.numbered_at is not null));

-- Whether an account may be addressed by its id: it is shown already, or they have a common friend. Otherwise a client could try all ids, and
-- find the one that belongs to an e-mail.
create function api.is_near(p_account_id bigint, p_other_id bigint) returns boolean
language sql stable
return api.is_shown(p_account_id, p_other_id)
	or exists (select from api.friend_ids(p_account_id) as m(account_id) where p_other_id in (select api.friend_ids(m.account_id)));

-- Asks another account, or accepts the request of one that has asked: both are the same. If two ask each other at once, the second waits at their
-- one row and is answered `friends`. Of several requests by e-mail the last text typed is kept. Codes: not_found, invalid, key_reused, replayed.
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
		select a.account_id into v_other_id from market.account a where a.email_key = market.email_key(p_email);
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
	insert into market.friendship as f (low_account_id, high_account_id, low_asked_at, low_email, low_emailed_at, low_numbered_at,
		high_asked_at, high_email, high_emailed_at, high_numbered_at)
	select least(v_account_id, v_other_id), greatest(v_account_id, v_other_id),
		low.asked_at, low.email, low.emailed_at, low.numbered_at, high.asked_at, high.email, high.emailed_at, high.numbered_at
	from (select v_now, p_email, case when p_email is not null then v_now end, case when p_email is null then v_now end)
		as me(asked_at, email, emailed_at, numbered_at)
	left join lateral (select me.*) low on v_account_id < v_other_id
	left join lateral (select me.*) high on v_account_id > v_other_id
	on conflict (low_account_id, high_account_id) do update -- guard: pair
	set low_asked_at = coalesce(f.low_asked_at, excluded.low_asked_at), -- guard: pair
		low_email = coalesce(excluded.low_email, f.low_email), -- guard: pair
		low_emailed_at = coalesce(f.low_emailed_at, excluded.low_emailed_at), -- guard: pair
		low_numbered_at = coalesce(f.low_numbered_at, -- guard: pair
			case when f.low_emailed_at is null then f.low_asked_at end, excluded.low_numbered_at), -- guard: pair
		high_asked_at = coalesce(f.high_asked_at, excluded.high_asked_at), -- guard: pair
		high_email = coalesce(excluded.high_email, f.high_email), -- guard: pair
		high_emailed_at = coalesce(f.high_emailed_at, excluded.high_emailed_at), -- guard: pair
		high_numbered_at = coalesce(f.high_numbered_at, -- guard: pair
			case when f.high_emailed_at is null then f.high_asked_at end, excluded.high_numbered_at) -- guard: pair
	returning low_asked_at is not null and high_asked_at is not null into v_friends;

	v_answer := json_build_object('status', case when v_friends then 'friends' else 'asked' end);
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;

-- Ends a friendship, declines a request, or withdraws one by number. A request by e-mail stays, and is not found by its number.
create function api.drop_friend(p_session bytea, p_account_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_low_id bigint := least(v_account_id, p_account_id);
	v_high_id bigint := greatest(v_account_id, p_account_id);
	v_friend api.friend;
begin
	perform from market.friendship f where f.low_account_id = v_low_id and f.high_account_id = v_high_id
	for no key update -- guard: drop
	;
	select * into v_friend from api.friend f where f.account_id = v_account_id and f.friend_id = p_account_id;
	if v_friend.was_asked_at is null and v_friend.numbered_at is null then
		perform api.refuse_unchanged('not_found');
	elsif v_friend.was_asked_at is null and v_friend.emailed_at is not null then -- then all of the other side is NULL
		update market.friendship f
		set low_asked_at = f.low_emailed_at, low_numbered_at = null, high_asked_at = f.high_emailed_at, high_numbered_at = null
		where f.low_account_id = v_low_id and f.high_account_id = v_high_id;
	else
		delete from market.friendship f where f.low_account_id = v_low_id and f.high_account_id = v_high_id;
	end if;
end
$$;

-- Withdraws the requests by an e-mail that were not answered. It is looked for among the texts that the account typed, not among the accounts: whose it
-- is now does not matter. A request by number to the same account stays.
create function api.withdraw_friend_request(p_session bytea, p_email text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_key text := market.email_key(p_email);
	v_low_ids bigint[];
	v_high_ids bigint[];
begin
	perform from market.friendship f
	where (f.low_account_id = v_account_id and market.email_key(f.low_email) = v_key)
		or (f.high_account_id = v_account_id and market.email_key(f.high_email) = v_key)
	order by f.low_account_id, f.high_account_id
	for no key update -- guard: withdraw
	;
	select array_agg(least(v_account_id, f.friend_id)), array_agg(greatest(v_account_id, f.friend_id)) into v_low_ids, v_high_ids
	from api.friend f
	where f.account_id = v_account_id and f.was_asked_at is null and market.email_key(f.email) = v_key;
	if v_low_ids is null then
		perform api.refuse_unchanged('not_found');
	end if;

	delete from market.friendship f
	using unnest(v_low_ids, v_high_ids) as r(low_id, high_id)
	where f.low_account_id = r.low_id and f.high_account_id = r.high_id and f.low_numbered_at is null and f.high_numbered_at is null;
	update market.friendship f
	set low_asked_at = f.low_numbered_at, low_email = null, low_emailed_at = null,
		high_asked_at = f.high_numbered_at, high_email = null, high_emailed_at = null
	from unnest(v_low_ids, v_high_ids) as r(low_id, high_id)
	where f.low_account_id = r.low_id and f.high_account_id = r.high_id;
end
$$;

-- The account's friends, the accounts that ask it, or its own open requests; newest first. Whom it asked both by e-mail and by number stands there
-- twice, each with its own time. tie orders what has the same time and is part of the cursor, so for a request by e-mail it is made from the e-mail.
create function api.friends(p_session bytea, p_status text, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_before bigint[] := api.cursor_parts(p_cursor, 'f', 2); -- microseconds, tie
begin
	return (
		with mine as (
			select f.friend_id, null as email, f.asked_at, greatest(f.asked_at, f.was_asked_at) as updated_at, f.friend_id as tie
			from api.friend f
			where f.account_id = v_account_id and f.was_asked_at is not null
				and p_status = case when f.asked_at is null then 'asks' else 'friends' end
			union all
			select f.friend_id, null, f.numbered_at, f.numbered_at, f.friend_id
			from api.friend f
			where p_status = 'asked' and f.account_id = v_account_id and f.was_asked_at is null and f.numbered_at is not null
			union all
			select null, f.email, f.emailed_at, f.emailed_at, abs(hashtextextended(market.email_key(f.email), 0) % 1000000000000000000)
			from api.friend f
			where p_status = 'asked' and f.account_id = v_account_id and f.was_asked_at is null and f.emailed_at is not null
		), page as (
			select m.*, row_number() over (order by m.updated_at desc, m.tie desc) as nth
			from mine m
			where v_before is null
				or (m.updated_at, m.tie) < (api.mark_time(v_before[1]), v_before[2])
			order by m.updated_at desc, m.tie desc
			limit p_limit + 1
		)
		select json_build_object(
			'friends', coalesce((
				select json_agg(json_build_object(
					'account_id', p.friend_id,
					'name', case when p_status = 'asked' then api.public_name(a.name) else a.name end,
					'email', p.email,
					'status', p_status,
					'asked_at', market.rfc3339(p.asked_at),
					'updated_at', market.rfc3339(p.updated_at)) order by p.nth)
				from page p
				left join market.account a on a.account_id = p.friend_id
				where p.nth <= p_limit), '[]'),
			'next', (select 'f' || api.time_mark(l.updated_at) || '.' || l.tie
				from page l
				where l.nth = p_limit and exists (select from page m where m.nth > p_limit)))
	);
end
$$;

-- Friends of friends that the account is not shown otherwise, those with the most common friends first. They did not ask it, so it sees their public
-- names. A request by e-mail takes none of them away: that would show whose e-mail it is.
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
				and not api.is_shown(v_account_id, o.account_id)
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
				select json_agg(json_build_object('account_id', p.account_id, 'name', api.public_name(a.name), 'mutual', p.mutual) order by p.nth)
				from page p
				join market.account a on a.account_id = p.account_id
				where p.nth <= p_limit), '[]'),
			'next', (select 's' || l.mutual || '.' || l.account_id
				from page l
				where l.nth = p_limit and exists (select from page m where m.nth > p_limit)))
	);
end
$$;
