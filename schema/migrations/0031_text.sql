-- Characters that cannot be seen: names that differ in them alone look the same. src/base/unicode.c has the same two tables, and says where they are from;
-- tests/statements compares them.

-- Unicode's Default_Ignorable_Code_Point and a few more, as part of a class of characters in a regular expression.
create function market.invisible() returns text
language sql immutable parallel safe
return '\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f'
	|| '\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff';

-- A text without them. This is what is compared.
create function market.without_invisible(p_text text) returns text
language sql immutable strict parallel safe
return regexp_replace(p_text collate "C", '[' || market.invisible() || ']', '', 'g');

-- Unicode's Extended_Pictographic, in the same way.
create function market.pictographs() returns text
language sql immutable parallel safe
return '\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9-\u21aa\u231a-\u231b\u2328\u2388\u23cf\u23e9-\u23f3\u23f8-\u23fa\u24c2\u25aa-\u25ab'
	|| '\u25b6\u25c0\u25fb-\u25fe\u2600-\u2605\u2607-\u2612\u2614-\u2685\u2690-\u2705\u2708-\u2712\u2714\u2716\u271d\u2721\u2728\u2733-\u2734\u2744'
	|| '\u2747\u274c\u274e\u2753-\u2755\u2757\u2763-\u2767\u2795-\u2797\u27a1\u27b0\u27bf\u2934-\u2935\u2b05-\u2b07\u2b1b-\u2b1c\u2b50\u2b55\u3030'
	|| '\u303d\u3297\u3299\U0001f000-\U0001f0ff\U0001f10d-\U0001f10f\U0001f12f\U0001f16c-\U0001f171\U0001f17e-\U0001f17f\U0001f18e'
	|| '\U0001f191-\U0001f19a\U0001f1ad-\U0001f1e5\U0001f201-\U0001f20f\U0001f21a\U0001f22f\U0001f232-\U0001f23a\U0001f23c-\U0001f23f'
	|| '\U0001f249-\U0001f3fa\U0001f400-\U0001f53d\U0001f546-\U0001f64f\U0001f680-\U0001f6ff\U0001f774-\U0001f77f\U0001f7d5-\U0001f7ff'
	|| '\U0001f80c-\U0001f80f\U0001f848-\U0001f84f\U0001f85a-\U0001f85f\U0001f888-\U0001f88f\U0001f8ae-\U0001f8ff\U0001f90c-\U0001f93a'
	|| '\U0001f93c-\U0001f945\U0001f947-\U0001faff\U0001fc00-\U0001fffd';

-- A text as it may be stored in one line: without them, but for a joiner between two pictographs, and for the variation selector of a pictograph or a
-- keycap, which make one emoji.
create function market.one_line(p_text text) returns text
language sql immutable strict parallel safe
return case when p_text = market.without_invisible(p_text) then p_text
	else regexp_replace(p_text collate "C",
	'(?!'
		|| '(?<=[' || market.pictographs() || '])[\ufe0e\ufe0f]'
		|| '|(?<=[0-9#*])[\ufe0e\ufe0f](?=\u20e3)'
		|| '|(?<=[\ufe0f\U0001f3fb-\U0001f3ff' || market.pictographs() || '])\u200d(?=[' || market.pictographs() || '])'
	|| ')[' || market.invisible() || ']',
	'', 'g') end;

-- Letter case (also of letters such as the German sharp s), composed or decomposed accents, what cannot be seen, and any run of white space count for
-- nothing where names are compared. Braille without a dot looks like a blank.
create or replace function market.fold(p_text text) returns text
language sql immutable strict parallel safe
return btrim(regexp_replace(normalize(lower(upper(normalize(market.without_invisible(p_text), NFC) collate "und-x-icu")), NFC) collate "C",
	'[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000]+', ' ', 'g'), ' ');

-- E-mails are compared by lower case alone: to fold more would make accounts of different people one, such as strasse@ and straße@.
create function market.email_key(p_email text) returns text
language sql immutable strict parallel safe
return normalize(lower(normalize(market.without_invisible(p_email), NFC) collate "und-x-icu"), NFC) collate "C";

revoke execute on function market.invisible(), market.pictographs(), market.without_invisible(text), market.one_line(text), market.email_key(text)
	from public;
grant execute on function market.invisible(), market.pictographs(), market.without_invisible(text), market.one_line(text), market.email_key(text)
	to shoetopia_api;
grant execute on function market.invisible(), market.pictographs(), market.without_invisible(text) to shoetopia_app;

-- What this migration changed, for the operator, who may have to tell an account its new e-mail. Read by the owner of the tables alone.
create table market.changed_text (
	what text not null, -- table.column
	id bigint not null,
	before text not null,
	after text not null,
	changed_at timestamptz not null,
	constraint changed_text_pkey primary key (what, id)
);

