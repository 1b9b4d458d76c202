-- U+FFFC, the place of an object that is not there, is not shown either: browsers give it no width. And U+2028 and U+2029 break a line.

-- Stored ones are replaced by what can be seen, an empty box, and by a blank, so no two names become one. Recorded as by 0031.
do $$
declare
	r record;
begin
	for r in select * from (values
		('account', 'account_id', 'name'), ('account', 'account_id', 'email'), ('address', 'account_id', 'name'), ('address', 'account_id', 'line1'),
		('address', 'account_id', 'line2'), ('address', 'account_id', 'city'), ('address', 'account_id', 'region'), ('address', 'account_id', 'postcode'),
		('shop', 'shop_id', 'name'), ('slot', 'slot_id', 'station'), ('event', 'event_id', 'title'), ('shoe', 'shoe_id', 'brand'), ('shoe', 'shoe_id', 'style'),
		('shipment', 'shipment_id', 'tracking')
	) as t(name, id, field)
	loop
		execute format($sql$
			with changed as (
				insert into market.changed_text as c (what, id, before, after, changed_at)
				select %1$L, t.%3$I, t.%4$I, translate(t.%4$I, U&'\FFFC\2028\2029', U&'\25A1  '), clock_timestamp()
				from market.%2$I t where t.%4$I ~ '[\ufffc\u2028\u2029]'
				on conflict (what, id) do update set after = excluded.after, changed_at = excluded.changed_at
				returning c.id, c.after
			)
			update market.%2$I t set %4$I = c.after from changed c where c.id = t.%3$I
			$sql$, r.name || '.' || r.field, r.name, r.id, r.field);
	end loop;
end
$$;
update market.listing l set brand_key = s.brand_key from market.shoe s where s.shoe_id = l.shoe_id and l.brand_key <> s.brand_key and l.brand_key like U&'%\FFFC%';
update market.friendship f
set low_email = translate(f.low_email, U&'\FFFC', U&'\25A1'), high_email = translate(f.high_email, U&'\FFFC', U&'\25A1')
where f.low_email like U&'%\FFFC%' or f.high_email like U&'%\FFFC%';

create or replace function market.invisible() returns text
language sql immutable parallel safe
return '\u00ad\u034f\u061c\u115f-\u1160\u17b4-\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f'
	|| '\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff';
