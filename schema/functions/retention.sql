-- Rows that are deleted when they are no longer needed: kept answers of requests after a day, sessions that have expired,
-- rows of the outbox that were done 30 days ago, and events that the provider sent 30 days ago: it repeats none of them for so long.

-- Deletes such rows in `p_pages` pages of these tables, from p_from_page on (NULL: a random one); returns the page to go on with, 0 after the last one. No index
-- leads to them: a sale would pay for it. A step reads its pages only, whatever the size of the tables. For the background task; several programs may
-- call it at once.
create function api.purge_step(p_from_page bigint, p_pages int) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_now timestamptz := market.clock();
	v_end bigint := greatest(pg_relation_size('market.idempotency'), pg_relation_size('market.session'), pg_relation_size('market.outbox'),
		pg_relation_size('market.provider_event')) / current_setting('block_size')::int;
	v_from bigint := coalesce(p_from_page, floor(random() * v_end)::bigint);
	v_first tid := format('(%s,0)', least(v_from, 4294967295))::tid;
	v_next tid := format('(%s,0)', least(v_from + p_pages, 4294967295))::tid;
begin
	perform api.must_be_durable();
	delete from market.idempotency k where k.ctid >= v_first and k.ctid < v_next and k.created_at < v_now - interval '1 day';
	delete from market.outbox o where o.ctid >= v_first and o.ctid < v_next and o.done_at < v_now - interval '30 days';
	delete from market.provider_event e where e.ctid >= v_first and e.ctid < v_next and e.received_at < v_now - interval '30 days';
	delete from market.session s
	where s.ctid = any(array(
		select x.ctid from market.session x where x.ctid >= v_first and x.ctid < v_next and x.expires_at <= v_now for update skip locked));
	return case when v_from + p_pages >= v_end then 0 else v_from + p_pages end;
end
$$;
