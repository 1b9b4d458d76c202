-- Search: the catalogue by filters and words, a few listings side by side. Public: it shows the same to everyone.

-- A filter of the catalogue; a NULL member filters nothing, an empty array lets nothing through.
create type api.listing_filter as (
	brand text[],
	style text,
	color text[],
	size numeric[],
	condition text[],
	audience text[],
	min_price_cents bigint, -- of the price that is shown, as max_price_cents
	max_price_cents bigint,
	shop_id bigint,
	shoe_id bigint,
	verified boolean,
	on_sale boolean,
	words text[], -- for each typed word, the words that it may mean, separated by blanks
	same_words text[], -- of these the word itself, alone or joined with its neighbours
	-- What follows is of the moment, see api.filter_now.
	same_shoes bigint[], -- in stock with all same_words, if they are few; else NULL
	other_shoes bigint[], -- likewise the rest of those with all words
	sale_shop_id bigint[], -- the shops whose prices are those of a sale; NULL: none, or prices are of no interest
	sale_percent_off int[]
);

-- What is read of q: words of the catalogue, and words that filter.
create type api.read_words as (
	words text[], -- as in api.listing_filter; NULL: none
	same_words text[],
	color text[],
	size numeric[],
	condition text[],
	audience text[],
	understood json -- {rest, filters}: q without the words that filter, and these; NULL: none
);

-- One part of a page, in order. mark: the cursor of each row.
create type api.found_listings as (
	shop_id bigint[],
	listing_id bigint[],
	mark text[]
);

-- Both, NULL being everything.
create function api.narrowed(p_given text[], p_read text[]) returns text[]
language plpgsql immutable as $$
begin
	if p_read is null or coalesce(cardinality(p_given), 0) = 0 then
		return coalesce(p_read, p_given);
	end if;
	return (select coalesce(array_agg(g), '{}') from unnest(p_given) as g where g = any(p_read));
end
$$;

-- What the cursors of a part begin with.
create function api.mark_letter(p_sort text, p_part text) returns text
language sql immutable
return case when p_part = 'other' then 'q' when p_sort = 'promoted' then 'p' when p_sort = 'newest' then 'n' when p_sort = 'price' then 'a' else 'd' end;

-- The listings in stock that match. In the promoted order those that have the very words typed come first, then those that have words one typing
-- error away; each of the two is a query, and has a letter of its own in the cursor. With facets, or if p_understood, the answer says which words filter.
create function api.find_listings(p_q text, p_brand text[], p_style text, p_color text[], p_size numeric[], p_condition text[],
	p_audience text[], p_min_price_cents bigint, p_max_price_cents bigint, p_shop_id bigint, p_verified boolean, p_shoe_id bigint,
	p_on_sale boolean, p_sort text, p_facets boolean, p_limit int, p_cursor text, p_understood boolean default false)
returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp set random_page_cost = 0.1 set seq_page_cost = 0.1
set plan_cache_mode = force_generic_plan as $$
declare
	v_sort text := coalesce(p_sort, 'promoted');
	v_read api.read_words;
	v_filter api.listing_filter;
	v_parts text[] := '{any}';
	v_after bigint[];
	v_part api.found_listings;
	v_found api.found_listings := row('{}', '{}', '{}')::api.found_listings;
	v_answer json;
	v_next text;
