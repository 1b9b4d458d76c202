-- When orders have to be paid: one row for each batch of checkouts, since an entry of an index for each order took 3 % of a sale. The orders are those from
-- first_order_id to last_order_id that have this due_at or an earlier one; the numbers between may be those of others. A row goes when none of its orders waits to
-- be paid any more.
create table market.payment_deadline (
	due_at timestamptz not null,
	first_order_id bigint not null,
	last_order_id bigint not null,
	constraint payment_deadline_pkey primary key (due_at, first_order_id),
	constraint payment_deadline_range check (first_order_id <= last_order_id)
);
grant select, insert, delete on market.payment_deadline to shoetopia_api;

insert into market.payment_deadline (due_at, first_order_id, last_order_id)
select o.due_at, o.order_id, o.order_id from market.orders o where o.payment_status in ('due', 'open');
drop index market.orders_deadline;
