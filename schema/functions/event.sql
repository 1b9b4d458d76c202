-- Release events: what is on and what comes next. One that began less than a day ago is still on.
create function api.events(p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_after bigint[] := api.cursor_parts(p_cursor, 'e', 2); -- microseconds of the start, event
begin
	return (
		with page as (
			select e.event_id, (extract(epoch from e.starts_at) * 1000000)::bigint as start,
				row_number() over (order by e.starts_at, e.event_id) as nth,
				json_build_object(
					'event_id', e.event_id,
					'shop_id', e.shop_id,
					'shop_name', h.name,
					'title', e.title,
					'starts_at', market.rfc3339(e.starts_at),
					'capacity', e.capacity,
					'booked', e.booked,
					'waiting', e.waiting,
					'version', e.version) as answer
			from market.event e
			join market.shop h on h.shop_id = e.shop_id
			where e.starts_at > now() - interval '1 day'
				and (v_after is null or (e.starts_at, e.event_id) > (timestamptz 'epoch' + v_after[1] * interval '1 microsecond', v_after[2]))
			order by e.starts_at, e.event_id
			limit p_limit + 1
		)
		select json_build_object(
			'events', coalesce((select json_agg(p.answer order by p.nth) from page p where p.nth <= p_limit), '[]'),
			'next', (select 'e' || l.start || '.' || l.event_id from page l
				where l.nth = p_limit and exists (select from page m where m.nth > p_limit)))
	);
end
$$;