begin
	if p_q is not null then
		v_read := api.read_query(p_q);
	end if;
	if v_sort = 'promoted' and v_read.words is not null then
		v_parts := case left(p_cursor, 1) when 'q' then '{other}' else '{same,other}' end;
	end if;
	v_after := api.cursor_parts(p_cursor, api.mark_letter(v_sort, v_parts[1]), case v_sort when 'newest' then 1 when 'promoted' then 2 else 3 end);

	v_filter := row(null, market.fold(p_style), p_color, p_size, p_condition, p_audience, p_min_price_cents, p_max_price_cents, p_shop_id, p_shoe_id,
		p_verified, p_on_sale, v_read.words, v_read.same_words, null, null, null, null)::api.listing_filter;
	if p_brand is not null then
		v_filter.brand := (select array_agg(distinct market.fold(b)) from unnest(p_brand) as b);
	end if;
	if p_q is not null then
		v_filter.color := api.narrowed(p_color, v_read.color);
		v_filter.size := api.narrowed(p_size::text[], v_read.size::text[])::numeric[];
		v_filter.condition := api.narrowed(p_condition, v_read.condition);
		v_filter.audience := api.narrowed(p_audience, v_read.audience);
	end if;

	if api.has_kept_plan(v_filter, v_sort) then
		v_found := api.find_by_index(v_filter, v_sort, v_after, p_limit + 1);
	else
		v_filter := api.filter_now(v_filter, v_sort in ('price', '-price'));
		for i in 1 .. cardinality(v_parts) loop
			v_part := api.find_part(v_filter, v_parts[i], v_sort, v_after, p_limit + 1 - cardinality(v_found.mark));
			v_found.shop_id := v_found.shop_id || v_part.shop_id;
			v_found.listing_id := v_found.listing_id || v_part.listing_id;
			v_found.mark := v_found.mark || v_part.mark;
			exit when cardinality(v_found.mark) > p_limit;
			v_after := null;
		end loop;
	end if;

	-- They are read by a statement with a kept plan.
	select ('[' || string_agg(o.answer_text, ',' order by f.nth) || ']')::json into v_answer
	from unnest(v_found.shop_id[:p_limit], v_found.listing_id[:p_limit]) with ordinality as f(shop_id, listing_id, nth)
	join api.offer o on o.shop_id = f.shop_id and o.listing_id = f.listing_id;
	if cardinality(v_found.mark) > p_limit then
		v_next := v_found.mark[p_limit];
	end if;
	return api.found_answer(coalesce(v_answer, '[]'), v_next, case when p_facets or p_understood then v_read.understood end,
		case when p_facets then api.facets(v_filter) end);
end
$$;

-- Members that are not there are left out, but for `next`.
create function api.found_answer(p_listings json, p_next text, p_understood json, p_facets json) returns json
language sql immutable
return case
	when p_understood is null and p_facets is null then json_build_object('listings', p_listings, 'next', p_next)
	when p_facets is null then json_build_object('listings', p_listings, 'next', p_next, 'understood', p_understood)
	when p_understood is null then json_build_object('listings', p_listings, 'next', p_next, 'facets', p_facets)
	else json_build_object('listings', p_listings, 'next', p_next, 'understood', p_understood, 'facets', p_facets) end;

-- The filter with its members of the moment. p_by_price: the order is by price.
create function api.filter_now(p_filter api.listing_filter, p_by_price boolean) returns api.listing_filter
language plpgsql as $$
begin
	if p_filter.words is not null then
		select f.same_shoes, f.other_shoes into p_filter.same_shoes, p_filter.other_shoes
		from api.few_shoes(p_filter.words, p_filter.same_words) f;
	end if;
	if p_by_price or p_filter.min_price_cents is not null or p_filter.max_price_cents is not null or p_filter.on_sale is not null then
		select array_agg(f.shop_id), array_agg(f.percent_off) into p_filter.sale_shop_id, p_filter.sale_percent_off
		from api.running_sale f
		where p_filter.shop_id is null or f.shop_id = p_filter.shop_id;
	end if;
	return p_filter;
end
$$;

-- Whether one index holds what the filter lets through in the order asked: no other filter than a brand or a shop. These are asked for most, and one
-- plan is the best for each brand and shop, however common.
create function api.has_kept_plan(p_filter api.listing_filter, p_sort text) returns boolean
language plpgsql immutable as $$
begin
	if p_sort = 'promoted' and cardinality(p_filter.brand) = 1 then
		p_filter.brand := null;
	elsif p_sort = 'promoted' then
		p_filter.shop_id := null;
	end if;
	return p_filter is null and p_sort in ('promoted', 'newest');
