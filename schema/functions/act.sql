-- The log of privileged acts: what admins and the operator did, to what, and why.

-- Every write that only an admin may make calls this, in its own transaction: registry.awk looks for it, and a route of such a write without it is
-- refused at start. p_account_id NULL: the operator.
create function api.note_act(p_account_id bigint, p_act text, p_subject text, p_reason text) returns void
language sql
begin atomic
	insert into market.act (account_id, act, subject, reason, created_at)
	values (p_account_id, p_act, p_subject, p_reason, market.clock());
end;

-- The acts, newest first.
create function api.acts(p_session bytea, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_before bigint := api.cursor_id(p_cursor, 'c');
begin
	perform api.require(p_session, 'admin');
	return (
		with page as (
			select t.*, row_number() over (order by t.act_id desc) as nth
			from market.act t
			where v_before is null or t.act_id < v_before
			order by t.act_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'acts', coalesce((
				select json_agg(json_build_object(
					'act_id', g.act_id,
					'account_id', g.account_id,
					'name', coalesce(a.name, 'the operator'),
					'act', g.act,
					'subject', g.subject,
					'reason', g.reason,
					'created_at', market.rfc3339(g.created_at)) order by g.nth)
				from page g
				left join market.account a on a.account_id = g.account_id
				where g.nth <= p_limit), '[]'),
			'next', (select 'c' || max(g.act_id) filter (where g.nth = p_limit) from page g having count(*) > p_limit))
	);
end
$$;
