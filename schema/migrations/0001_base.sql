-- What every room stands on: how words are compared, how a moment is written, and the words a pair is described with.

create schema if not exists market;

-- Two spellings are the same when their folds are: letter case (also of letters such as the German sharp s), composed or
-- decomposed accents, and any run of white space count for nothing. Upper case first, then lower, is what Unicode calls folding;
-- it can decompose again, so the normal form is taken on both sides of it.
create function market.fold(p_text text) returns text
language sql immutable strict parallel safe
return btrim(regexp_replace(normalize(lower(upper(normalize(p_text, NFC) collate "und-x-icu")), NFC) collate "C",
	'[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+', ' ', 'g'), ' ');

-- The words of a text, folded: runs of letters and digits, each once.
create function market.words(p_text text) returns text[]
language sql immutable strict parallel safe
return (select coalesce(array_agg(distinct w), '{}')
	from regexp_split_to_table(market.fold(p_text) collate "und-x-icu", '[^[:alnum:]]+') as w
	where w <> '');

-- A word and all that is left of it when one letter is struck out. Two words that are one slip of the keyboard apart (a letter
-- too many, too few, wrong, or two neighbours swapped) have such a remainder in common.
create function market.slips(p_word text) returns setof text
language sql immutable strict parallel safe rows 10
begin atomic
	select p_word
	union
	select left(p_word, i - 1) || substr(p_word, i + 1)
	from generate_series(1, length(p_word)) as i
	where length(p_word) > 1;
end;

-- Are two different words one slip apart? Of words whose lengths differ by one, one is a remainder of the other.
create function market.one_slip(p_a text, p_b text) returns boolean
language plpgsql immutable strict parallel safe as $$
declare
	v_at int := 1;
begin
	if length(p_a) <> length(p_b) then
		return p_a in (select market.slips(p_b)) or p_b in (select market.slips(p_a));
	end if;
	while v_at <= length(p_a) and substr(p_a, v_at, 1) = substr(p_b, v_at, 1) loop
		v_at := v_at + 1;
	end loop;
	return substr(p_a, v_at + 1) = substr(p_b, v_at + 1)
		or (substr(p_a, v_at, 1) = substr(p_b, v_at + 1, 1)
			and substr(p_a, v_at + 1, 1) = substr(p_b, v_at, 1)
			and substr(p_a, v_at + 2) = substr(p_b, v_at + 2));
end
$$;

-- A moment as clients read it: RFC 3339, UTC, milliseconds.
create function market.rfc3339(p_at timestamptz) returns text
language sql stable strict parallel safe
return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

create domain market.color as text
	constraint color_known check (value in ('black', 'grey', 'white', 'ivory', 'beige', 'brown', 'metallic', 'purple', 'blue', 'green',
		'yellow', 'orange', 'pink', 'red', 'burgundy', 'other'));
create domain market.condition as text
	constraint condition_known check (value in ('new', 'used'));
create domain market.audience as text
	constraint audience_known check (value in ('youth', 'women', 'men', 'unisex'));
-- US sizing, in halves.
create domain market.shoe_size as numeric(3,1)
	constraint shoe_size_half check (value between 1 and 20 and value * 2 = trunc(value * 2));
