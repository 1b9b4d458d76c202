-- Search: the catalogue by filters and words, one shoe, a few listings side by side. Public: it shows the same to everyone.

-- The words of the vocabulary that a typed word may mean: itself, if it is one; else (from three letters on) all words one typing error away.
create function api.meant_words(p_word text) returns text[]
language plpgsql stable as $$
begin
	if exists (select from market.word_slip k where k.slip = p_word and k.word = p_word) then
		return array[p_word];
	end if;
	if length(p_word) < 3 then
		return '{}';
	end if;
	return (
		select coalesce(array_agg(distinct k.word), '{}')
		from market.slips(p_word) as r(slip)
		join market.word_slip k on k.slip = r.slip
		where market.one_slip(p_word, k.word)
	);
end
$$;

-- A filter of the catalogue; a NULL member filters nothing. words: for each typed word, the words it may mean, separated by blanks. shoes: the
-- shoes that have such words, if they are few.
create type api.listing_filter as (
	brand text[],
	style text,
	color text[],
	size numeric[],
	condition text[],
	audience text[],
	min_price_cents bigint,
	max_price_cents bigint,
	shop_id bigint,
	shoe_id bigint,
	verified boolean,
	words text[],
	shoes bigint[]
);

-- The shoes that have all the words, if they are at most 100; else NULL. (offset 0: each word by its index, always.)
create function api.few_shoes(p_words text[]) returns bigint[]
language plpgsql stable as $$
begin
	return (
		select case when count(*) <= 100 then coalesce(array_agg(f.shoe_id), '{}') end
		from (
			select w.shoe_id
			from unnest(p_words) with ordinality as g(words, n)
			cross join lateral (
				select s.shoe_id from market.shoe_word s where s.word = any(string_to_array(g.words, ' ')) offset 0) w
			group by w.shoe_id
			having bit_or(1 << g.n::int) = (2 << cardinality(p_words)) - 2
			limit 101
		) f
	);
end
$$;

-- The listings in stock that match. Their query is put together from the fixed fragments below, never from a client's text (which comes as $1 to
-- $15), and planned for each call: the planner sees which filters are set, how common their values are, and the order; one generic plan would be bad
-- for most. It returns only ids; the listings are then read by a statement with a kept plan. The random_page_cost says that the data is in memory:
-- with the default, the planner reads thirty rows along an index rather than look up one. Each order is total (listing_id last) and has a letter of
-- its own in the cursor.
create function api.find_listings(p_q text, p_brand text[], p_style text, p_color text[], p_size numeric[], p_condition text[],
	p_audience text[], p_min_price_cents bigint, p_max_price_cents bigint, p_shop_id bigint, p_verified boolean, p_shoe_id bigint,
	p_sort text, p_facets boolean, p_limit int, p_cursor text)
returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp set random_page_cost = 0.1 set seq_page_cost = 0.1 as $$
declare
	v_filter api.listing_filter;
	-- of the order asked: its letter, its ORDER BY, and the condition for rows after a cursor
	v_letter text;
	v_order text;
	v_beyond text := '';
	v_mark text; -- the cursor of a row, less its letter
	v_after bigint[];
	v_found record;
	v_answer json;
	v_next text;
