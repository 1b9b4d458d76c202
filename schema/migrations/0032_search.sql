-- Words are found without regard to accents and apostrophes, joined ("airmax" for "Air Max") or apart ("air max" for "Airmax"); the price that is
-- shown orders and bounds; and counts are kept ahead of their expiry.

-- Plans of PL/pgSQL are kept; those of an SQL function that is not inlined are made in each statement that calls it: four times the time.
-- The words of a text in their order, folded, without accents and apostrophes: runs of letters and digits, and numbers with decimals.
create or replace function market.words(p_text text) returns text[]
language plpgsql immutable strict parallel safe as $$
declare
	v_text text := market.fold(p_text);
begin
	if v_text ~ '[^ -~]' then
		v_text := normalize(regexp_replace(normalize(v_text, NFD), '[\u0300-\u036f]+', '', 'g'), NFC);
		v_text := replace(replace(replace(translate(v_text, 'øłđðıħŧ', 'olddiht'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th');
	end if;
	v_text := translate(v_text, '''`´ʼ‘’‛′＇', '');
	return array_remove(regexp_split_to_array(v_text collate "und-x-icu", '([^[:alnum:].]|(?<![0-9])[.]|[.](?![0-9]))+'), '');
end
$$;

-- The words by which a shoe is found, each once: of its brand, style and colour, and each two or three neighbours of brand and style as one word.
create function market.shoe_words(p_brand text, p_style text, p_color text) returns text[]
language plpgsql immutable parallel safe as $$
declare
	v_words text[] := market.words(p_brand || ' ' || p_style);
	v_all text[] := v_words || p_color;
begin
	for i in 1 .. cardinality(v_words) - 1 loop
		v_all := v_all || (v_words[i] || v_words[i + 1]);
		if i + 2 <= cardinality(v_words) then
			v_all := v_all || (v_words[i] || v_words[i + 1] || v_words[i + 2]);
		end if;
	end loop;
	return (select array_agg(distinct word) from unnest(v_all) as word);
end
$$;

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

-- What is most often filtered by stands in the index of the promoted order, so that a search by words and filters walks it without reading listings.
drop index market.listing_promoted;
create index listing_promoted on market.listing ((promotion_tier::bigint << 48 | listing_id))
	include (listing_id, promotion_tier, shop_id, shoe_id, price_cents, size, color, condition, audience) where in_stock;

-- A search by words asks for up to a thousand shoes, and the planner compares each of them with each of the most common ones. Few of these are enough:
-- it takes a third of the time, and shoes are about equally common.
alter table market.listing alter column shoe_id set statistics 10;
