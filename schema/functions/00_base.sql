-- What every noun's functions begin and end with: who asks, how to refuse, keys, cursors. This file runs first; the schema api is
-- made anew by every program that brings other functions.
--
-- Functions marked `security definer` are the doors: the program may call them, and only them (zz_grants.sql). All others are
-- helpers behind the doors. Every name is written with its schema, so no search path can change what a function does.
--
-- A line that ends in `-- guard: NAME` protects against a race. It can be taken out alone, and the function still runs: that is how
-- the tests build the unprotected twin which they must catch. Where an order is guarded, `-- without NAME: SQL` says which order the twin has instead: that of
-- arrival; the plan may give the guarded one by itself.

grant usage, create on schema api to shoetopia_api;
grant usage on schema api to shoetopia_app;

-- Refuses: SQLSTATE ST000 with the contract's code, a sentence or none, and more members for the answer or none.
create function api.refuse(p_code text, p_detail text default null, p_extra json default null) returns void
language plpgsql as $$
begin
	if p_extra is null and p_detail is null then
		raise exception using errcode = 'ST000', message = p_code;
	elsif p_extra is null then
		raise exception using errcode = 'ST000', message = p_code, detail = p_detail;
	elsif p_detail is null then
		raise exception using errcode = 'ST000', message = p_code, hint = p_extra::text;
	else
		raise exception using errcode = 'ST000', message = p_code, detail = p_detail, hint = p_extra::text;
	end if;
end
$$;

-- Refuses what is so already: withdrawn, shipped, booked by the caller. A program gets the code and the member `unchanged`; a form that a browser
-- sends succeeds by it (src/http/reply.c), since its sender has what was asked for. p_extra: more members, such as the id of the page that shows it.
create function api.refuse_unchanged(p_code text, p_detail text default null, p_extra jsonb default '{}') returns void
language plpgsql as $$
begin
	perform api.refuse(p_code, p_detail, (p_extra || '{"unchanged": true}')::json);
end
$$;

-- The `errors` of a 422 with one field.
create function api.field_error(p_field text, p_message text) returns json
language sql immutable
return json_build_object('errors', json_build_array(json_build_object('field', p_field, 'message', p_message)));

-- Decides who asks and whether they may, for every statement, batched or not: one row, the account of the session (NULL: there is none, or it
-- has ended) and the refusal (NULL: allowed). p_who is 'anyone', 'member', 'owner' (of p_shop_id) or 'admin'; any other word is refused. It
-- never raises, and it is read anew by every statement, so a session that has ended is not used once more.
-- The planner inlines it, so a batch asks for all of its calls with one `cross join lateral`: it therefore has no SET, is not `security definer`, and
-- reads with scalar subqueries, which are evaluated only for the words that need them and always by the primary key.
create function api.caller(p_session bytea, p_who text, p_shop_id bigint default null)
returns table (account_id bigint, refusal text)
language sql stable as $$
	select s.account_id,
		case
			when p_who = 'anyone' then null
			when s.account_id is null then 'unauthenticated'
			when p_shop_id is not null and (select h.shop_id from market.shop h where h.shop_id = p_shop_id) is null then 'not_found'
			when p_who = 'member' then null
			when p_who = 'owner' and (select h.account_id from market.shop h where h.shop_id = p_shop_id) = s.account_id then null
			when p_who = 'admin' and (select a.role from market.account a where a.account_id = s.account_id) = 'admin' then null
			else 'forbidden'
		end
	from (select) as one_row
	left join market.session s on s.session_digest = p_session and s.expires_at > market.clock()
$$;

-- Every write asks this first. Without it a role or a session that sets synchronous_commit to another value (each role may, for itself) would have
-- commits acknowledged that a crash loses. The program answers 503, and opens another connection.
create function api.must_be_durable() returns void
language plpgsql stable as $$
begin
	if current_setting('synchronous_commit') not in ('on', 'remote_apply') then
		raise sqlstate 'ST001' using message = 'synchronous_commit is ' || current_setting('synchronous_commit') || ': nothing is written';
	end if;
end
$$;

-- Whether a write could be made: a code, or NULL if so.
create function api.write_obstacle() returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.must_be_durable();
	return case when pg_is_in_recovery() or current_setting('transaction_read_only')::boolean then 'busy' end;
end
$$;

-- The account that asks; raises the refusal.
create function api.require(p_session bytea, p_who text, p_shop_id bigint default null) returns bigint
language plpgsql stable as $$
declare
	v_account_id bigint;
	v_refusal text;
begin
	perform api.must_be_durable();
	select c.account_id, c.refusal into v_account_id, v_refusal from api.caller(p_session, p_who, p_shop_id) c;
	if v_refusal is not null then
		perform api.refuse(v_refusal);
	end if;
	return v_account_id;
end
$$;

-- Takes the lock of all that an account does once; see market.cart. First in the order of locks.
create function api.lock_account(p_account_id bigint) returns void
language plpgsql as $$
begin
	perform from market.cart c where c.account_id = p_account_id for no key update; -- guard: cart
end
$$;

