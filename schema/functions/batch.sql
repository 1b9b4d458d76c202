-- The frame of the batched functions: checkout, create_booking, create_listing and create_reservation.
--
-- A batched function takes an array of calls, in order of arrival, and carries all of them out in one transaction: all locks first, then,
-- in new statements, all reads, then call by call in memory, each seeing what those before it took, then all writes, each table once. A lone call
-- is a batch of one. It answers one row for each call: its number, counted from 1, a code (NULL: done) and an answer. Nothing that a client can
-- cause raises an exception: that would take the whole batch with it. (The program then looks for the call by bisecting the batch; an error
-- whose column is "call N" names it.) All refuse in the same order: unauthenticated, not_found or forbidden by api.caller, then replayed or
-- key_reused, then what the function itself finds.
--
--	v_batch := api.batch_begin(p_calls, 'member');
--	v_code := v_batch.code; -- and v_answer, v_winner
--	... locks, v_now := market.clock(), reads
--	for i in 1 .. v_batch.calls loop
--		continue when v_code[i] is not null or v_winner[v_batch.first[i]] is not null;
--		... v_code[i] := 'out_of_stock', or: v_answer[i] := ..., v_winner[v_batch.first[i]] := i
--	end loop;
--	... writes
--	return query select * from api.batch_end(v_batch, v_code, v_answer, v_winner, v_now);
--
-- Plans are made once in a connection and hold for every batch, also if a table was all but empty when they were made, and counters that are
-- vacuumed are counted anew while they are few. So no plan may depend on how many rows there are. Every batched function sets
-- enable_seqscan, enable_mergejoin and enable_hashjoin off, and plan_cache_mode = force_generic_plan; the functions that it calls run
-- under the same settings. Where rows are read stands offset 0, so that each is looked up through an index. Where they are locked or
-- changed, the first column of the key is any(array[...]) of the one that is looked for: an index can answer that, but nothing can be merged by
-- it, which leaves an index nested loop. (Naming all the shops once more, as a list, made every probe cost as much as there were shops and lines.)

-- A row that another transaction holds for long (it is stuck) must not hold up calls that do not need it. So the program runs a batch with p_lock_ms
-- = 150: a lock that takes longer fails the batch, and all of it is rolled back. Then it runs the batch with p_lock_ms = 0: nothing waits, and calls that
-- need a row that is locked now get the code 'locked' and, as the answer, the row: KIND:ID. While a row is known to be stuck, its name is in
-- p_stuck, and calls that need it get the same code at once. The program keeps these calls, and runs them again when api.still_locked says that
-- the row is free (src/db/stuck.c). With p_lock_ms NULL locks wait as long as lock_timeout of the session says.

-- How the rows of a kind are locked, whatever the batched function: a query with the ids as $1, and its locking clause. Also rows that a
-- foreign key locks, or that only some calls change, are among them.
create function api.lock_query(p_kind text, out query text, out locking text)
language plpgsql immutable as $$
begin
	locking := ' for no key update';
	case p_kind
	when 'account' then
		query := 'select c.account_id from market.cart c where c.account_id = any($1)';
	when 'listing' then
		query := 'select l.listing_id from market.listing l join market.stock k on k.shop_id = l.shop_id and k.listing_id = l.listing_id'
			' where l.listing_id = any($1)';
	when 'sale' then
		query := 'select f.shop_id from market.sale f where f.shop_id = any($1) and f.replaced_at is null';
	when 'balance' then
		query := 'select b.shop_id from market.balance b where b.shop_id = any($1)';
	when 'reservation' then
		query := 'select r.reservation_id from market.reservation r where r.reservation_id = any($1)';
		locking := ' for update';
	when 'event' then
		query := 'select e.event_id from market.event e where e.event_id = any($1)';
	when 'shop' then
		query := 'select h.shop_id from market.shop h where h.shop_id = any($1)';
		locking := ' for share';
	end case;
end
$$;

-- Locks rows of a kind without waiting. Returns the ids of those that another transaction holds.
create function api.stuck_ids(p_kind text, p_ids bigint[]) returns bigint[]
language plpgsql as $$
declare
	v_lock record := api.lock_query(p_kind);
	v_found bigint[];
	v_locked bigint[];
begin
	execute format('select array(%s)', v_lock.query) into v_found using p_ids;
	execute format('select array(%s%s skip locked)', v_lock.query, v_lock.locking) into v_locked using p_ids;
	return array(select f.id from unnest(v_found) as f(id) where f.id <> all(v_locked));
end
$$;

-- Whether rows of this kind can divert calls of the batch: where none is known to be stuck and nothing is skipped, there is nothing to look for.
create function api.diverts_by(p_batch api.batch, p_kind text) returns boolean
language plpgsql immutable as $$
begin
	return p_batch.skips_locked or strpos(array_to_string(p_batch.stuck, ' '), p_kind || ':') > 0;
end
$$;