begin
	case coalesce(p_sort, 'promoted')
	when 'promoted' then
		v_letter := 'p';
		v_order := ' order by (l.promotion_tier::bigint << 48 | l.listing_id) desc';
		v_beyond := ' and (l.promotion_tier::bigint << 48 | l.listing_id) < ($14[1] << 48 | $14[2])';
		v_mark := 'l.promotion_tier || ''.'' || l.listing_id';
	when 'newest' then
		v_letter := 'n';
		v_order := ' order by l.listing_id desc';
		v_beyond := ' and l.listing_id < $14[1]';
		v_mark := 'l.listing_id::text';
	when 'price' then
		v_letter := 'a';
		v_order := ' order by l.price_cents, l.listing_id';
		v_beyond := ' and (l.price_cents, l.listing_id) > ($14[1], $14[2])';
		v_mark := 'l.price_cents || ''.'' || l.listing_id';
	when '-price' then
		v_letter := 'd';
		v_order := ' order by l.price_cents desc, l.listing_id desc';
		v_beyond := ' and (l.price_cents, l.listing_id) < ($14[1], $14[2])';
		v_mark := 'l.price_cents || ''.'' || l.listing_id';
	end case;
	v_after := api.cursor_parts(p_cursor, v_letter, 1 + (v_letter <> 'n')::int);

	v_filter.brand := (select array_agg(distinct market.fold(b)) from unnest(p_brand) as b);
	v_filter.style := market.fold(p_style);
	v_filter.color := p_color;
	v_filter.size := p_size;
	v_filter.condition := p_condition;
	v_filter.audience := p_audience;
	v_filter.min_price_cents := p_min_price_cents;
	v_filter.max_price_cents := p_max_price_cents;
	v_filter.shop_id := p_shop_id;
	v_filter.shoe_id := p_shoe_id;
	v_filter.verified := p_verified;
	if p_q is not null then
		v_filter.words := (select array_agg(array_to_string(api.meant_words(w), ' '))
			from (select w from unnest(market.words(p_q)) as w limit 16) w);
		v_filter.shoes := api.few_shoes(v_filter.words);
	end if;

	execute 'select array_agg(f.shop_id) as shop_id, array_agg(f.listing_id) as listing_id, array_agg(f.mark) as mark'
		' from (select l.shop_id, l.listing_id, ' || v_mark || ' as mark from market.listing l' || api.filter_text(v_filter)
		|| case when v_after is null then '' else v_beyond end || v_order || ' limit $15 + 1) f'
	into v_found
	using v_filter.brand, v_filter.style, p_color, p_size, p_condition, p_audience, p_min_price_cents, p_max_price_cents, p_shop_id,
		p_shoe_id, p_verified, v_filter.words, v_filter.shoes, v_after, p_limit;

	select json_agg(o.answer order by f.nth) into v_answer
	from unnest(v_found.shop_id[:p_limit], v_found.listing_id[:p_limit]) with ordinality as f(shop_id, listing_id, nth)
	join api.offer o on o.shop_id = f.shop_id and o.listing_id = f.listing_id;
	if cardinality(v_found.mark) > p_limit then
		v_next := v_letter || v_found.mark[p_limit];
	end if;
	if coalesce(p_facets, false) then
		return json_build_object('listings', coalesce(v_answer, '[]'), 'next', v_next, 'facets', api.facets(v_filter));
	end if;
	return json_build_object('listings', coalesce(v_answer, '[]'), 'next', v_next);
end
$$;

-- The WHERE of a filter over market.listing l, with the parameters $1 to $13 in the order of the type's members. Several values of one member are
-- written as ORs: a GIN index cannot search for an array of them.
create function api.filter_text(p_filter api.listing_filter) returns text
language plpgsql immutable as $$
declare
	v_where text := ' where l.in_stock';
	v_columns constant text[] := '{"l.brand_key = $1","l.color = $3","l.size = $4","l.condition = $5","l.audience = $6"}';
	v_numbers int[] := array[cardinality(p_filter.brand), cardinality(p_filter.color), cardinality(p_filter.size), cardinality(p_filter.condition),
		cardinality(p_filter.audience)];
begin
	for i in 1 .. cardinality(v_columns) loop
		if v_numbers[i] > 0 then
			v_where := v_where || ' and (' || v_columns[i] || '[1]';
			for n in 2 .. v_numbers[i] loop
				v_where := v_where || ' or ' || v_columns[i] || '[' || n || ']';
			end loop;
			v_where := v_where || ')';
		end if;
	end loop;
	if p_filter.style is not null then
		v_where := v_where || ' and exists (select from market.shoe s where s.shoe_id = l.shoe_id and s.style_key = $2)';
	end if;
	if p_filter.min_price_cents is not null then v_where := v_where || ' and l.price_cents >= $7'; end if;
	if p_filter.max_price_cents is not null then v_where := v_where || ' and l.price_cents <= $8'; end if;
	if p_filter.shop_id is not null then v_where := v_where || ' and l.shop_id = $9'; end if;
	if p_filter.shoe_id is not null then v_where := v_where || ' and l.shoe_id = $10'; end if;
	if p_filter.verified is not null then
		v_where := v_where || ' and exists (select from market.shop h where h.shop_id = l.shop_id and h.verified = $11)';
	end if;
	if p_filter.shoes is not null then
		v_where := v_where || ' and l.shoe_id = any($13)';
	else
		for i in 1 .. coalesce(cardinality(p_filter.words), 0) loop
			v_where := v_where || ' and exists (select from market.shoe_word w where w.shoe_id = l.shoe_id'
				' and w.word = any(string_to_array($12[' || i || '], '' '')))';
		end loop;
	end if;
	return v_where;
