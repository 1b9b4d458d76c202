-- What was sold is written once. A line of an order says which pairs left the stock, and which of them had a discount; its shipment says what
-- the shop earned by it, in two new columns. A sale wrote all of that a second time, into the three ledgers, and the audit compared one with
-- the other: what is written twice has to be kept equal twice. So these entries go, two or three rows of each sale, and a ledger is a view
-- from now on: entries of what else happens (listed, adjusted, started, cancelled), and the lines or shipments themselves. Nobody could change
-- or delete those before, either: the functions may only add them, and change a shipment's status, tracking and updated_at.
--
-- The views stand here and not among the functions: they are made of the tables, not of the program, whose own role (shoetopia_app) never sees them.
--
-- All that a ledger has draws its numbers from one sequence, the shipments', under the lock of the counter: their order is that of what
-- happened to it. The number of a sale is its shipment's, so lines of one shipment share it; within a listing, or in a shop's balance, each is
-- the only one. For what happened before today: entries of the stock and the discounts keep their order and stand before all sales (what
-- was never below zero is not below zero so, either), cancellations stand after all sales in a balance. Their times are what they were.

-- Nothing is sold between the look and the change. (What differs is counted: who only asks whether there is any gets a plan that is quick to find
-- one, and takes hours where there is none.)
lock table market.shipment, market.order_line, market.stock_entry, market.discount_entry, market.balance_entry in access exclusive mode;

do $$
begin
	if 0 < (
		select count(*)
		from market.order_line i
		full join (select e.shop_id, e.order_id, e.listing_id, -sum(e.delta) as pairs from market.stock_entry e where e.reason = 'sold'
			group by e.shop_id, e.order_id, e.listing_id) e
			on e.shop_id = i.shop_id and e.order_id = i.order_id and e.listing_id = i.listing_id
		where i.quantity is distinct from e.pairs
	) + (
		select count(*)
		from (select i.shop_id, i.order_id, i.sale_id, sum(i.discounted) as pairs from market.order_line i where i.discounted > 0
			group by i.shop_id, i.order_id, i.sale_id) i
		full join (select e.shop_id, e.order_id, e.sale_id, -sum(e.delta) as pairs from market.discount_entry e where e.reason = 'sold'
			group by e.shop_id, e.order_id, e.sale_id) e
			on e.shop_id = i.shop_id and e.order_id = i.order_id and e.sale_id = i.sale_id
		where i.pairs is distinct from e.pairs
	) + (
		select count(*)
		from (select p.shop_id, p.order_id, i.amount, i.pairs
			from market.shipment p
			left join (select i.shop_id, i.order_id, i.shipment_id, sum(i.total_cents) as amount, sum(i.quantity) as pairs from market.order_line i
				group by i.shop_id, i.order_id, i.shipment_id) i
				on i.shop_id = p.shop_id and i.order_id = p.order_id and i.shipment_id = p.shipment_id) i
		full join (select e.shop_id, e.order_id, sum(e.amount_cents) as amount, sum(e.pairs) as pairs from market.balance_entry e
			where e.reason = 'sold' group by e.shop_id, e.order_id) e
			on e.shop_id = i.shop_id and e.order_id = i.order_id
		where i.pairs is null or e.pairs is null or i.amount <> e.amount or i.pairs <> e.pairs
	) + ( -- afterwards all that is no sale stands before all sales, and nobody could see it any more
		select count(*)
		from (select sum(e.delta) over (partition by e.shop_id, e.listing_id order by e.entry_id) as level from market.stock_entry e) e
		where e.level < 0
	) then
		raise 'The ledgers and the lines of the orders differ in what was sold, or more was sold than there was: neither can stand for both. Run the shoetopia --audit of the version before, which says in what, and mend that first.';
	end if;
end
$$;

-- What the shop earned by it. Never changed: a cancellation is an entry of its own.
alter table market.shipment add column total_cents bigint, add column pairs bigint;
update market.shipment p
set total_cents = i.total_cents, pairs = i.pairs
from (select i.shop_id, i.shipment_id, sum(i.total_cents) as total_cents, sum(i.quantity) as pairs from market.order_line i
	group by i.shop_id, i.shipment_id) i