-- What this key was answered before, or NULL: then the caller goes on, and keeps its answer with key_keep. A twin of the request waits
-- here until this one is through. Without a key there is nothing to keep and nothing to wait for.
create function api.key_claim(p_account_id bigint, p_key text, p_digest bytea) returns json
language plpgsql as $$
declare
	v_digest bytea;
	v_answer text;
begin
	if p_key is null then
		return null;
	end if;
	perform api.lock_account(p_account_id);
	select k.digest, k.answer into v_digest, v_answer from api.kept_key(p_account_id, p_key) k; -- guard: kept
	if v_digest <> p_digest then
		perform api.refuse('key_reused');
	end if;
	return v_answer::json;
end
$$;

create function api.key_keep(p_account_id bigint, p_key text, p_digest bytea, p_answer json) returns void
language sql
begin atomic
	insert into market.idempotency (account_id, key, digest, answer, created_at)
	select p_account_id, p_key, p_digest, p_answer, market.clock()
	where p_key is not null;
end;

-- HMAC-SHA256 with the server's key. A digest that is kept may be of a password: without the key no guess can be tried against it.
create function api.hmac(p_message bytea) returns bytea
language sql stable
begin atomic
	select sha256(k.outer_key || sha256(k.inner_key || p_message)) from market.server_key k;
end;

-- The frame of the writes that are not batched and take no key themselves: src/db/registry.awk puts the text of each such statement between one of
-- the first three, by who may call it, and keyed_end. The first says what the key was answered before (code `replayed`), and then the statement's own text is not run; or the code is NULL. It
-- asks for the same rights as the text, so that these are refused first. Without a key none does anything.
create function api.keyed_member(p_session bytea, p_key text, p_digest bytea, out code text, out answer text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	if p_key is not null then
		answer := api.key_claim(api.require(p_session, 'member'), p_key, api.hmac(p_digest));
		code := case when answer is not null then 'replayed' end;
	end if;
end
$$;

create function api.keyed_owner(p_session bytea, p_shop_id bigint, p_key text, p_digest bytea, out code text, out answer text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	if p_key is not null then
		perform api.require(p_session, 'owner', p_shop_id);
		select k.code, k.answer into code, answer from api.keyed_member(p_session, p_key, p_digest) k;
	end if;
end
$$;

create function api.keyed_admin(p_session bytea, p_shop_id bigint, p_key text, p_digest bytea, out code text, out answer text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	if p_key is not null then
		perform api.require(p_session, 'admin', p_shop_id);
		select k.code, k.answer into code, answer from api.keyed_member(p_session, p_key, p_digest) k;
	end if;
end
$$;

-- Keeps the answer; that of a statement without one as JSON's null.
create function api.keyed_end(p_session bytea, p_key text, p_digest bytea, p_code text, p_answer text, out code text, out answer text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	code := p_code;
	answer := coalesce(nullif(p_answer, ''), 'null');
	if p_key is not null and p_code is null then
		perform api.key_keep(api.require(p_session, 'member'), p_key, api.hmac(p_digest), answer::json);
	end if;
end
$$;

-- What keyed_member would say, without waiting: for requests of which something is checked before their statement is called.
create function api.kept_answer(p_session bytea, p_key text, p_digest bytea) returns table (code text, answer text)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_digest bytea;
	v_answer text;
begin
	select k.digest, k.answer into v_digest, v_answer from api.kept_key(v_account_id, p_key) k;
	if v_digest <> api.hmac(p_digest) then
		perform api.refuse('key_reused');
	elsif v_digest is not null then
		return query select 'replayed', v_answer;
	end if;
end
$$;

-- A cursor is a letter (which list, which order) and the key of the last row shown: `o123`, `a1999.123`. These take it apart; a bad
-- one, or one of another list, is refused. NULL in, NULL out.
create function api.cursor_parts(p_cursor text, p_letter text, p_parts int) returns bigint[]
language plpgsql immutable as $$
declare
	v_parts text[] := string_to_array(substr(p_cursor, 2), '.');
begin
	if p_cursor is null then
		return null;
	end if;
	if p_cursor ~ ('^' || p_letter || '[0-9]{1,18}([.][0-9]{1,18})*$') and cardinality(v_parts) = p_parts then
		return v_parts::bigint[];
	end if;
	perform api.refuse('invalid', null, api.field_error('cursor', 'This is no cursor of this list.'));
end
$$;

create function api.cursor_id(p_cursor text, p_letter text) returns bigint
language sql immutable
return (api.cursor_parts(p_cursor, p_letter, 1))[1];

-- A time in a cursor: its microseconds since 1970, and back. Both are exact; bigint * interval would go through a double, which from 2255 on does not hold
-- every microsecond.
create function api.time_mark(p_at timestamptz) returns bigint
language sql stable
return (extract(epoch from p_at) * 1000000)::bigint;

create function api.mark_time(p_mark bigint) returns timestamptz
language sql stable
return (timestamp 'epoch' + make_interval(days => (p_mark / 86400000000)::int) + p_mark % 86400000000 * interval '1 microsecond') at time zone 'UTC';

-- Whether an order of these states is sold for good: it counts for reviews, pairs sold, recommendations.
create function api.is_sold(p_status text, p_payment_status text) returns boolean
language sql immutable
return p_status = 'placed' and coalesce(p_payment_status, 'paid') = 'paid';
