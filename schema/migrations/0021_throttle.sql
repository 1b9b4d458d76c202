-- Failed attempts to sign in, counted for accounts and for addresses.

-- One counter: the failures of the last 15 minutes. An attempt in progress counts as a failure until it succeeds. The key is a SHA-256 of what it counts
-- for, so that no e-mail and no address is stored here. After expires_at the row says nothing any more, and is deleted.
create table market.throttle (
	throttle_key bytea not null,
	failed_at timestamptz[] not null default '{}',
	blocks int not null default 0,
	blocked_until timestamptz not null default '-infinity',
	expires_at timestamptz not null,
	constraint throttle_pkey primary key (throttle_key),
	constraint throttle_key_length check (octet_length(throttle_key) = 32)
);
create index throttle_expires on market.throttle (expires_at);

-- Where an account signed in from: an IPv4 address, or the /64 of an IPv6 address. Deleted 60 days after the last time.
create table market.sign_in_network (
	account_id bigint not null,
	network inet not null,
	last_at timestamptz not null,
	constraint sign_in_network_pkey primary key (account_id, network)
);
create index sign_in_network_last on market.sign_in_network (last_at);

grant select, insert, update, delete on market.throttle, market.sign_in_network to shoetopia_api;

alter table market.sign_in_network add constraint sign_in_network_account foreign key (account_id) references market.account;
