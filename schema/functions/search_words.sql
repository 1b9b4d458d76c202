-- What is read of the words that are searched for.

-- For each word the words of the vocabulary that it may mean, separated by blanks: itself and, from three letters on, all words one typing error away. A
-- number means itself alone. (The remainders are those of market.slips, which would be planned anew each time.)
create function api.meant_words(p_words text[]) returns text[]
language plpgsql stable as $$
begin
	return (
		select array_agg(w.word || coalesce(o.words, '') order by w.n)
		from unnest(p_words) with ordinality as w(word, n)
		left join lateral (
			select string_agg(' ' || k.word, '') as words
			from (
				select distinct k.word
				from generate_series(0, length(w.word)) as i
				cross join lateral (
					select k.word from market.word_slip k
					where k.slip = case i when 0 then w.word else left(w.word, i - 1) || substr(w.word, i + 1) end offset 0) k
				where k.word <> w.word) k
			where market.one_slip(w.word, k.word)) o on length(w.word) > 2 and w.word ~ '[^0-9.]'
	);
end
$$;

-- The shoes that have all the words: those with the very words typed, and the others; NULL if they are more than 1,000. (offset 0: each word by its
-- index, always.) Of up to 100, those of which nothing is in stock are left out, so that no search walks the catalogue for them.
create function api.few_shoes(p_words text[], p_same_words text[], out same_shoes bigint[], out other_shoes bigint[])
language plpgsql stable as $$
declare
	v_all constant int := (2 << cardinality(p_words)) - 2;
begin
	select case when count(*) filter (where f.same) <= 1000 then coalesce(array_agg(f.shoe_id) filter (where f.same), '{}') end,
		case when count(*) filter (where not f.same) <= 1000 then coalesce(array_agg(f.shoe_id) filter (where not f.same), '{}') end
	into same_shoes, other_shoes
	from (
		select w.shoe_id, bit_or(case when w.word = any(g.same_words) then g.bit else 0 end) = v_all as same
		from (
			select string_to_array(g.words, ' ') as words, string_to_array(g.same_words, ' ') as same_words, 1 << g.n::int as bit
			from unnest(p_words, p_same_words) with ordinality as g(words, same_words, n) offset 0) g
		cross join lateral (select s.shoe_id, s.word from market.shoe_word s where s.word = any(g.words) offset 0) w
		group by w.shoe_id
		having bit_or(g.bit) = v_all
	) f;
	same_shoes := api.shoes_in_stock(same_shoes);
	other_shoes := api.shoes_in_stock(other_shoes);
end
$$;

-- Those in stock, if there are no more than 100.
create function api.shoes_in_stock(p_shoe_ids bigint[]) returns bigint[]
language plpgsql stable as $$
begin
	if cardinality(p_shoe_ids) between 1 and 100 then
		return (
			select coalesce(array_agg(f.shoe_id), '{}')
			from unnest(p_shoe_ids) as f(shoe_id)
			where exists (select from market.listing l where l.shoe_id = f.shoe_id and l.in_stock offset 0));
	end if;
	return p_shoe_ids;
end
$$;

-- Whether one of the first words and one of the second, which are separated by blanks, stand next to each other in the brand and style of a shoe in
-- stock; or, if there is no second one, whether a shoe in stock has the first.
create function api.is_term(p_words text, p_next text) returns boolean
language plpgsql stable as $$
begin
	return exists (
		select
		from unnest(string_to_array(p_words, ' ')) as a(word)
		cross join unnest(string_to_array(coalesce(nullif(p_next, ''), ' '), ' ')) as b(word)
		cross join lateral (select s.shoe_id from market.shoe_word s where s.word in (a.word || b.word, b.word || a.word) offset 0) w
		where exists (select from market.listing l where l.shoe_id = w.shoe_id and l.in_stock offset 0));
end
$$;

-- The words that filter, besides numbers: the field and its value. 'marker': it belongs to a size.
create function api.filter_words() returns table (word text, field text, value text)
language sql immutable
begin atomic
	values ('size', 'marker', ''), ('sizes', 'marker', ''), ('sz', 'marker', ''), ('us', 'marker', ''),
		('women', 'audience', 'women'), ('womens', 'audience', 'women'), ('woman', 'audience', 'women'), ('womans', 'audience', 'women'),
		('ladies', 'audience', 'women'),
		('men', 'audience', 'men'), ('mens', 'audience', 'men'), ('man', 'audience', 'men'), ('mans', 'audience', 'men'),
		('kids', 'audience', 'youth'), ('kid', 'audience', 'youth'), ('youth', 'audience', 'youth'), ('youths', 'audience', 'youth'),
		('children', 'audience', 'youth'), ('childrens', 'audience', 'youth'), ('boy', 'audience', 'youth'), ('boys', 'audience', 'youth'),
		('girl', 'audience', 'youth'), ('girls', 'audience', 'youth'),
		('unisex', 'audience', 'unisex'),
		('new', 'condition', 'new'), ('used', 'condition', 'used'),
		('gray', 'color', 'grey'), ('black', 'color', 'black'), ('grey', 'color', 'grey'), ('white', 'color', 'white'), ('ivory', 'color', 'ivory'),
		('beige', 'color', 'beige'), ('brown', 'color', 'brown'), ('metallic', 'color', 'metallic'), ('purple', 'color', 'purple'), ('blue', 'color', 'blue'),
		('green', 'color', 'green'), ('yellow', 'color', 'yellow'), ('orange', 'color', 'orange'), ('pink', 'color', 'pink'), ('red', 'color', 'red'),
		('burgundy', 'color', 'burgundy'), ('other', 'color', 'other');
