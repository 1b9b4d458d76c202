-- The same words four times as fast: offset 0 keeps the planner from writing market.words in place of each of its uses.
create or replace function market.shoe_words(p_brand text, p_style text, p_color text) returns text[]
language sql immutable parallel safe
begin atomic
	select array_agg(distinct f.word)
	from (select market.words(p_brand || ' ' || p_style) as words offset 0) w
	cross join lateral (
		select unnest(w.words)
		union all
		select p_color
		union all
		select w.words[i] || w.words[i + 1] from generate_series(1, cardinality(w.words) - 1) as i
		union all
		select w.words[i] || w.words[i + 1] || w.words[i + 2] from generate_series(1, cardinality(w.words) - 2) as i
	) as f(word);
end;
