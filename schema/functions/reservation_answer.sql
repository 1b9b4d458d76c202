-- What create_reservation (reservation.sql) answers.

-- The seconds until an account that was refused as too_many_requests can hold a pair of this listing: until it is no longer barred, and until so many of
-- its holds have expired that it holds less than it may. Holds of the batch at hand, which are not written yet, last p_hold_seconds.
create function api.hold_wait_seconds(p_account_id bigint, p_listing_id bigint, p_holds_max int, p_hold_seconds int, p_now timestamptz) returns int
language plpgsql as $$
declare
	v_at timestamptz;
begin
	v_at := greatest(
		(select e.lapsed_at + interval '1 hour' from market.hold_lapse e
			where e.account_id = p_account_id and e.listing_id = p_listing_id and e.before_at >= e.lapsed_at - interval '1 hour'),
		(select r.expires_at from (select r.expires_at from market.reservation r where r.account_id = p_account_id offset 0) r
			where r.expires_at > p_now order by r.expires_at desc offset greatest(p_holds_max, 1) - 1 limit 1));
	return greatest(1, coalesce(ceil(extract(epoch from v_at - p_now)), p_hold_seconds));
end
$$;

-- The answer of create_reservation: {"reserved": [...], "refused": [...]}; if all were refused, the extra members of the problem.
create function api.reserved_answer(p_reserved json, p_refused json, p_code text, p_wait_seconds int) returns json
language sql immutable
return case
	when p_reserved is not null then json_build_object('reserved', p_reserved, 'refused', coalesce(p_refused, '[]'))
	when p_code = 'forbidden' then json_build_object('detail', 'One does not hold a pair in one''s own shop.', 'refused', p_refused)
	when p_code = 'too_many_requests' then json_build_object('detail',
		format('You hold as many pairs as one account may, or let a hold on this pair expire twice within an hour. Try again in %s.',
			case when p_wait_seconds < 120 then p_wait_seconds || ' s' else ceil(p_wait_seconds / 60.0) || ' minutes' end),
		'refused', p_refused, 'retry_after_seconds', p_wait_seconds)
	when p_code = 'already_reserved' and not exists (
		select from json_array_elements(p_refused) as r(line) where r.line ->> 'code' <> 'already_reserved')
	then json_build_object('refused', p_refused, 'unchanged', true)
	else json_build_object('refused', p_refused)
end;

-- The answers of all calls: p_answer where there is one, else what became of the call's lines. Of a call without a code whose lines have neither a
-- reservation nor a code (a duplicate) it is NULL.
create function api.reservation_answers(p_lines api.reservation_lines, p_code text[], p_answer text[], p_expires_at timestamptz[],
	p_reservation_id bigint[], p_line_code text[], p_wait_seconds int[]) returns text[]
language plpgsql as $$
begin
	return (
		select array_agg(case when a.call is null then c.answer
			else api.reserved_answer(a.reserved, a.refused, c.code, c.wait_seconds)::text end order by c.n)
		from unnest(p_code, p_answer, p_wait_seconds) with ordinality as c(code, answer, wait_seconds, n)
		left join (
			select i.call,
				json_agg(json_build_object('reservation_id', i.reservation_id, 'listing_id', i.listing_id,
					'expires_at', market.rfc3339(p_expires_at[i.call])) order by i.n) filter (where i.reservation_id > 0) as reserved,
				json_agg(json_build_object('listing_id', i.listing_id, 'code', i.code) order by i.n) filter (where i.code is not null) as refused
			from unnest(p_lines.call, p_lines.listing_id, p_reservation_id, p_line_code) with ordinality
				as i(call, listing_id, reservation_id, code, n)
			where i.reservation_id > 0 or i.code is not null
			group by i.call
		) a on a.call = c.n
	);
end
$$;
