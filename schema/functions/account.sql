-- Accounts: signing up, and changes to one's own account.

-- An address as orders and the account show it.
create function api.address_answer(d market.address) returns json
language sql immutable
return json_build_object('name', d.name, 'line1', d.line1, 'line2', d.line2, 'city', d.city, 'region', d.region,
	'postcode', d.postcode, 'country', d.country);

-- An account's name as strangers see it: the first name and an initial, "Maya L.". Of a name with an `@` only what is before it counts, since that may
-- be an e-mail. Words end at blanks of any kind and at marks that join names; a single word is shown as it is.
create function api.public_name(p_name text) returns text
language sql immutable
begin atomic
	select case
			when cardinality(n.words) = 0 then left(p_name, 1)
			when cardinality(n.words) = 1 then n.words[1]
			else n.words[1] || ' ' || upper(left(n.words[cardinality(n.words)], 1)) || '.'
		end
	from (
		select array(
			select w.word
			from regexp_split_to_table(substring(normalize(p_name) from '^.[^@]*'),
				'[\s.,;:_/|()\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+') with ordinality as w(word, n)
			where w.word <> ''
			order by w.n) as words
	) n;
end;

-- An account as its owner sees it.
create function api.account_answer(p_account_id bigint) returns json
language sql stable
begin atomic
	select json_build_object(
		'account_id', a.account_id,
		'name', a.name,
		'email', a.email,
		'email_confirmed', a.email_confirmed_at is not null,
		'role', a.role,
		'shop_id', h.shop_id,
		'address', (select api.address_answer(d) from market.address d where d.account_id = a.account_id),
		'sharing', json_build_object('purchases', a.shares_purchases),
		'created_at', market.rfc3339(a.created_at))
	from market.account a
	left join market.shop h on h.account_id = a.account_id
	where a.account_id = p_account_id;
end;

-- The digest of a sign-up by form, for its key. With the hash in it, it no longer fits once the password was changed.
create function api.sign_up_digest(p_digest bytea, p_password_hash text) returns bytea
language sql stable
return api.hmac(p_digest || convert_to(p_password_hash, 'UTF8'));

-- The account, and its first answer, of each call that repeats a form of sign-up by which this account was made in the last ten minutes: the same key,
-- e-mail and password (a double click). No account: it does not. The rows are locked: see create_session.
create function api.repeated_sign_ups(p_email_key text[], p_form_key text[], p_digest bytea[], p_now timestamptz)
returns table (n int, account_id bigint, answer text)
language sql as $$
	select c.n::int, a.account_id, k.answer
	from unnest(p_email_key, p_form_key, p_digest) with ordinality as c(email_key, form_key, digest, n)
	join market.account a on a.email_key = c.email_key
	join market.idempotency k on k.account_id = a.account_id and k.key = c.form_key
	where k.created_at > p_now - interval '10 minutes' and k.digest = api.sign_up_digest(c.digest, a.password_hash)
	for share of a;
$$;

-- Signs up a batch: calls of {name, email, password_hash, new_session, address} and maybe {key, sign_up_digest}, in order of arrival. Of several with one
-- e-mail the first wins; the others are answered `email_taken`, or, if they repeat a form, `replayed`, with a session of their own. It needs no caller,
-- since anyone may sign up. Nothing a client can cause raises.
create function api.create_account(p_calls jsonb)
returns table (n int, code text, answer text)
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '4s' as $$
#variable_conflict use_column
declare
	v_now timestamptz := market.clock();
	v_name text[];
	v_email text[];
	v_key text[];
	v_hash text[];
	v_session bytea[];
	v_address text[];
	v_form_key text[];
	v_digest bytea[];
	v_won_id bigint[];
	v_won_key text[];
	-- of each call
	v_account_id bigint[]; -- NULL: refused
	v_answer text[];
	v_is_repeated boolean[];
	v_repeat record;