-- Diverts calls that need a row that is stuck: call p_call[k] needs the row p_ids[k] of this kind. Only for a batch that diverts.
create function api.batch_divert(p_batch api.batch, p_kind text, p_call int[], p_ids bigint[]) returns api.batch
language plpgsql as $$
declare
	v_stuck_ids bigint[] := array(
		select split_part(s.name, ':', 2)::bigint from unnest(p_batch.stuck) as s(name) where split_part(s.name, ':', 1) = p_kind);
begin
	if p_batch.skips_locked then
		v_stuck_ids := v_stuck_ids || api.stuck_ids(p_kind, p_ids);
	end if;
	if cardinality(v_stuck_ids) > 0 then
		for j in 1 .. coalesce(cardinality(p_call), 0) loop
			if p_batch.code[p_call[j]] is null and p_ids[j] = any(v_stuck_ids) then
				p_batch.code[p_call[j]] := 'locked';
				p_batch.answer[p_call[j]] := p_kind || ':' || p_ids[j];
			end if;
		end loop;
	end if;
	return p_batch;
end
$$;

-- The same where a member of each call is the id of the row.
create function api.batch_divert_by(p_batch api.batch, p_kind text, p_calls jsonb, p_member text) returns api.batch
language plpgsql as $$
begin
	return api.batch_divert(p_batch, p_kind, array(select generate_series(1, p_batch.calls)),
		array(select (c.call ->> p_member)::bigint from jsonb_array_elements(p_calls) with ordinality as c(call, n) order by c.n));
end
$$;

-- The same for the lines of a checkout: diverts the calls whose listings, whose own reservations of them, or whose shops' sales and balances are stuck; or
-- whose shops are, where the account's review of the shop has lapsed.
create function api.divert_lines(p_batch api.batch, p_lines api.checkout_lines) returns api.batch
language plpgsql as $$
declare
	v_call int[];
	v_reservation_id bigint[];
	v_shop_id bigint[];
begin
	if api.diverts_by(p_batch, 'reservation') then
		select array_agg(l.call), array_agg(r.reservation_id) into v_call, v_reservation_id
		from unnest(p_lines.call, p_lines.listing_id) as l(call, listing_id)
		join market.reservation r on r.account_id = p_batch.account_id[l.call] and r.listing_id = l.listing_id;
		p_batch := api.batch_divert(p_batch, 'reservation', v_call, v_reservation_id);
	end if;
	if p_batch.has_lapsed_review and api.diverts_by(p_batch, 'shop') then
		select array_agg(r.call), array_agg(r.shop_id) into v_call, v_shop_id from api.lapsed_reviews(p_batch, p_lines) r;
		p_batch := api.batch_divert(p_batch, 'shop', v_call, v_shop_id);
	end if;
	if api.diverts_by(p_batch, 'listing') then
		p_batch := api.batch_divert(p_batch, 'listing', p_lines.call, p_lines.listing_id);
	end if;
	if api.diverts_by(p_batch, 'sale') then
		p_batch := api.batch_divert(p_batch, 'sale', p_lines.call, p_lines.shop_id);
	end if;
	if api.diverts_by(p_batch, 'balance') then
		p_batch := api.batch_divert(p_batch, 'balance', p_lines.call, p_lines.shop_id);
	end if;
	return p_batch;
end
$$;

-- Which of these rows, as KIND:ID, another transaction holds; separated by blanks. First waits up to p_wait_ms for the first of them, in the order
-- of arrival and without a lock on anything else, so that a row that is busy all the time is had as well.
create function api.still_locked(p_rows text[], p_wait_ms int) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_lock record := api.lock_query(split_part(p_rows[1], ':', 1));
	v_kind text;
	v_ids bigint[];
	v_locked text[];
begin
	perform set_config('lock_timeout', p_wait_ms::text, true);
	begin
		execute v_lock.query || v_lock.locking using array[split_part(p_rows[1], ':', 2)::bigint];
	exception when lock_not_available then
		null; -- it is among those that are returned
	end;
	for v_kind, v_ids in
		select split_part(r.name, ':', 1), array_agg(split_part(r.name, ':', 2)::bigint) from unnest(p_rows) as r(name) group by 1
	loop
		v_locked := v_locked || array(select v_kind || ':' || s.id from unnest(api.stuck_ids(v_kind, v_ids)) as s(id));
	end loop;
	return array_to_string(v_locked, ' ');
end
$$;

-- Decodes {session, key, digest}, and shop_id where p_who is 'owner', of each call; asks who the caller is and whether it may (the word is
-- written in each function, and holds for all calls); locks the accounts, in their order; reads what their keys were answered. With
-- p_every_account also those accounts are locked whose calls have no key. The lock is the first in the order of locks.
create function api.batch_begin(p_calls jsonb, p_who text, p_every_account boolean default false, p_lock_ms int default null,
	p_stuck text[] default null) returns api.batch
