-- What a search may go on to, while it is typed: brands and styles.

-- Adds those of new shoes.
create function api.learn_suggestions(p_shoe_ids bigint[]) returns void
language plpgsql as $$
begin
	insert into market.suggestion (start, is_inner, skips, kind, text, brand_key, style_key)
	select distinct on (g.start collate "C", g.brand_key, g.style_key) g.start, g.is_inner, g.skips, g.kind, g.text, g.brand_key, g.style_key
	from market.shoe s
	cross join lateral market.shoe_suggestions(s.brand, s.style) g
	where s.shoe_id = any(p_shoe_ids) and g.start <> '' and not exists (
		select from market.suggestion o where o.start = g.start collate "C" and o.brand_key = g.brand_key and o.style_key = g.style_key)
	order by g.start collate "C", g.brand_key, g.style_key, g.is_inner, s.shoe_id
	on conflict (start, brand_key, style_key) do nothing;
end
$$;

-- The listings in stock of a brand, a style, or both, p_most at most; '' is any.
create function api.count_offers(p_brand_key text, p_style_key text, p_most int) returns int
language plpgsql stable as $$
begin
	if p_style_key = '' then
		return (select count(*) from (select from market.listing l where l.brand_key = p_brand_key and l.in_stock limit p_most) l);
	end if;
	return (
		select count(*)
		from (
			select
			from (select s.shoe_id from market.shoe s where s.style_key = p_style_key and (p_brand_key = '' or s.brand_key = p_brand_key) offset 0) s
			cross join lateral (select from market.listing l where l.shoe_id = s.shoe_id and l.in_stock offset 0) l
			limit p_most) l
	);
end
$$;

-- Patterns of LIKE for what begins nearly like a text: with a letter less, more or another one, or two neighbours swapped, at the positions from p_first to p_last.
create function api.near_patterns(p_text text, p_first int, p_last int) returns text[]
language sql immutable
return (
	select array_agg(v.text || '%')
	from generate_series(p_first, p_last) as i
	cross join lateral (values
		(left(p_text, i - 1) || substr(p_text, i + 1)),
		(left(p_text, i - 1) || '_' || substr(p_text, i + 1)),
		(left(p_text, i - 1) || '_' || substr(p_text, i)),
		(left(p_text, i - 1) || substr(p_text, i + 1, 1) || substr(p_text, i, 1) || substr(p_text, i + 2))) as v(text)
);

-- Up to 60 of what begins with a text, the commonest first, what has a word that does after what does itself.
create function api.matching_suggestions(p_text text) returns setof market.suggestion
language plpgsql stable rows 60 as $$
begin
	if length(p_text) > 1 then
		return query
		select g.*
		from market.suggestion g
		where g.start >= p_text and g.start < p_text || U&'\+10FFFF' and g.skips < length(p_text)
		order by g.is_inner, g.offers desc, g.text
		limit 60;
	else
		return query
		select g.* from market.suggestion g where left(g.start, 1) = p_text and g.skips = 0 and not g.is_inner order by g.offers desc limit 60;
	end if;
end
$$;

-- The same of what nearly begins so. A slip at the third letter or later is looked for among what has the same first two; one before among the commonest that
-- begin with either of these, and the commonest of all. So it takes a few milliseconds however many there are.
create function api.near_suggestions(p_text text) returns setof market.suggestion
language plpgsql stable rows 60 as $$
declare
	v_early text[] := api.near_patterns(p_text, 1, 2);
	v_late text[] := api.near_patterns(p_text, 3, length(p_text));