-- A text that no other row has: the candidate itself, or with the first number behind it that makes it free. p_taken is a query for whether $1, a
-- candidate, is taken by another row than $2.
create function market.free_text(p_text text, p_id bigint, p_taken text) returns text
language plpgsql as $$
declare
	v_candidate text := p_text;
	v_n int := 1;
	v_taken boolean;
begin
	loop
		execute p_taken into v_taken using v_candidate, p_id;
		exit when not v_taken;
		v_n := v_n + 1;
		v_candidate := rtrim(left(p_text, 80 - length(format(' (%s)', v_n)))) || format(' (%s)', v_n);
	end loop;
	return v_candidate;
end
$$;

-- Texts of one line that need not be unique. Without its invisible characters nothing may be left of one.
do $$
declare
	r record;
begin
	for r in select * from (values
		('account', 'account_id', 'name', 'Account'), ('address', 'account_id', 'name', '-'), ('address', 'account_id', 'line1', '-'),
		('address', 'account_id', 'line2', null), ('address', 'account_id', 'city', '-'), ('address', 'account_id', 'region', null),
		('address', 'account_id', 'postcode', '-'), ('event', 'event_id', 'title', 'Event'), ('shipment', 'shipment_id', 'tracking', null)
	) as t(name, id, field, default_value)
	loop
		execute format('insert into market.changed_text
			select %1$L, t.%3$I, t.%4$I, coalesce(nullif(btrim(market.one_line(market.one_line(t.%4$I))), %6$L), %5$L, %6$L), clock_timestamp()
			from market.%2$I t where t.%4$I <> market.one_line(t.%4$I)', r.name || '.' || r.field, r.name, r.id, r.field, r.default_value, '');
		execute format('update market.%2$I t set %4$I = nullif(c.after, %5$L) from market.changed_text c where c.what = %1$L and c.id = t.%3$I',
			r.name || '.' || r.field, r.name, r.id, r.field, '');
	end loop;
end
$$;

-- Shops: of several that look the same, the one with nothing invisible in it keeps its name, else the oldest. The others get a number.
do $$
declare
	r record;
	v_after text;
begin
	for r in
		select h.shop_id, h.name from market.shop h
		where h.name <> market.one_line(h.name) or h.name_key <> market.fold(h.name)
		order by h.shop_id
	loop
		v_after := market.free_text(coalesce(nullif(btrim(market.one_line(market.one_line(r.name))), ''), 'Shop'), r.shop_id,
			'select exists (select from market.shop o where o.name_key = market.fold($1) and o.shop_id <> $2)');
		update market.shop h set name = v_after where h.shop_id = r.shop_id;
		insert into market.changed_text values ('shop.name', r.shop_id, r.name, v_after, clock_timestamp());
	end loop;
end
$$;

-- Stations: one that looks like another one of its shop is the same station from now on, unless their slots overlap: then it gets a number.
do $$
declare
	r record;
	v_after text;
begin
	for r in
		select s.shop_id, s.station, min(s.slot_id) as slot_id, array_agg(s.slot_id) as slot_ids from market.slot s
		where s.station <> market.one_line(s.station) or s.station_key <> market.fold(s.station)
		group by s.shop_id, s.station
		order by min(s.slot_id)
	loop
		v_after := market.free_text(coalesce(nullif(btrim(market.one_line(market.one_line(r.station))), ''), 'Station'), r.slot_id,
			format('select exists (
				select from market.slot s
				join market.slot o on o.shop_id = s.shop_id and tstzrange(o.starts_at, o.ends_at) && tstzrange(s.starts_at, s.ends_at)
				where s.shop_id = %s and s.slot_id = any(%L) and o.station_key = market.fold($1) and o.slot_id <> s.slot_id and $2 is not null)',
				r.shop_id, r.slot_ids));
		insert into market.changed_text
		select 'slot.station', s.slot_id, s.station, v_after, clock_timestamp() from market.slot s where s.slot_id = any(r.slot_ids);
		update market.slot s set station = v_after where s.shop_id = r.shop_id and s.slot_id = any(r.slot_ids);
	end loop;
end
$$;

-- Shoes: those that look the same are the same shoe, so all of them become the one with nothing invisible in it, or the oldest.
create temp table same_shoe on commit drop as
select s.shoe_id, s.brand, s.style, n.brand as new_brand, n.style as new_style, s.color, market.fold(n.brand) as brand_key, market.fold(n.style) as style_key,
	null::bigint as kept_id
