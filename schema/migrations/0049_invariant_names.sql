-- Invariants that have other names now: what was found of them stays found under these.
update market.audit_violation v
set name = n.now
from (values ('in stock is said where pairs are left and not withdrawn', 'in stock is said where pairs are left, not withdrawn and not suspended'),
	('nobody holds a pair in their own shop, or one that was withdrawn', 'no account holds a pair of its own shop, or one withdrawn or suspended'),
	('nobody bought in their own shop', 'no account bought in its own shop')) as n(before, now)
where v.name = n.before;