language plpgsql as $$
declare
	v_batch api.batch;
	v_key text[];
	v_code text[];
	v_answer text[];
	v_account_ids bigint[]; -- to be locked
	v_locked int;
	v_kept record; -- a key that was answered before
begin
	perform api.must_be_durable();
	select count(*), array_agg(c.account_id), array_agg(c.key), array_agg(c.digest), array_agg(c.n), array_agg(c.refusal),
		array_agg(c.account_id) filter (where c.refusal is null and (c.key is not null or p_every_account))
	into v_batch.calls, v_batch.account_id, v_key, v_batch.digest, v_batch.first, v_code, v_account_ids
	from (
		select k.account_id, c.key, c.digest::bytea as digest, c.n::int as n, k.refusal
		from rows from (jsonb_to_recordset(p_calls) as (session text, shop_id bigint, key text, digest text))
			with ordinality as c(session, shop_id, key, digest, n)
		cross join lateral api.caller(c.session::bytea, p_who, c.shop_id) k
		order by c.n
	) c;
	v_answer := array_fill(null::text, array[v_batch.calls]);

	if p_lock_ms is not null then
		perform set_config('lock_timeout', coalesce(nullif(p_lock_ms, 0), 150)::text, true);
	end if;
	if p_lock_ms = 0 or p_stuck is not null then
		v_batch.diverts := true;
		v_batch.skips_locked := p_lock_ms = 0;
		v_batch.stuck := p_stuck;
		v_batch.code := v_code;
		v_batch.answer := v_answer;
	end if;
	if v_batch.diverts and api.diverts_by(v_batch, 'account') then
		v_batch := api.batch_divert(v_batch, 'account', array(select generate_series(1, v_batch.calls)), v_batch.account_id);
		v_code := v_batch.code;
		v_answer := v_batch.answer;
		v_account_ids := array(select c.account_id from unnest(v_batch.account_id, v_key, v_code) as c(account_id, key, code)
			where c.code is null and (c.key is not null or p_every_account));
	end if;
	select count(*), coalesce(bool_or(c.has_lapsed_review), false) into v_locked, v_batch.has_lapsed_review
	from (
		select c.has_lapsed_review
		from market.cart c
		where c.account_id = any(v_account_ids)
		order by c.account_id -- guard: cart_order
		-- without cart_order: order by array_position(v_account_ids, c.account_id)
		for no key update -- guard: cart
	) c;
	if v_locked < cardinality(v_account_ids) then
		v_batch.repeats := true;
		select array_agg(c.first order by c.n) into v_batch.first
		from (
			select c.n, case when c.key is null then c.n else min(c.n) over (partition by c.account_id, c.key) end as first
			from unnest(v_batch.account_id, v_key) with ordinality as c(account_id, key, n)
		) c;
	end if;

	for v_kept in
		select i as n, k.answer, k.digest
		from generate_series(1, v_batch.calls) as i
		cross join lateral api.kept_key(v_batch.account_id[i], v_key[i]) k
	loop
		continue when v_code[v_kept.n] is not null;
		v_code[v_kept.n] := case when v_kept.digest = v_batch.digest[v_kept.n] then 'replayed' else 'key_reused' end;
		v_answer[v_kept.n] := case when v_kept.digest = v_batch.digest[v_kept.n] then v_kept.answer end;
	end loop;
	v_batch.key := v_key;
	v_batch.code := v_code;
	v_batch.answer := v_answer;
	return v_batch;
end
$$;

-- Keeps the keys of the calls that were carried out, with their answers (unless p_keeps is false: orders have their own keys), and returns the result
-- of each call. A call without a code whose winner (p_winner, by p_batch.first) is another call is a duplicate of that one: it gets the same answer, or
-- key_reused if it asks for something else.
create function api.batch_end(p_batch api.batch, p_code text[], p_answer text[], p_winner int[], p_now timestamptz, p_keeps boolean default true)
returns table (n int, code text, answer text)
language plpgsql as $$
#variable_conflict use_column
declare
	v_key text[] := p_batch.key;
	v_digest bytea[] := p_batch.digest;
	v_winner int;
begin
	if p_keeps and 0 < any(p_winner) then
		insert into market.idempotency (account_id, key, digest, answer, created_at)
		select p_batch.account_id[i], v_key[i], v_digest[i], p_answer[i], p_now
		from generate_series(1, p_batch.calls) as i
		where p_winner[p_batch.first[i]] = i and v_key[i] is not null;
	end if;

	if p_batch.repeats then
		for i in 1 .. p_batch.calls loop
			v_winner := p_winner[p_batch.first[i]];
			continue when p_code[i] is not null or v_winner = i;
			p_code[i] := 'key_reused';
			if v_digest[v_winner] = v_digest[i] then
				p_code[i] := 'replayed';
				p_answer[i] := p_answer[v_winner];
			end if;
		end loop;
	end if;
	return query select i, p_code[i], p_answer[i] from generate_series(1, p_batch.calls) as i;
end
$$;