end
$$;

-- What find_part finds, for these. The plans are kept, and without the ways that are switched off there is only the one along the index, even if the
-- plan was made when the table was empty. Planning costs more than finding a page.
create function api.find_by_index(p_filter api.listing_filter, p_sort text, p_after bigint[], p_limit int) returns api.found_listings
language plpgsql stable set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
	v_before bigint := case when p_after is null then 9223372036854775807 when p_sort = 'newest' then p_after[1] else p_after[1] << 48 | p_after[2] end;
	v_found api.found_listings;
begin
	if p_sort = 'newest' then
		select array_agg(f.shop_id), array_agg(f.listing_id), array_agg('n' || f.listing_id) into v_found
		from (
			select l.shop_id, l.listing_id
			from market.listing l
			where l.in_stock and l.listing_id < v_before
			order by l.listing_id desc limit p_limit) f;
	elsif p_filter.brand is not null then
		select array_agg(f.shop_id), array_agg(f.listing_id), array_agg('p' || f.promotion_tier || '.' || f.listing_id) into v_found
		from (
			select l.shop_id, l.listing_id, l.promotion_tier
			from market.listing l
			where l.in_stock and l.brand_key = p_filter.brand[1] and (l.promotion_tier::bigint << 48 | l.listing_id) < v_before
			order by l.promotion_tier::bigint << 48 | l.listing_id desc limit p_limit) f;
	elsif p_filter.shop_id is not null then
		select array_agg(f.shop_id), array_agg(f.listing_id), array_agg('p' || f.promotion_tier || '.' || f.listing_id) into v_found
		from (
			select l.shop_id, l.listing_id, l.promotion_tier
			from market.listing l
			where l.in_stock and l.shop_id = p_filter.shop_id and (l.promotion_tier::bigint << 48 | l.listing_id) < v_before
			order by l.promotion_tier::bigint << 48 | l.listing_id desc limit p_limit) f;
	else
		select array_agg(f.shop_id), array_agg(f.listing_id), array_agg('p' || f.promotion_tier || '.' || f.listing_id) into v_found
		from (
			select l.shop_id, l.listing_id, l.promotion_tier
			from market.listing l
			where l.in_stock and (l.promotion_tier::bigint << 48 | l.listing_id) < v_before
			order by l.promotion_tier::bigint << 48 | l.listing_id desc limit p_limit) f;
	end if;
	return v_found;
end
$$;

-- The first p_limit listings after a cursor, of one part: 'same' has the very words typed, 'other' not all of them, 'any' is both. The query is put
-- together from the fixed fragments below, never from a client's text (which comes as parameters), and planned for each call: the
-- planner sees which filters are set, how common their values are, and the order; one generic plan would be bad for most. The
-- random_page_cost of find_listings says that the data is in memory: with the default, the planner reads thirty rows along an index rather than look up one. Its
-- plan_cache_mode is for the other statements, which would be planned each time for the lengths of their arrays.
--
-- The price that is shown is the list price or that of a sale. No index has the latter: it changes with the last discount, and by time. So the
-- offers at the list price are found along an index, those of each shop with a sale along another one, and the two are merged. In a shop the
-- sale keeps the order of prices, but for ties; so ties are ordered by the list price, then by listing_id.
create function api.find_part(p_filter api.listing_filter, p_part text, p_sort text, p_after bigint[], p_limit int) returns api.found_listings
language plpgsql as $$
declare
	v_by_price boolean := p_sort in ('price', '-price');
	v_desc text := case p_sort when 'price' then '' else ' desc' end;
	v_key text := case p_sort when 'promoted' then '(l.promotion_tier::bigint << 48 | l.listing_id)' when 'newest' then 'l.listing_id' else 'l.price_cents' end;
	v_shown text := case when v_by_price then 'market.sale_price(l.price_cents, s.percent_off)' else v_key end;
	v_order text := ' order by ' || v_key || v_desc || case when v_by_price then ', l.listing_id' || v_desc else '' end || ' limit $15';
	v_beyond text := '';
	v_sale_beyond text;
	v_last constant text := 'least($14[1], 1000000000000)'; -- the price of the cursor, which is a client's: 100 times more is a bigint, too
	v_where text := api.filter_text(p_filter, p_part);
	v_query text;
	v_found api.found_listings;
