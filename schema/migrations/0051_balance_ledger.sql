-- Both sides of the union have the same types again: with an int in place of a bigint PostgreSQL does not merge the two indexes, and a page of a shop's ledger read and
-- sorted all of it (17 s for 5,000,000 sales).
create or replace view market.balance_ledger as
select e.shop_id, e.entry_id, e.amount_cents, e.pairs, e.reason, e.order_id, e.at, e.pending_cents, e.fee_cents
from market.balance_entry e
union all
select p.shop_id, p.shipment_id, case when p.fee_bps is null then p.total_cents else 0 end, case when p.fee_bps is null then p.pairs else 0 end, 'sold'::text,
	p.order_id, p.created_at, case when p.fee_bps is null then 0 else p.total_cents end, 0::bigint
from market.shipment p;
