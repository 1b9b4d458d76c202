-- Invariants that have other names now: what was found of them stays found under these, once.
delete from market.audit_violation v
where v.name = 'nobody holds a pair in their own shop, or one that was withdrawn' and exists (
	select from market.audit_violation o
	where o.source = v.source and o.key = v.key and o.name = 'nobody holds a pair in their own shop, or one that was withdrawn or is suspended');
update market.audit_violation v
set name = n.now
from (values ('in stock is said where pairs are left and not withdrawn', 'in stock is said where pairs are left, not withdrawn and not suspended'),
	('nobody holds a pair in their own shop, or one that was withdrawn', 'no account holds a pair of its own shop, or one withdrawn or suspended'),
	('nobody holds a pair in their own shop, or one that was withdrawn or is suspended',
		'no account holds a pair of its own shop, or one withdrawn or suspended'),
	('nobody bought in their own shop', 'no account bought in its own shop')) as n(before, now)
where v.name = n.before and not exists (
	select from market.audit_violation o where o.source = v.source and o.key = v.key and o.name = n.now);
delete from market.audit_violation v
where v.name in ('in stock is said where pairs are left and not withdrawn', 'nobody holds a pair in their own shop, or one that was withdrawn',
	'nobody holds a pair in their own shop, or one that was withdrawn or is suspended', 'nobody bought in their own shop');