begin
	perform api.must_be_durable();
	select array_agg(c.name), array_agg(c.email), array_agg(market.email_key(c.email)), array_agg(c.password_hash),
		array_agg(c.new_session::bytea), array_agg(c.address), array_agg(c.key), array_agg(c.sign_up_digest::bytea)
	into v_name, v_email, v_key, v_hash, v_session, v_address, v_form_key, v_digest
	from jsonb_to_recordset(p_calls)
		as c(name text, email text, password_hash text, new_session text, address text, key text, sign_up_digest text);

	-- An address that is known already is not tried (each try burns an id). The rest are claimed in the order of their letters, so
	-- that no two batches wait for each other; who loses a race in here gets no row back.
	with first_come as (
		select distinct on (c.key) c.*
		from unnest(v_name, v_email, v_key, v_hash) with ordinality as c(name, email, key, hash, n)
		order by c.key, c.n
	), won as (
		insert into market.account (name, email, password_hash, created_at)
		select f.name, f.email, f.hash, v_now
		from first_come f
		where not exists (select from market.account a where a.email_key = f.key)
		order by f.key -- guard: email_order
		-- without email_order: order by f.n
		on conflict (email_key) do nothing -- guard: email
		returning account_id, email_key
	)
	select array_agg(w.account_id), array_agg(w.email_key) into v_won_id, v_won_key from won w;

	insert into market.cart (account_id)
	select w.account_id from unnest(v_won_id) as w(account_id);

	select array_agg(w.account_id order by c.n), array_agg(case when w.account_id is not null then json_build_object('account',
			json_build_object('account_id', w.account_id, 'name', c.name, 'email', c.email))::text end order by c.n)
	into v_account_id, v_answer
	from (
		select c.name, c.email, c.key, c.n, min(c.n) over (partition by c.key) as first
		from unnest(v_name, v_email, v_key) with ordinality as c(name, email, key, n)
	) c
	left join unnest(v_won_id, v_won_key) as w(account_id, key) on w.key = c.key and c.n = c.first;
	insert into market.idempotency (account_id, key, digest, answer, created_at)
	select c.account_id, c.form_key, api.sign_up_digest(c.digest, c.hash), c.answer, v_now
	from unnest(v_account_id, v_form_key, v_digest, v_hash, v_answer) as c(account_id, form_key, digest, hash, answer)
	where c.account_id is not null and c.digest is not null;

	v_is_repeated := array_fill(false, array[cardinality(v_key)]);
	for v_repeat in
		select r.* from api.repeated_sign_ups(v_key, v_form_key,
			array(select case when c.account_id is null then c.digest end
				from unnest(v_account_id, v_digest) with ordinality as c(account_id, digest, n) order by c.n), v_now) r
	loop
		v_account_id[v_repeat.n] := v_repeat.account_id;
		v_answer[v_repeat.n] := v_repeat.answer;
		v_is_repeated[v_repeat.n] := true;
	end loop;

	insert into market.session (session_digest, account_id, created_at, expires_at, address)
	select c.session_digest, c.account_id, v_now, v_now + interval '30 days', c.address
	from unnest(v_account_id, v_session, v_address) as c(account_id, session_digest, address)
	where c.account_id is not null;
	return query
	select c.n::int, case when c.account_id is null then 'email_taken' when c.is_repeated then 'replayed' end, c.answer
	from unnest(v_account_id, v_is_repeated, v_answer) with ordinality as c(account_id, is_repeated, answer, n)
	order by c.n;
end
$$;

-- Whether somebody signed up with this e-mail and name in the last ten minutes. It needs no caller, and what it says no client gets.
create function api.is_new_account(p_email text, p_name text) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select exists (select from market.account a
		where a.email_key = market.email_key(p_email) and a.name = p_name and a.created_at > market.clock() - interval '10 minutes');
end;

create function api.account(p_session bytea) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
	return api.account_answer(api.require(p_session, 'member'));
end
$$;

-- p_password_hash is the hash that the present password was checked against: if it is no longer the account's, the password was changed meanwhile
-- (wrong_password). Every other session of the account ends, also one that is being created: create_session locks the same row.
create function api.change_password(p_session bytea, p_password_hash text, p_new_password_hash text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_changed bigint;
begin
	update market.account a
	set password_hash = p_new_password_hash
	where a.account_id = v_account_id
		and a.password_hash = p_password_hash -- guard: password
	returning a.account_id into v_changed;
	if v_changed is null then
		perform api.refuse('wrong_password');
	end if;
	perform api.void_tokens(v_account_id);
	delete from market.session s where s.account_id = v_account_id and s.session_digest <> p_session;
end
$$;

create function api.change_email(p_session bytea, p_password_hash text, p_new_email text) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_changed bigint;
begin
	begin
		update market.account a
		set email = p_new_email, email_confirmed_at = null
		where a.account_id = v_account_id
			and a.password_hash = p_password_hash -- guard: password
		returning a.account_id into v_changed;
	exception when unique_violation then
		perform api.refuse('email_taken');
	end;
	if v_changed is null then
		perform api.refuse('wrong_password');
	end if;
	perform api.void_tokens(v_account_id);
	return api.account_answer(v_account_id);
end
$$;

create function api.put_address(p_session bytea, p_address market.address) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	p_address.account_id := api.require(p_session, 'member');
	insert into market.address as d select p_address.*
	on conflict (account_id) do update
	set name = excluded.name, line1 = excluded.line1, line2 = excluded.line2, city = excluded.city, region = excluded.region,
		postcode = excluded.postcode, country = excluded.country;
	return api.address_answer(p_address);
end
$$;

-- Whether friends see each purchase of the account; see api.liked_shoes.
create function api.put_sharing(p_session bytea, p_purchases boolean) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
begin
	update market.account a set shares_purchases = p_purchases where a.account_id = v_account_id and a.shares_purchases <> p_purchases;
	return json_build_object('purchases', p_purchases);
end
$$;
