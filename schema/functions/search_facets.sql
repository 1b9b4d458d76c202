-- The counts beside the filters.

-- The number of matches for each value of each filter. Counting reads all matches. Up to 2,000 are counted each time and exact; counts of more are
-- kept for 100 times the time that counting took, at most 18 s, so counting takes at most a hundredth of the time however many ask. Those that are read
-- are counted again in the background (api.refresh_facets), before they expire, or soon after they are read again: a search counts only what was never kept, and what
-- has been expired for a minute, as when no background runs. (clock_timestamp() measures the counting; market.clock() may stand still in a
-- test.) A standby cannot read the table, which is not logged, and counts each time: it answers such searches only while there is no primary.
create function api.facets(p_filter api.listing_filter) returns json
language plpgsql as $$
declare
	v_asked api.listing_filter := p_filter;
	v_key bytea;
	v_kept market.facet_count;
begin
	if pg_is_in_recovery() then
		return api.count_facets(p_filter);
	end if;
	v_asked.same_shoes := null;
	v_asked.other_shoes := null;
	v_asked.sale_shop_id := null;
	v_asked.sale_percent_off := null;
	v_key := sha256(convert_to(v_asked::text, 'UTF8'));
	select * into v_kept from market.facet_count c where c.filter = v_key;
	if v_kept.expires_at > market.clock() - interval '1 minute' then
		if not v_kept.wanted then
			update market.facet_count c set wanted = true
			where c.filter in (select w.filter from market.facet_count w where w.filter = v_key and not w.wanted for update skip locked);
		end if;
		return v_kept.facets;
	elsif v_kept.facets is not null and not pg_try_advisory_xact_lock(api.facet_lock(v_key)) then
		return v_kept.facets; -- another search counts them
	end if;
	return api.keep_facets(v_key, p_filter, v_asked, v_kept.facets is not null);
end
$$;

create function api.facet_lock(p_key bytea) returns bigint
language sql immutable
return ('x' || left(encode(p_key, 'hex'), 16))::bit(64)::bigint;

-- Counts, and keeps what is worth it; what was kept (p_is_kept) and is not worth it any more is dropped.
create function api.keep_facets(p_key bytea, p_filter api.listing_filter, p_asked api.listing_filter, p_is_kept boolean) returns json
language plpgsql as $$
declare
	v_began timestamptz := clock_timestamp();
	v_facets json := api.count_facets(p_filter);
	v_took interval := clock_timestamp() - v_began;
	v_found bigint := (select coalesce(sum(c.value::bigint), 0) from json_each_text(v_facets -> 'condition') c);
begin
	if v_found > 2000 and pg_try_advisory_xact_lock(api.facet_lock(p_key)) then
		insert into market.facet_count as c (filter, facets, expires_at, asked)
		values (p_key, v_facets, market.clock() + least(100 * v_took, interval '18 s'), to_jsonb(p_asked))
		on conflict (filter) do update
		set facets = excluded.facets, expires_at = excluded.expires_at, asked = excluded.asked, wanted = false;
	elsif v_found <= 2000 and p_is_kept then
		delete from market.facet_count c
		where c.filter in (select o.filter from market.facet_count o where o.filter = p_key for update skip locked);
	end if;
	return v_facets;
end
$$;

-- Counts again what was read since it was counted and expires before the next tick, for at most a quarter of a second; drops what expired a minute ago, which
-- was not read meanwhile or cannot be counted in the time a statement has. It needs no caller: what it does depends on the time alone. Returns how many it
-- counted.
create function api.refresh_facets() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp set random_page_cost = 0.1 set seq_page_cost = 0.1 as $$
declare
	v_began timestamptz := clock_timestamp();
	v_due record;
	v_asked api.listing_filter;
	v_counted bigint := 0;
begin
	perform api.must_be_durable();
	for v_due in
		select c.filter, c.asked
		from market.facet_count c
		where c.wanted and c.expires_at > market.clock() - interval '1 minute' and c.expires_at < market.clock() + interval '600 ms'
		order by c.expires_at
	loop
		exit when clock_timestamp() > v_began + interval '250 ms';
		continue when not pg_try_advisory_xact_lock(api.facet_lock(v_due.filter))
			or not exists (select from market.facet_count c where c.filter = v_due.filter and c.wanted); -- another program counted it
		v_asked := jsonb_populate_record(null::api.listing_filter, v_due.asked);
		perform api.keep_facets(v_due.filter, api.filter_now(v_asked, false), v_asked, true);
		v_counted := v_counted + 1;
	end loop;
	delete from market.facet_count c
	where c.filter in (
		select o.filter from market.facet_count o where o.expires_at < market.clock() - interval '1 minute' order by o.expires_at limit 100
		for update skip locked);
	return v_counted;
end
$$;

-- Two groupings are counted and then summed: half the work of one grouping for each facet.
create function api.count_facets(p_filter api.listing_filter) returns json
language plpgsql as $$
declare
	v_source text := '(select l.brand_key, l.color, l.size, l.condition, l.audience from market.listing l' || api.filter_text(p_filter, 'any');
	v_facets json;
begin
	execute 'with counted as materialized (select grouping(l.brand_key) = 0 as of_shoe,'
		' l.brand_key, l.color, l.size, l.condition, l.audience, count(*) as found from ' || v_source || api.list_price_text(p_filter)
		|| case when p_filter.sale_shop_id is null then '' else ' union all '
			|| replace(v_source, 'market.listing l', 'unnest($17, $18) as s(shop_id, percent_off) join market.listing l on l.shop_id = s.shop_id')
			|| api.sale_price_text(p_filter) || ')' end
		|| ') l group by grouping sets ((l.brand_key, l.color), (l.size, l.condition, l.audience)))'
		' select json_build_object('
		'''brand'', (select coalesce(json_object_agg(s.brand, c.found order by c.found desc, s.brand), ''{}'')'
		' from (select brand_key, sum(found) as found from counted where of_shoe group by brand_key) c'
		' cross join lateral (select s.brand from market.shoe s where s.brand_key = c.brand_key order by s.shoe_id limit 1) s),'
		'''size'', (select coalesce(json_object_agg(trim_scale(size), found order by size), ''{}'')'
		' from (select size, sum(found) as found from counted where not of_shoe group by size) c),'
		'''color'', (select coalesce(json_object_agg(color, found order by found desc, color), ''{}'')'
		' from (select color, sum(found) as found from counted where of_shoe group by color) c),'
		'''condition'', (select coalesce(json_object_agg(condition, found order by found desc, condition), ''{}'')'
		' from (select condition, sum(found) as found from counted where not of_shoe group by condition) c),'
		'''audience'', (select coalesce(json_object_agg(audience, found order by found desc, audience), ''{}'')'
		' from (select audience, sum(found) as found from counted where not of_shoe group by audience) c))'
	into v_facets
	using p_filter.brand, p_filter.style, p_filter.color, p_filter.size, p_filter.condition, p_filter.audience, p_filter.min_price_cents,
		p_filter.max_price_cents, p_filter.shop_id, p_filter.shoe_id, p_filter.verified, p_filter.words, p_filter.same_words, null::bigint[], null::int,
		p_filter.same_shoes, p_filter.sale_shop_id, p_filter.sale_percent_off, p_filter.other_shoes;
	return v_facets;
end
$$;
