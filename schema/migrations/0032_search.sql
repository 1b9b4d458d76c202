-- Words are found without regard to accents and apostrophes, joined ("airmax" for "Air Max") or apart ("air max" for "Airmax"); the price that is
-- shown orders and bounds; and counts are kept ahead of their expiry.

-- The words of a text in their order, folded, without accents and apostrophes: runs of letters and digits, and numbers with decimals.
create or replace function market.words(p_text text) returns text[]
language sql immutable strict parallel safe
return array_remove(regexp_split_to_array(
	regexp_replace(
		replace(replace(replace(translate(
			normalize(regexp_replace(normalize(market.fold(p_text), NFD), '[\u0300-\u036f]+', '', 'g'), NFC),
			'øłđðıħŧ', 'olddiht'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th'),
		'[''`´ʼ‘’‛′＇]+', '', 'g') collate "und-x-icu",
	'([^[:alnum:].]|(?<![0-9])[.]|[.](?![0-9]))+'), '');

-- The words by which a shoe is found, each once: of its brand, style and colour, and each two or three neighbours of brand and style as one word.
create function market.shoe_words(p_brand text, p_style text, p_color text) returns text[]
language sql immutable parallel safe
begin atomic
	select array_agg(distinct f.word)
	from (select market.words(p_brand || ' ' || p_style) as words) w
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

delete from market.shoe_word;
delete from market.word_slip;
insert into market.shoe_word (word, shoe_id)
select w.word, s.shoe_id
from market.shoe s
cross join lateral unnest(market.shoe_words(s.brand, s.style, s.color)) as w(word);
insert into market.word_slip (slip, word)
select r.slip, w.word
from (
	select distinct u.word
	from market.shoe s
	cross join lateral unnest(market.words(s.brand || ' ' || s.style || ' ' || s.color)) as u(word)) w
cross join lateral market.slips(w.word) as r(slip);

-- How common a word is decides how it is searched for, and joined words would crowd the common ones out of a hundred.
alter table market.shoe_word alter column word set statistics 1000;

revoke execute on function market.shoe_words(text, text, text) from public;
grant execute on function market.shoe_words(text, text, text) to shoetopia_api;

-- The offers of a shop by price: those of shops with a sale are merged into the rest (see api.find_listings).
create index listing_shop_price on market.listing (shop_id, price_cents, listing_id) where in_stock;

-- The sales that have not ended. discounts_left must not stand here: each discounted pair changes it.
create index sale_running on market.sale ((coalesce(ends_at, 'infinity'::timestamptz))) where replaced_at is null;

-- asked: the filter, so that it can be counted again; wanted: it was read since it was counted.
delete from market.facet_count;
alter table market.facet_count
	add column asked jsonb,
	add column wanted boolean not null default false;