end
$$;

-- The number of matches for each value of each filter. Counting reads all matches. Up to 2,000 are counted each time and exact; counts of more are
-- cached for 100 times the time that counting took, at most 20 s, so counting takes at most a hundredth of the time however many ask. While one
-- call counts, others get the old counts. (clock_timestamp() measures the counting; market.clock() may stand still in a test.)
create function api.facets(p_filter api.listing_filter) returns json
language plpgsql as $$
declare
	v_key bytea := sha256(convert_to(p_filter::text, 'UTF8'));
	v_lock bigint := ('x' || left(encode(v_key, 'hex'), 16))::bit(64)::bigint;
	v_kept market.facet_count;
	v_facets json;
	v_began timestamptz;
	v_took interval;
begin
	if pg_is_in_recovery() then
		return api.count_facets(p_filter);
	end if;
	select * into v_kept from market.facet_count c where c.filter = v_key;
	if v_kept.expires_at > market.clock() then
		return v_kept.facets;
	elsif v_kept.facets is not null and not pg_try_advisory_xact_lock(v_lock) then
		return v_kept.facets;
	end if;

	v_began := clock_timestamp();
	v_facets := api.count_facets(p_filter);
	v_took := clock_timestamp() - v_began;
	if (select sum(c.value::bigint) from json_each_text(v_facets -> 'condition') c) > 2000 and pg_try_advisory_xact_lock(v_lock) then
		delete from market.facet_count c
		where c.filter in (
			select e.filter from market.facet_count e where e.expires_at < market.clock() - interval '1 minute' and e.filter <> v_key
			order by e.expires_at limit 20
			for update skip locked);
		insert into market.facet_count as c (filter, facets, expires_at)
		values (v_key, v_facets, market.clock() + least(100 * v_took, interval '20 s'))
		on conflict (filter) do update set facets = excluded.facets, expires_at = excluded.expires_at;
	end if;
	return v_facets;
end
$$;

-- Two groupings are counted and then summed: half the work of one grouping for each facet.
create function api.count_facets(p_filter api.listing_filter) returns json
language plpgsql stable as $$
declare
	v_facets json;
begin
	execute 'with counted as materialized (select grouping(l.brand_key) = 0 as of_shoe,'
		' l.brand_key, l.color, l.size, l.condition, l.audience, count(*) as found from market.listing l' || api.filter_text(p_filter) ||
		' group by grouping sets ((l.brand_key, l.color), (l.size, l.condition, l.audience)))'
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
		p_filter.max_price_cents, p_filter.shop_id, p_filter.shoe_id, p_filter.verified, p_filter.words, p_filter.shoes;
	return v_facets;
end
$$;

-- Two to four listings side by side, in the order asked.
create function api.compare_listings(p_ids bigint[]) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_listings json;
	v_found int;
begin
	select json_agg(o.answer order by a.n), count(*) into v_listings, v_found
	from unnest(p_ids) with ordinality as a(listing_id, n)
	join api.offer o on o.listing_id = a.listing_id and o.withdrawn_at is null;
	if v_found <> cardinality(p_ids) then
		perform api.refuse('not_found');
	end if;
	return json_build_object('listings', v_listings);
end
$$;

-- A shoe with its cheapest offer for each size at this moment, at the sale's price where there is one.
create function api.shoe(p_shoe_id bigint) returns json
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select json_build_object(
		'shoe_id', s.shoe_id,
		'brand', s.brand,
		'style', s.style,
		'color', s.color,
		'offers', coalesce((
			select json_agg(c.answer order by c.size)
			from (
				select distinct on (o.size) o.size, o.answer
				from api.offer o
				where o.shoe_id = s.shoe_id and o.in_stock
				order by o.size, coalesce(o.sale_price_cents, o.price_cents), o.listing_id
			) c), '[]'))
	from market.shoe s
	where s.shoe_id = p_shoe_id;
end;
