-- Finding: the catalogue by filters and words, one shoe, a few listings side by side.

-- The words of the vocabulary that a typed word may mean: itself if it is one, else (from three letters on) all that are one slip away.
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

-- The listings found, in stock. The statement is put together from the fixed fragments below, never from what a client sent (that comes
-- as $1 to $15), so that the planner sees which filters are there and which order is asked: one plan for all of them together
-- would be a bad plan for most. Sort orders are total (listing_id last) and each has its letter in the cursor.
create function api.find_listings(p_q text, p_brand text[], p_style text, p_color text[], p_size numeric[], p_condition text[],
	p_audience text[], p_min_price_cents bigint, p_max_price_cents bigint, p_shop_id bigint, p_verified boolean, p_shoe_id bigint,
	p_sort text, p_facets boolean, p_limit int, p_cursor text)
returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	-- of the order asked: its letter, its key, the same with directions, what comes after a cursor, and the cursor of a row
	v_letter text;
	v_order text;
	v_beyond text;
	v_mark text;
	v_after bigint[];
	v_brand text[];
	v_words text[]; -- for each typed word, the words it may mean, with blanks between
	v_from text := ' from market.listing l';
	v_where text := ' where l.in_stock';
	v_shoe boolean := false;
	v_answer json;
	v_facets json;
begin
	case coalesce(p_sort, 'promoted')
	when 'promoted' then
		v_letter := 'p';
		v_order := ' order by l.promotion_tier desc, l.listing_id desc';
		v_beyond := ' and (l.promotion_tier, l.listing_id) < ($13[1], $13[2])';
		v_mark := 'l.promotion_tier || ''.'' || l.listing_id';
	when 'newest' then
		v_letter := 'n';
		v_order := ' order by l.listing_id desc';
		v_beyond := ' and l.listing_id < $13[1]';
		v_mark := 'l.listing_id';
	when 'price' then
		v_letter := 'a';
		v_order := ' order by l.price_cents, l.listing_id';
		v_beyond := ' and (l.price_cents, l.listing_id) > ($13[1], $13[2])';
		v_mark := 'l.price_cents || ''.'' || l.listing_id';
	when '-price' then
		v_letter := 'd';
		v_order := ' order by l.price_cents desc, l.listing_id desc';
		v_beyond := ' and (l.price_cents, l.listing_id) < ($13[1], $13[2])';
		v_mark := 'l.price_cents || ''.'' || l.listing_id';
	end case;
	v_after := api.cursor_parts(p_cursor, v_letter, 1 + (v_letter <> 'n')::int);

	if p_q is not null then
		select array_agg(array_to_string(api.meant_words(w), ' ')) into v_words
		from (select w from unnest(market.words(p_q)) as w limit 16) w;
		for i in 1 .. coalesce(cardinality(v_words), 0) loop
			v_where := v_where || format(' and exists (select from market.shoe_word w where w.shoe_id = l.shoe_id'
				' and w.word = any(string_to_array($12[%s], '' '')))', i);
		end loop;
	end if;
	if cardinality(p_brand) > 0 then
		select array_agg(market.fold(b)) into v_brand from unnest(p_brand) as b;
		v_where := v_where || ' and s.brand_key = any($1)';
		v_shoe := true;
	end if;
	if p_style is not null then
		v_where := v_where || ' and s.style_key = market.fold($2)';
		v_shoe := true;
	end if;
	if cardinality(p_color) > 0 then
		v_where := v_where || ' and s.color = any($3)';
		v_shoe := true;
	end if;
	if cardinality(p_size) > 0 then v_where := v_where || ' and l.size = any($4)'; end if;
	if cardinality(p_condition) > 0 then v_where := v_where || ' and l.condition = any($5)'; end if;
	if cardinality(p_audience) > 0 then v_where := v_where || ' and l.audience = any($6)'; end if;
	if p_min_price_cents is not null then v_where := v_where || ' and l.price_cents >= $7'; end if;
	if p_max_price_cents is not null then v_where := v_where || ' and l.price_cents <= $8'; end if;
	if p_shop_id is not null then v_where := v_where || ' and l.shop_id = $9'; end if;
	if p_shoe_id is not null then v_where := v_where || ' and l.shoe_id = $10'; end if;
	if p_verified is not null then
		v_from := v_from || ' join market.shop h on h.shop_id = l.shop_id';
		v_where := v_where || ' and h.verified = $11';
	end if;
	if v_shoe then
		v_from := v_from || ' join market.shoe s on s.shoe_id = l.shoe_id';
	end if;

	execute 'with page as (select l.shop_id, l.listing_id, ' || v_mark || ' as mark, row_number() over (' || v_order || ') as nth'
		|| v_from || v_where || case when v_after is null then '' else v_beyond end || v_order || ' limit $14 + 1)'
		' select json_build_object('
		'''listings'', coalesce((select json_agg(o.answer order by p.nth) from page p'
			' join api.offer o on o.shop_id = p.shop_id and o.listing_id = p.listing_id where p.nth <= $14), ''[]''),'
		'''next'', (select $15 || max(p.mark::text) filter (where p.nth = $14) from page p having count(*) > $14))'
	into v_answer
	using v_brand, p_style, p_color, p_size, p_condition, p_audience, p_min_price_cents, p_max_price_cents, p_shop_id, p_shoe_id,
		p_verified, v_words, v_after, p_limit, v_letter;

	if coalesce(p_facets, false) then
		if not v_shoe then
			v_from := v_from || ' join market.shoe s on s.shoe_id = l.shoe_id';
		end if;
		execute 'with counted as (select grouping(s.brand_key, l.size, s.color, l.condition, l.audience) as what, min(s.brand) as brand,'
			' l.size, s.color, l.condition, l.audience, count(*) as found' || v_from || v_where ||
			' group by grouping sets (s.brand_key, l.size, s.color, l.condition, l.audience))'
			' select json_build_object('
			'''brand'', coalesce(json_object_agg(brand, found order by found desc, brand) filter (where what = 15), ''{}''),'
			'''size'', coalesce(json_object_agg(trim_scale(size), found order by size) filter (where what = 23), ''{}''),'
			'''color'', coalesce(json_object_agg(color, found order by found desc, color) filter (where what = 27), ''{}''),'
			'''condition'', coalesce(json_object_agg(condition, found order by found desc, condition) filter (where what = 29), ''{}''),'
			'''audience'', coalesce(json_object_agg(audience, found order by found desc, audience) filter (where what = 30), ''{}''))'
			' from counted'
		into v_facets
		using v_brand, p_style, p_color, p_size, p_condition, p_audience, p_min_price_cents, p_max_price_cents, p_shop_id, p_shoe_id,
			p_verified, v_words;
		return json_build_object('listings', v_answer -> 'listings', 'next', v_answer -> 'next', 'facets', v_facets);
	end if;
	return v_answer;
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

-- A shoe, with its cheapest offer for each size, as of now: a running sale's price counts.
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
