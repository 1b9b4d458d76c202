-- For metrics, without a session: how many violations the steps found, and for how many seconds nothing new was checked; -1: it never was.
create function api.metrics_of_audit(out violations bigint, out age_seconds bigint)
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select coalesce(sum(a.violations), 0)::bigint, coalesce(extract(epoch from clock_timestamp() - min(a.checked_at))::bigint, -1)
	from api.audit_results(false) a;
end;
