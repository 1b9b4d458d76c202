-- Mail: confirmed addresses, the tokens that links in mails carry, accounts that were deleted, and up to which order mails were derived.

-- email_confirmed_at: of the present e-mail. A deleted account keeps its row, which orders and ledgers name by its number, without the person.
alter table market.account
	add column email_confirmed_at timestamptz,
	add column deleted_at timestamptz;
grant update (name, email_confirmed_at, deleted_at, shares_purchases) on market.account to shoetopia_api;
grant update (address) on market.orders to shoetopia_api;
grant update (name) on market.shop to shoetopia_api;

-- A token is made by the worker that sends its mail, and only its digest is here. It counts for the account while this is its e-mail. Every change of password
-- or e-mail deletes the account's tokens. used_with: what it was used with, by HMAC, so that a double click is known; such a row counts no more.
create table market.mail_token (
	token_digest bytea not null,
	kind text not null,
	account_id bigint not null,
	email_key text not null,
	created_at timestamptz not null,
	expires_at timestamptz not null,
	used_with bytea,
	constraint mail_token_pkey primary key (token_digest),
	constraint mail_token_kind check (kind in ('confirm', 'reset')),
	constraint mail_token_length check (octet_length(token_digest) = 32)
);
create index mail_token_account on market.mail_token (account_id);
create index mail_token_expires on market.mail_token (expires_at);
alter table market.mail_token add constraint mail_token_of_account foreign key (account_id) references market.account;
grant select, insert, delete, update (used_with, expires_at) on market.mail_token to shoetopia_api;

-- One row. on_until: programs that send mail push this forward; after it no mail is added to the outbox. Orders up to order_id have their mails. Those up to
-- next_order_id get theirs once no transaction older than next_xid is in progress, or, in a rush, some time after next_at: see api.mail_orders.
create table market.mail_state (
	only_one boolean not null default true,
	on_until timestamptz not null default '-infinity',
	order_id bigint not null,
	next_order_id bigint not null,
	next_xid xid8 not null default '0',
	next_at timestamptz not null default '-infinity',
	constraint mail_state_pkey primary key (only_one),
	constraint mail_state_one check (only_one),
	constraint mail_state_order check (next_order_id >= order_id)
);
insert into market.mail_state (order_id, next_order_id)
select m.order_id, m.order_id from (select coalesce(max(o.order_id), 0) as order_id from market.orders o) m;
grant select, update on market.mail_state to shoetopia_api;
