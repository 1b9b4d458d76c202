-- Adds :orders orders to the marketplace of generate.sql, as checkouts and cancellations write them: orders, shipments, lines, balances, stock,
-- discounts. psql -v orders=1000000 -f orders.sql
-- Of 100 orders :delivered, the oldest ones, have been delivered (none, if it is not given).
--
-- Half of the orders buy the pairs of one flash sale (shop 1, listing 1), the others are spread over listings 1,001 to 200,000. One order in 100 was
-- cancelled. The stock for them was delivered before, by one `adjusted` entry for each listing; the first million orders of the sale have its discount.
\set ON_ERROR_STOP on
\if :{?delivered}
\else
\set delivered 0
\endif
begin;
set local work_mem = '256MB';

create temporary table sold on commit drop as
select n, o.first_order + n as order_id, l.shop_id, l.listing_id, l.price_cents, b.account_id, n % 100 = 0 as cancelled,
	n <= :orders / 100.0 * :delivered as delivered,
	case when l.listing_id = 1 and n <= 2000000 then 1 else 0 end as discounted,
	case when l.listing_id = 1 and n <= 2000000 then market.sale_price(l.price_cents, 20) else l.price_cents end as paid_cents,
	timestamptz '2026-07-01' + n * interval '1 second' as at
from (select coalesce(max(o.order_id), 0) as first_order from market.orders o) o
cross join generate_series(1, :orders) as n
join market.listing l on l.listing_id = case when n % 2 = 0 then 1 else 1001 + n * 7919::bigint % 199000 end
cross join lateral (select case when a.id = (select h.account_id from market.shop h where h.shop_id = l.shop_id) then 1 + a.id % 200000 else a.id end
	from (select 1 + n * 104729::bigint % 200000) as a(id)) as b(account_id)
order by n;
analyze sold;

-- The stock is delivered, and the sale starts.
insert into market.stock_entry (shop_id, listing_id, delta, reason, at)
select s.shop_id, s.listing_id, count(*), 'adjusted', timestamptz '2026-06-30' from sold s group by s.shop_id, s.listing_id order by s.listing_id;
update market.sale f set replaced_at = timestamptz '2026-06-30' where f.shop_id = 1 and f.replaced_at is null;
insert into market.sale (shop_id, discounts, discounts_left, percent_off, starts_at)
select 1, 1000000, 1000000, 20, timestamptz '2026-06-30';
insert into market.discount_entry (shop_id, sale_id, delta, reason, at)
select f.shop_id, f.sale_id, f.discounts, 'started', f.starts_at from market.sale f where f.shop_id = 1 and f.replaced_at is null;

-- It is sold.
insert into market.orders (order_id, account_id, status, total_cents, discount_cents, delivery, created_at, cancelled_at, key, digest)
select s.order_id, s.account_id, case when s.cancelled then 'cancelled' else 'placed' end, s.paid_cents, s.price_cents - s.paid_cents, 'pickup', s.at,
	case when s.cancelled then s.at + interval '1 minute' end, 'order-' || s.order_id, '\x00'
from sold s order by s.n;
insert into market.shipment (shop_id, shipment_id, order_id, status, total_cents, pairs, created_at, updated_at, delivered_at)
select s.shop_id, nextval('market.shipment_shipment_id_seq'), s.order_id,
	case when s.cancelled then 'cancelled' when s.delivered then 'delivered' else 'pending' end, s.paid_cents, 1, s.at, s.at,
	case when s.delivered and not s.cancelled then s.at + interval '3 days' end
from sold s order by s.n;
insert into market.order_line (shop_id, order_id, listing_id, shipment_id, position, quantity, discounted, sale_id, price_cents, discounted_price_cents,
	total_cents)
select s.shop_id, s.order_id, s.listing_id, p.shipment_id, 1, 1, s.discounted, f.sale_id, s.price_cents,
	case when s.discounted > 0 then s.paid_cents end, s.paid_cents
from sold s
join market.shipment p on p.order_id = s.order_id and p.shop_id = s.shop_id
left join market.sale f on s.discounted > 0 and f.shop_id = s.shop_id and f.replaced_at is null
order by s.n;

-- Some of it is cancelled.
insert into market.stock_entry (shop_id, listing_id, delta, reason, order_id, at)
select s.shop_id, s.listing_id, 1, 'cancelled', s.order_id, s.at from sold s where s.cancelled order by s.n;
insert into market.discount_entry (shop_id, sale_id, delta, reason, order_id, at)
select s.shop_id, f.sale_id, 1, 'cancelled', s.order_id, s.at
from sold s join market.sale f on f.shop_id = s.shop_id and f.replaced_at is null where s.cancelled and s.discounted > 0 order by s.n;
insert into market.balance_entry (shop_id, amount_cents, pairs, reason, order_id, at)
select s.shop_id, -s.paid_cents, -1, 'cancelled', s.order_id, s.at from sold s where s.cancelled order by s.n;

-- The counters.
update market.stock k set available = k.available + e.pairs
from (select s.shop_id, s.listing_id, count(*) filter (where s.cancelled) as pairs from sold s group by s.shop_id, s.listing_id) e
where k.shop_id = e.shop_id and k.listing_id = e.listing_id;
update market.listing l set in_stock = true
from market.stock k where k.shop_id = l.shop_id and k.listing_id = l.listing_id and k.available > 0 and not l.in_stock;
update market.sale f set discounts_left = f.discounts_left - e.pairs
from (select s.shop_id, count(*) as pairs from sold s where s.discounted > 0 and not s.cancelled group by s.shop_id) e
where f.shop_id = e.shop_id and f.replaced_at is null;
update market.balance b set balance_cents = b.balance_cents + e.cents, pairs_sold = b.pairs_sold + e.pairs
from (select s.shop_id, sum(s.paid_cents) as cents, count(*) as pairs from sold s where not s.cancelled group by s.shop_id) e
where b.shop_id = e.shop_id;

select setval('market.orders_order_id_seq', (select max(s.order_id) from sold s)) \g /dev/null
commit;
vacuum (analyze) market.orders, market.order_line, market.shipment, market.stock, market.balance, market.stock_entry, market.balance_entry;