begin
	if length(p_text) not between 3 and 30 then
		return;
	end if;
	return query
	select g.*
	from (
		select g.*
		from (select g.* from market.suggestion g where g.start >= left(p_text, 2) and g.start < left(p_text, 2) || U&'\+10FFFF' limit 3000) g
		where g.start like any(v_late)
		union
		select g.*
		from (
			(select g.* from market.suggestion g where left(g.start, 1) = left(p_text, 1) order by g.offers desc limit 1000)
			union all
			(select g.* from market.suggestion g where left(g.start, 1) = substr(p_text, 2, 1) order by g.offers desc limit 1000)
			union all
			(select g.* from market.suggestion g order by g.offers desc limit 500)) g
		where g.start like any(v_early)
	) g
	where g.skips < length(p_text) - 1
	order by g.is_inner, g.offers desc, g.text
	limit 60;
end
$$;

-- Up to 8 brands and styles in stock; only if none begins with what is typed, those that nearly do. A thousand offers or fewer are counted each time,
-- so that what was just listed is there and what was just sold is not; more were counted in the background. p_sold_out: those of which nothing is in stock, too.
create function api.suggestions(p_q text, p_sold_out boolean) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set plan_cache_mode = force_generic_plan set jit = off as $$
declare
	v_text text := array_to_string(market.words(p_q), '');
	v_nearly boolean;
	v_one market.suggestion;
	v_count int;
	v_seen text[] := '{}';
	v_found json[] := '{}';
begin
	foreach v_nearly in array '{false,true}'::boolean[] loop
		exit when v_text = '' or cardinality(v_found) > 0;
		for v_one in
			select g.* from api.matching_suggestions(v_text) g where not v_nearly
			union all
			select g.* from api.near_suggestions(v_text) g where v_nearly
		loop
			continue when v_one.kind || market.fold(v_one.text) = any(v_seen);
			v_count := api.count_offers(v_one.brand_key, v_one.style_key, 1001);
			continue when v_count = 0 and not coalesce(p_sold_out, false);
			v_seen := v_seen || (v_one.kind || market.fold(v_one.text));
			v_found := v_found || json_build_object('kind', v_one.kind, 'text', v_one.text,
				'count', case when v_count > 1000 then greatest(v_count, v_one.offers) else v_count end);
			exit when cardinality(v_found) = 8;
		end loop;
	end loop;
	return json_build_object('suggestions', array_to_json(v_found));
end
$$;

-- Counts the offers of some suggestions, for 20 ms at most; a round through all of them begins every three minutes. For the background task; needs no caller: what it
-- does depends on the data alone. Returns how many it counted.
create function api.count_suggestions() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set plan_cache_mode = force_generic_plan set jit = off as $$
declare
	v_began timestamptz := clock_timestamp();
	v_round market.suggestion_round;
	v_one market.suggestion;
	v_offers int;
	v_counted bigint := 0;
begin
	perform api.must_be_durable();
	select * into v_round from market.suggestion_round r;
	if v_round.start = '' and v_round.began_at > v_began - interval '3 minutes' then
		return 0;
	end if;
	select * into v_round from market.suggestion_round r for no key update skip locked;
	if not found then
		return 0; -- another program counts
	end if;
	if v_round.start = '' then
		v_round.began_at := v_began;
	end if;
	loop
		select g.* into v_one
		from market.suggestion g
		where (g.start, g.brand_key, g.style_key) > (v_round.start, v_round.brand_key, v_round.style_key)
		order by g.start, g.brand_key, g.style_key
		limit 1;
		v_round.start := coalesce(v_one.start, '');
		v_round.brand_key := coalesce(v_one.brand_key, '');
		v_round.style_key := coalesce(v_one.style_key, '');
		exit when v_one.start is null;
		v_offers := api.count_offers(v_one.brand_key, v_one.style_key, 1000000);
		if v_offers <> v_one.offers then
			update market.suggestion g set offers = v_offers
			where g.start = v_one.start and g.brand_key = v_one.brand_key and g.style_key = v_one.style_key;
		end if;
		v_counted := v_counted + 1;
		exit when clock_timestamp() > v_began + interval '20 ms';
	end loop;
	update market.suggestion_round r
	set start = v_round.start, brand_key = v_round.brand_key, style_key = v_round.style_key, began_at = v_round.began_at;
	return v_counted;
end
$$;