end;

-- Sizes as they are typed, as words of their own: "size9", "US:9,5", "9us", "9 1/2", "9½".
create function api.sizes_apart(p_q text) returns text
language sql immutable
return case when p_q !~ '[0-9]' then p_q else regexp_replace(regexp_replace(regexp_replace(regexp_replace(p_q,
	'([0-9]) ?(½|(?<= )1/2)', '\1.5', 'g'),
	'\m([0-9]{1,2}([.,][05])?)us\M', '\1 us', 'gi'),
	'\m([0-9]{1,2}),([05])\M', '\1.\2', 'g'),
	'\m(size|sz|us)[[:space:]:.-]*(?=[0-9])', '\1 ', 'gi') end;

create function api.without_pieces(p_pieces text[], p_left_out int[]) returns text
language sql immutable
return (select coalesce(string_agg(p.piece, ' ' order by p.n), '') from unnest(p_pieces) with ordinality as p(piece, n) where p.n <> all (p_left_out));

-- Reads q. A word for a size, an audience, a colour or a condition filters, unless it and the word before or after it stand next to each other in the brand
-- and style of a shoe in stock ("new balance", "red wing", "cloud 5"); then it is a word like any other. A whole number that is all there is filters
-- unless it is a word of a shoe in stock. A word like "size" or "us" belongs to the sizes, if there are any.
create function api.read_query(p_q text) returns api.read_words
language plpgsql stable as $$
declare
	v_pieces text[] := regexp_split_to_array(btrim(api.sizes_apart(p_q), E' \t\n\r'), '[[:space:]]+');
	v_word text[]; -- in order, at most 16
	v_piece int[]; -- where each stands
	v_meant text[];
	v_field text[]; -- that a word filters; NULL: it is a word of the catalogue
	v_value text[];
	v_last int;
	v_size int; -- the word whose value a marker belongs to
	v_read api.read_words;
begin
	select array_agg(w.word order by w.piece, w.n), array_agg(w.piece order by w.piece, w.n),
		array_agg(case when w.is_size then 'size' else f.field end order by w.piece, w.n),
		array_agg(case when w.is_size then trim_scale(w.word::numeric)::text else f.value end order by w.piece, w.n)
	into v_word, v_piece, v_field, v_value
	from (
		select p.n as piece, t.word, t.n, count(*) over (partition by p.n) = 1 as is_alone,
			count(*) over (partition by p.n) = 1 and t.word ~ '^(([1-9]|1[0-9])([.][05])?|20([.]0)?)$' as is_size
		from unnest(v_pieces) with ordinality as p(text, n)
		cross join lateral unnest(market.words(p.text)) with ordinality as t(word, n)
		order by p.n, t.n
		limit 16) w
	left join api.filter_words() f on f.word = w.word and w.is_alone;
	v_meant := api.meant_words(v_word);
	v_last := coalesce(cardinality(v_word), 0);

	for i in 1 .. v_last loop
		continue when v_field[i] is null or (v_field[i] = 'size' and v_field[i - 1] = 'marker');
		if (i > 1 and api.is_term(v_meant[i - 1], v_word[i])) or (i < v_last and api.is_term(v_word[i], v_meant[i + 1]))
			or (v_last = 1 and v_field[i] = 'size' and v_word[i] !~ '[.]' and api.is_term(v_word[i], '')) then
			v_field[i] := null;
		end if;
	end loop;
	for i in 1 .. v_last loop
		continue when v_field[i] is distinct from 'marker';
		v_size := case when v_field[i + 1] = 'size' then i + 1 when v_field[i - 1] = 'size' then i - 1 else array_position(v_field, 'size') end;
		v_field[i] := case when v_size > 0 then 'marker' end;
		v_value[i] := v_value[v_size];
	end loop;

	select array_agg(distinct w.value) filter (where w.field = 'color'), array_agg(distinct w.value::numeric) filter (where w.field = 'size'),
		array_agg(distinct w.value) filter (where w.field = 'condition'), array_agg(distinct w.value) filter (where w.field = 'audience'),
		array_agg(w.word order by w.n) filter (where w.field is null), array_agg(w.meant order by w.n) filter (where w.field is null)
	into v_read.color, v_read.size, v_read.condition, v_read.audience, v_word, v_meant
	from unnest(v_word, v_meant, v_field, v_value) with ordinality as w(word, meant, field, value, n);
	for i in 1 .. coalesce(cardinality(v_word), 0) loop
		v_read.same_words[i] := concat_ws(' ', v_word[i], v_word[i - 1] || v_word[i], v_word[i] || v_word[i + 1],
			v_word[i - 2] || v_word[i - 1] || v_word[i], v_word[i - 1] || v_word[i] || v_word[i + 1], v_word[i] || v_word[i + 1] || v_word[i + 2]);
		v_read.words[i] := v_meant[i] || ' ' || v_read.same_words[i];
	end loop;

	if coalesce(cardinality(v_word), 0) = v_last then
		return v_read;
	end if;
	with filters as (
		select case w.field when 'marker' then 'size' else w.field end as field, w.value, array_agg(w.piece order by w.piece) as pieces
		from unnest(v_field, v_value, v_piece) as w(field, value, piece)
		where w.field is not null
		group by 1, 2
	)
	select json_build_object('rest', api.without_pieces(v_pieces, (select array_agg(p.piece) from filters f, unnest(f.pieces) as p(piece))),
		'filters', json_agg(json_build_object('field', f.field, 'value', f.value, 'rest', api.without_pieces(v_pieces, f.pieces)) order by f.pieces[1]))
	into v_read.understood
	from filters f;
	return v_read;
end
$$;
