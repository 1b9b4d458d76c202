-- What the incremental audit remembers (schema/functions/audit_step.sql). Nothing here is read or written by a sale.

-- How far it is. `orders_upto`, `entries_upto`: all orders and ledger entries with these numbers or lower ones are summed up in market.audit_sold and
-- were checked. A mark is the newest numbers at a moment; once every transaction that ran at that moment has ended (mark_xid), it is the goal up to
-- which the next increments go.
create table market.audit_state (
	one boolean not null default true,
	generation int not null default 0,
	orders_upto bigint not null default -9223372036854775808,
	entries_upto bigint not null default -9223372036854775808,
	goal_orders bigint not null default -9223372036854775808,
	goal_entries bigint not null default -9223372036854775808,
	goal_at timestamptz,
	mark_orders bigint,
	mark_entries bigint,
	mark_xid xid8,
	mark_at timestamptz,
	checked_at timestamptz,
	pass_is_next boolean not null default false,
	next_at timestamptz not null default '-infinity',
	constraint audit_state_pkey primary key (one),
	constraint audit_state_one check (one)
);
insert into market.audit_state default values;

-- What is gone through over and over, a range of keys at a time: at_key is the last one that was checked in this pass. `size`: keys of the next step.
create table market.audit_pass (
	source text not null,
	at_key bigint not null default -9223372036854775808,
	size int not null default 200,
	started_at timestamptz,
	stepped_at timestamptz not null default '-infinity',
	swept_at timestamptz,
	constraint audit_pass_pkey primary key (source)
);
insert into market.audit_pass (source)
values ('new orders'), ('new entries'), ('touched'), ('orders'), ('stock'), ('money'), ('listings'), ('shops'), ('accounts'), ('shoes'), ('events');

-- Sums of what was sold: of a listing its pairs, of a sale its discounted pairs, of a shop (id 0) pairs and cents. A pass through all orders sums up anew,
-- as the next generation, which takes the place of the present one when the pass is through. touched: to be compared with its counter.
create table market.audit_sold (
	generation int not null,
	kind text not null,
	shop_id bigint not null,
	id bigint not null,
	pairs bigint not null,
	cents bigint not null,
	touched boolean not null,
	constraint audit_sold_pkey primary key (generation, kind, shop_id, id),
	constraint audit_sold_kind_known check (kind in ('listing', 'sale', 'shop'))
) with (fillfactor = 80);
create index audit_sold_touched on market.audit_sold (generation, kind, shop_id, id) where touched;

-- What violates an invariant at present: `key` is an order_id, listing_id, ... as the source says.
create table market.audit_violation (
	source text not null,
	key bigint not null,
	name text not null,
	violations bigint not null,
	found_at timestamptz not null,
	constraint audit_violation_pkey primary key (source, key, name)
);

grant select, insert, update, delete on market.audit_state, market.audit_pass, market.audit_sold, market.audit_violation to shoetopia_api;
grant select on sequence market.orders_order_id_seq, market.shipment_shipment_id_seq to shoetopia_api;

-- Entries by their number, and by the order that they take back. A sale writes none of them.
create index stock_entry_number on market.stock_entry (entry_id);
create index discount_entry_number on market.discount_entry (entry_id);
create index balance_entry_number on market.balance_entry (entry_id);
create index stock_entry_order on market.stock_entry (order_id) where order_id is not null;
create index discount_entry_order on market.discount_entry (order_id) where order_id is not null;
create index balance_entry_order on market.balance_entry (order_id);