where i.shop_id = p.shop_id and i.shipment_id = p.shipment_id;
alter table market.shipment
	alter column total_cents set not null,
	alter column pairs set not null,
	add constraint shipment_total_not_negative check (total_cents >= 0),
	add constraint shipment_pairs_positive check (pairs > 0);

delete from market.stock_entry where reason = 'sold';
delete from market.discount_entry where reason = 'sold';
delete from market.balance_entry where reason = 'sold';
alter table market.stock_entry drop constraint stock_entry_reason;
alter table market.discount_entry drop constraint discount_entry_reason;
alter table market.balance_entry drop constraint balance_entry_reason;
alter table market.stock_entry add constraint stock_entry_reason check ((reason = 'listed' and delta > 0 and order_id is null)
	or (reason = 'adjusted' and delta <> 0 and order_id is null)
	or (reason = 'cancelled' and delta > 0 and order_id is not null));
alter table market.discount_entry add constraint discount_entry_reason check ((reason = 'started' and delta > 0 and order_id is null)
	or (reason = 'cancelled' and delta > 0 and order_id is not null));
alter table market.balance_entry add constraint balance_entry_reason check (reason = 'cancelled' and amount_cents <= 0 and pairs < 0);

-- The numbers. Those of shipments are known to shops, and stay.
update market.stock_entry set entry_id = entry_id - (select max(e.entry_id) from market.stock_entry e);
update market.discount_entry set entry_id = entry_id - (select max(e.entry_id) from market.discount_entry e);
do $$
declare
	v_top bigint;
begin
	select greatest(max(e.entry_id), (select s.last_value from market.shipment_shipment_id_seq s)) into v_top from market.balance_entry e;
	update market.balance_entry e
	set entry_id = v_top + n.nth
	from (select n.shop_id, n.entry_id, row_number() over (order by n.entry_id) as nth from market.balance_entry n) n
	where n.shop_id = e.shop_id and n.entry_id = e.entry_id;
	perform setval('market.shipment_shipment_id_seq', max(e.entry_id)) from market.balance_entry e having count(*) > 0;
end
$$;
alter table market.stock_entry alter column entry_id drop identity;
alter table market.discount_entry alter column entry_id drop identity;
alter table market.balance_entry alter column entry_id drop identity;
alter table market.stock_entry alter column entry_id set default nextval('market.shipment_shipment_id_seq');
alter table market.discount_entry alter column entry_id set default nextval('market.shipment_shipment_id_seq');
alter table market.balance_entry alter column entry_id set default nextval('market.shipment_shipment_id_seq');

-- A shipment is looked for only by who asks for the time: a left join by a whole key costs nothing else.
create view market.stock_ledger as
select e.shop_id, e.listing_id, e.entry_id, e.delta, e.reason, e.order_id, e.at
from market.stock_entry e
union all
select i.shop_id, i.listing_id, i.shipment_id, -i.quantity::bigint, 'sold', i.order_id, p.created_at
from market.order_line i
left join market.shipment p on p.shop_id = i.shop_id and p.shipment_id = i.shipment_id;

create view market.discount_ledger as
select e.shop_id, e.sale_id, e.entry_id, e.delta, e.reason, e.order_id, e.at
from market.discount_entry e
union all
select i.shop_id, i.sale_id, i.shipment_id, -i.discounted, 'sold', i.order_id, p.created_at
from market.order_line i
left join market.shipment p on p.shop_id = i.shop_id and p.shipment_id = i.shipment_id
where i.discounted > 0;

-- Both sides have an index of their shop's numbers, so a page of it is read from the ends of both, however long they are.
create view market.balance_ledger as
select e.shop_id, e.entry_id, e.amount_cents, e.pairs, e.reason, e.order_id, e.at
from market.balance_entry e
union all
select p.shop_id, p.shipment_id, p.total_cents, p.pairs, 'sold', p.order_id, p.created_at
from market.shipment p;

grant select on market.stock_ledger, market.discount_ledger, market.balance_ledger to shoetopia_api;
