-- The frame of the batched functions: checkout, create_booking, create_listing and create_reservation.
--
-- A batched function takes an array of calls, in order of arrival, and carries all of them out in one transaction: all locks first, then,
-- in new statements, all reads, then call by call in memory, each seeing what those before it took, then all writes, each table once. A lone call is a batch of one.
-- It answers one row for each call: its number, counted from 1, a code (NULL: done) and an answer. Nothing that a client can cause raises an
-- exception: that would take the whole batch with it. All refuse in the same order: unauthenticated, not_found or forbidden by api.caller,
-- then replayed or key_reused, then what the function itself finds.
--
--	v_batch := api.batch_begin(p_calls, 'member');
--	v_code := v_batch.code; -- and v_answer, v_winner
--	... locks, v_now := market.clock(), reads
--	for i in 1 .. v_batch.calls loop
--		continue when v_code[i] is not null or v_winner[v_batch.first[i]] is not null;
--		... v_code[i] := 'out_of_stock', or: v_answer[i] := ..., v_winner[v_batch.first[i]] := i
--	end loop;
--	... writes
--	v_batch := api.batch_end(v_batch, v_code, v_answer, v_winner, v_now);
--	return query select i, v_batch.code[i], v_batch.answer[i] from generate_series(1, v_batch.calls) as i;
--
-- Plans are made once in a connection and hold for every batch, also if a table was all but empty when they were made, and counters that are
-- vacuumed are counted anew while they are few. So no plan may depend on how many rows there are. Every batched function sets
-- enable_seqscan, enable_mergejoin and enable_hashjoin off, and plan_cache_mode = force_generic_plan; the functions that it calls run
-- under the same settings. Where rows are read stands offset 0, so that each is looked up through an index. Where they are locked or
-- changed, the first column of the key is any(array[...]) of the one that is looked for: an index can answer that, but nothing can be merged by
-- it, which leaves an index nested loop. (Naming all the shops once more, as a list, made every probe cost as much as there were shops and lines.)

-- Decodes {session, key, digest}, and shop_id where p_who is 'owner', of each call; asks who the caller is and whether it may (the word is
-- written in each function, and holds for all calls); locks the accounts, in their order; reads what their keys were answered. With
-- p_every_account also those accounts are locked whose calls have no key. The lock is the first in the order of locks.
create function api.batch_begin(p_calls jsonb, p_who text, p_every_account boolean default false) returns api.batch
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

	perform from market.cart c
	where c.account_id = any(v_account_ids)
	order by c.account_id -- guard: cart_order
	for no key update -- guard: cart
	;
	get diagnostics v_locked = row_count;
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
		cross join lateral (
			select k.answer, k.digest from market.idempotency k where k.account_id = v_batch.account_id[i] and k.key = v_key[i]
			offset 0 -- guard: one_by_one
		) k
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

-- Keeps the keys of the calls that were carried out, with their answers, and completes codes and answers. A call without a code whose winner
-- (p_winner, by p_batch.first) is another call is a duplicate of that one: it gets the same answer, or key_reused if it asks for something else.
create function api.batch_end(p_batch api.batch, p_code text[], p_answer text[], p_winner int[], p_now timestamptz) returns api.batch
language plpgsql as $$
declare
	v_key text[] := p_batch.key;
	v_digest bytea[] := p_batch.digest;
	v_winner int;
begin
	if 0 < any(p_winner) then
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
	p_batch.code := p_code;
	p_batch.answer := p_answer;
	return p_batch;
end
$$;
