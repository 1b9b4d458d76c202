-- What the field of a search is completed by: brands, styles, and styles after their brands. One row for each word that such a text can be found by, made with the
-- first shoe that has it.

-- The text from its nth word on, folded, without blanks, accents and apostrophes: "airmax90", "max90" and "90" of "Air Max 90"; of six words at most.
create function market.text_starts(p_text text) returns table (start text, nth int)
language plpgsql immutable strict parallel safe as $$
declare
	v_words text[] := market.words(p_text);
begin
	return query select array_to_string(v_words[n:], ''), n from generate_series(1, least(6, cardinality(v_words))) as n;
end
$$;

-- The suggestions of a shoe: kind, text, and by what they are found. A style after its brand is found by what goes on after the brand's `skips` characters.
create function market.shoe_suggestions(p_brand text, p_style text) returns table (start text, is_inner boolean, skips int, kind text, text text, brand_key text, style_key text)
language plpgsql immutable strict parallel safe as $$
begin
	return query
	select s.start, s.nth > 1, 0, 'brand', p_brand, market.fold(p_brand), '' from market.text_starts(p_brand) s
	union all
	select s.start, s.nth > 1, 0, 'style', p_style, '', market.fold(p_style) from market.text_starts(p_style) s
	union all
	select b.start || s.start, false, length(b.start), 'style', p_brand || ' ' || p_style, market.fold(p_brand), market.fold(p_style)
	from market.text_starts(p_brand) b, market.text_starts(p_style) s
	where b.nth = 1 and s.nth = 1;
end
$$;

-- offers: about how many listings in stock; many are counted in the background. brand_key and style_key: '' for any.
create table market.suggestion (
	start text collate "C" not null,
	is_inner boolean not null,
	skips int not null,
	kind text not null,
	text text not null,
	brand_key text not null,
	style_key text not null,
	offers int not null default 1,
	constraint suggestion_pkey primary key (start, brand_key, style_key),
	constraint suggestion_kind_known check (kind in ('brand', 'style'))
);
create index suggestion_letter on market.suggestion (left(start, 1), offers desc);
create index suggestion_offers on market.suggestion (offers desc);

-- How far the present round of counting is.
create table market.suggestion_round (
	is_only boolean not null default true,
	start text collate "C" not null default '',
	brand_key text not null default '',
	style_key text not null default '',
	began_at timestamptz not null default '-infinity',
	constraint suggestion_round_pkey primary key (is_only),
	constraint suggestion_round_one check (is_only)
);
insert into market.suggestion_round default values;

insert into market.suggestion (start, is_inner, skips, kind, text, brand_key, style_key)
select distinct on (g.start collate "C", g.brand_key, g.style_key) g.start, g.is_inner, g.skips, g.kind, g.text, g.brand_key, g.style_key
from market.shoe s
cross join lateral market.shoe_suggestions(s.brand, s.style) g
where g.start <> ''
order by g.start collate "C", g.brand_key, g.style_key, g.is_inner, s.shoe_id;

revoke execute on function market.text_starts(text), market.shoe_suggestions(text, text) from public;
grant execute on function market.text_starts(text), market.shoe_suggestions(text, text) to shoetopia_api;
grant select, insert, update (offers) on market.suggestion to shoetopia_api;
grant select, update on market.suggestion_round to shoetopia_api;
