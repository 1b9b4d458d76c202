-- The server's key, for digests of what may be a password: see api.hmac. Made here at random, and readable by the functions alone. It stands as HMAC
-- (RFC 2104) uses it: 64 bytes, the block of SHA-256, combined with 0x36 and with 0x5c.
create table market.server_key (
	one boolean not null default true,
	inner_key bytea not null,
	outer_key bytea not null,
	constraint server_key_pkey primary key (one),
	constraint server_key_one check (one),
	constraint server_key_length check (octet_length(inner_key) = 64 and octet_length(outer_key) = 64)
);

with secret as materialized (
	select sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
		|| sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) as bytes
)
insert into market.server_key (inner_key, outer_key)
select string_agg(set_byte('\x00'::bytea, 0, get_byte(s.bytes, i) # 54), '' order by i),
	string_agg(set_byte('\x00'::bytea, 0, get_byte(s.bytes, i) # 92), '' order by i)
from secret s
cross join generate_series(0, 63) as i;

grant select on market.server_key to shoetopia_api;