begin
	if (p_part = 'same' and p_filter.same_shoes = '{}') or (p_part = 'other' and p_filter.other_shoes = '{}') then
		return null;
	end if;
	if p_after is not null and v_by_price then
		v_beyond := case p_sort
			when 'price' then ' and (l.price_cents, l.listing_id) > ($14[1], case when $14[2] = $14[1] then $14[3] else 9223372036854775807 end)'
			else ' and (l.price_cents, l.listing_id) < ($14[1], case when $14[2] = $14[1] then $14[3] else 9223372036854775807 end)' end;
		v_sale_beyond := case p_sort
			when 'price' then ' and l.price_cents >= ' || api.least_text(v_last) || ' and (' || v_shown || ', l.price_cents, l.listing_id) > ($14[1], $14[2], $14[3])'
			else ' and l.price_cents <= ' || api.most_text(v_last) || ' and (' || v_shown || ', l.price_cents, l.listing_id) < ($14[1], $14[2], $14[3])' end;
	elsif p_after is not null then
		v_beyond := ' and ' || v_key || case p_sort when 'promoted' then ' < ($14[1] << 48 | $14[2])' else ' < $14[1]' end;
	end if;

	v_query := '(select l.shop_id, l.listing_id, ' || v_key || ' as key, l.price_cents from market.listing l'
		|| v_where || api.list_price_text(p_filter) || v_beyond || v_order || ')';
	if p_filter.sale_shop_id is not null then
		v_query := v_query || ' union all (select l.* from unnest($17, $18) as s(shop_id, percent_off) cross join lateral ('
			'select l.shop_id, l.listing_id, ' || v_shown || ' as key, l.price_cents from market.listing l'
			|| v_where || ' and l.shop_id = s.shop_id' || api.sale_price_text(p_filter) || coalesce(v_sale_beyond, v_beyond) || v_order || ') l)'
			' order by key' || v_desc || case when v_by_price then ', price_cents' || v_desc || ', listing_id' || v_desc else '' end || ' limit $15';
	end if;
	execute 'select array_agg(f.shop_id), array_agg(f.listing_id), array_agg('
		|| quote_literal(api.mark_letter(p_sort, p_part)) || ' || ' || case p_sort when 'promoted' then '(f.key >> 48) || ''.'' || f.listing_id' when 'newest' then 'f.listing_id'
			else 'f.key || ''.'' || f.price_cents || ''.'' || f.listing_id' end
		|| ') from (' || v_query || ') f'
	into v_found
	using p_filter.brand, p_filter.style, p_filter.color, p_filter.size, p_filter.condition, p_filter.audience, p_filter.min_price_cents,
		p_filter.max_price_cents, p_filter.shop_id, p_filter.shoe_id, p_filter.verified, p_filter.words, p_filter.same_words, p_after, p_limit,
		p_filter.same_shoes, p_filter.sale_shop_id, p_filter.sale_percent_off, p_filter.other_shoes;
	return v_found;
end
$$;

-- The WHERE of a filter over market.listing l, less its prices. Parameters: $1 brand, $2 style, $3 color, $4 size, $5 condition, $6 audience, $7 and $8
-- prices, $9 shop_id, $10 shoe_id, $11 verified, $12 words, $13 same_words, $16 same_shoes, $17 and $18
-- of sales, $19 other_shoes. Several values of one member are written as ORs: a GIN index cannot search for an array of them.
create function api.filter_text(p_filter api.listing_filter, p_part text) returns text
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
		elsif v_numbers[i] = 0 then
			return ' where false';
		end if;
	end loop;
	if p_filter.style is not null then
		v_where := v_where || ' and exists (select from market.shoe s where s.shoe_id = l.shoe_id and s.style_key = $2)';
	end if;
	if p_filter.shop_id is not null then v_where := v_where || ' and l.shop_id = $9'; end if;
	if p_filter.shoe_id is not null then v_where := v_where || ' and l.shoe_id = $10'; end if;
	if p_filter.verified is not null then
		v_where := v_where || ' and exists (select from market.shop h where h.shop_id = l.shop_id and h.verified = $11)';
	end if;
	return case when p_filter.words is null then v_where else v_where || api.words_text(p_filter, p_part) end;