from market.shoe s
cross join lateral (select coalesce(nullif(btrim(market.one_line(market.one_line(s.brand))), ''), '-') as brand,
	coalesce(nullif(btrim(market.one_line(market.one_line(s.style))), ''), '-') as style) n
where s.brand <> n.brand or s.style <> n.style or s.brand_key <> market.fold(n.brand) or s.style_key <> market.fold(n.style);

update same_shoe d
set kept_id = coalesce(
	(select s.shoe_id from market.shoe s where s.brand_key = d.brand_key and s.style_key = d.style_key and s.color = d.color),
	(select min(o.shoe_id) from same_shoe o where o.brand_key = d.brand_key and o.style_key = d.style_key and o.color = d.color));

insert into market.changed_text
select 'shoe.brand', d.shoe_id, d.brand, d.new_brand, clock_timestamp() from same_shoe d where d.brand <> d.new_brand
union all
select 'shoe.style', d.shoe_id, d.style, d.new_style, clock_timestamp() from same_shoe d where d.style <> d.new_style;

update market.listing l set shoe_id = d.kept_id, brand_key = d.brand_key from same_shoe d where l.shoe_id = d.shoe_id;
insert into market.wish (account_id, shoe_id, added_at)
select w.account_id, d.kept_id, w.added_at
from market.wish w join same_shoe d on d.shoe_id = w.shoe_id
where d.kept_id <> d.shoe_id
order by w.wish_id
on conflict (account_id, shoe_id) do nothing;
delete from market.wish w using same_shoe d where w.shoe_id = d.shoe_id and d.kept_id <> d.shoe_id;
delete from market.shoe_word w using same_shoe d where w.shoe_id = d.shoe_id;
delete from market.shoe s using same_shoe d where s.shoe_id = d.shoe_id and d.kept_id <> d.shoe_id;
update market.shoe s set brand = d.new_brand, style = d.new_style from same_shoe d where s.shoe_id = d.shoe_id;
with learned as (
	insert into market.shoe_word (word, shoe_id)
	select w.word, s.shoe_id
	from same_shoe d
	join market.shoe s on s.shoe_id = d.shoe_id
	cross join lateral unnest(market.words(s.brand || ' ' || s.style || ' ' || s.color)) as w(word)
	returning word
)
insert into market.word_slip (slip, word)
select r.slip, l.word
from (select distinct word from learned) l cross join lateral market.slips(l.word) as r(slip)
on conflict (slip, word) do nothing;

-- E-mails. An account whose e-mail looks like that of another one cannot keep it, and where mail to it would arrive is not known: it gets one to which no
-- mail is sent, with which it signs in and changes it.
alter table market.account drop column email_key cascade;
with ranked as (
	select a.account_id, a.email, market.one_line(market.one_line(a.email)) as clean,
		row_number() over (partition by market.email_key(a.email) order by a.email <> market.one_line(a.email), a.account_id) as nth
	from market.account a
)
insert into market.changed_text
select 'account.email', r.account_id, r.email,
	case when r.nth = 1 then r.clean else format('account-%s-%s@twin.invalid', r.account_id, substr(md5(random()::text), 1, 8)) end, clock_timestamp()
from ranked r
where r.nth > 1 or r.email <> r.clean;
update market.account a set email = c.after from market.changed_text c where c.what = 'account.email' and c.id = a.account_id;
alter table market.account
	add column email_key text not null generated always as (market.email_key(email)) stored,
	add constraint account_email_taken unique (email_key);
update market.friendship f
set low_email = market.one_line(market.one_line(f.low_email)), high_email = market.one_line(market.one_line(f.high_email))
where f.low_email <> market.one_line(f.low_email) or f.high_email <> market.one_line(f.high_email);

drop function market.free_text(text, bigint, text);

alter table market.account add constraint account_one_line check (name = market.one_line(name) and email = market.one_line(email));
alter table market.shop add constraint shop_one_line check (name = market.one_line(name));
alter table market.shoe add constraint shoe_one_line check (brand = market.one_line(brand) and style = market.one_line(style));
alter table market.slot add constraint slot_one_line check (station = market.one_line(station));
alter table market.event add constraint event_one_line check (title = market.one_line(title));

do $$
declare
	v_texts bigint;
	v_some text;
begin
	select count(*), string_agg(format('%s of %s is now "%s"', c.what, c.id, c.after), ', ' order by c.what, c.id) filter (where c.nth <= 20)
	into v_texts, v_some
	from (select c.*, row_number() over (order by c.what, c.id) as nth from market.changed_text c) c;
	if v_texts > 0 then
		raise warning '% texts held characters that cannot be seen, or looked like another one, and were changed (table market.changed_text): %', v_texts, v_some;
	end if;
end
$$;
