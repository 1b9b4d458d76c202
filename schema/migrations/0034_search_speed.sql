-- Plans of PL/pgSQL are kept, those of an SQL function that is not inlined are made in each statement that calls it: a quarter of the time.
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

create or replace function market.shoe_words(p_brand text, p_style text, p_color text) returns text[]
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

-- What is most often filtered by stands in the index of the promoted order, so that a search by words and filters walks it without reading listings.
drop index market.listing_promoted;
create index listing_promoted on market.listing ((promotion_tier::bigint << 48 | listing_id))
	include (listing_id, promotion_tier, shop_id, shoe_id, price_cents, size, color, condition, audience) where in_stock;
