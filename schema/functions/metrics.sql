-- For metrics, without a session: how many violations the steps found, and the seconds since the invariant whose check is oldest was checked; -1: one was
-- never checked. The server's settings are checked at each call, so their time alone says nothing.
create function api.metrics_of_audit(out violations bigint, out age_seconds bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select coalesce(sum(a.violations), 0)::bigint,
		case when count(a.checked_at) = count(*) then extract(epoch from clock_timestamp() - min(a.checked_at))::bigint else -1 end
	from api.audit_results(false) a;
end;