end
$$;

-- Its words: by shoes where they are few, else word by word.
create function api.words_text(p_filter api.listing_filter, p_part text) returns text
language plpgsql immutable as $$
declare
	v_has constant text := ' exists (select from market.shoe_word w where w.shoe_id = l.shoe_id and w.word = any(string_to_array($%s[%s], '' '')))';
	v_same text := '';
	v_all text := '';
begin
	if (p_part = 'same' and p_filter.same_shoes = '{}') or (p_part = 'other' and p_filter.other_shoes = '{}') then
		return ' and false';
	elsif p_part = 'same' and p_filter.same_shoes is not null then
		return ' and l.shoe_id = any($16)';
	elsif p_part = 'other' and p_filter.other_shoes is not null then
		return ' and l.shoe_id = any($19)';
	elsif p_part = 'any' and p_filter.same_shoes is not null and p_filter.other_shoes is not null then
		return ' and l.shoe_id = any($16 || $19)';
	end if;
	for i in 1 .. cardinality(p_filter.words) loop
		v_same := v_same || ' and' || format(v_has, 13, i);
		v_all := v_all || ' and' || format(v_has, 12, i);
	end loop;
	return case p_part when 'same' then v_same when 'any' then v_all
		else v_all || case when p_filter.same_shoes is null then ' and not (true' || v_same || ')'
			when p_filter.same_shoes = '{}' then '' else ' and l.shoe_id <> all($16)' end end;
end
$$;

-- Its prices, for offers at the list price.
create function api.list_price_text(p_filter api.listing_filter) returns text
language sql immutable
return case when p_filter.on_sale then ' and false' else '' end
	|| case when p_filter.min_price_cents is null then '' else ' and l.price_cents >= $7' end
	|| case when p_filter.max_price_cents is null then '' else ' and l.price_cents <= $8' end
	|| case when p_filter.sale_shop_id is null then '' else ' and l.shop_id <> all($17)' end;

-- Of the price of a sale s, which is rounded down: the least list price that comes to p_price, an expression, or more; and the most that comes to it or less.
create function api.least_text(p_price text) returns text
language sql immutable
return '(100 * ' || p_price || ' + 99 - s.percent_off) / (100 - s.percent_off)';

create function api.most_text(p_price text) returns text
language sql immutable
return '(100 * ' || p_price || ' + 99) / (100 - s.percent_off)';

-- Its prices, for offers at the price of a sale s.
create function api.sale_price_text(p_filter api.listing_filter) returns text
language sql immutable
return case when p_filter.on_sale = false then ' and false' else '' end
	|| case when p_filter.min_price_cents is null then '' else ' and l.price_cents >= ' || api.least_text('$7') end
	|| case when p_filter.max_price_cents is null then '' else ' and l.price_cents <= ' || api.most_text('$8') end;

-- Two to four listings side by side, in the order asked.
create function api.compare_listings(p_ids bigint[]) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_listings json;
	v_found int;
begin
	select json_agg(o.answer order by a.n), count(*) into v_listings, v_found
	from unnest(p_ids) with ordinality as a(listing_id, n)
	join api.offer o on o.listing_id = a.listing_id and o.withdrawn_at is null and not o.suspended;
	if v_found <> cardinality(p_ids) then
		perform api.refuse('not_found');
	end if;
	return json_build_object('listings', v_listings);
end
$$;
