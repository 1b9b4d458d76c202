-- Limits of what one account may hold.

-- The time of an appointment, so that a constraint keeps those of one account from overlapping. NULL: made before that rule, and overlapping another one of
-- its account.
alter table market.appointment add column during tstzrange;
update market.appointment b
set during = tstzrange(s.starts_at, s.ends_at)
from market.slot s
where s.shop_id = b.shop_id and s.slot_id = b.slot_id
	and not exists (
		select from market.appointment o
		join market.slot t on t.shop_id = o.shop_id and t.slot_id = o.slot_id
		where o.account_id = b.account_id and o.appointment_id <> b.appointment_id
			and tstzrange(t.starts_at, t.ends_at) && tstzrange(s.starts_at, s.ends_at));
alter table market.appointment add constraint appointment_once_at_a_time exclude using gist (account_id with =, during with &&);
grant insert (during) on market.appointment to shoetopia_api;

-- When an account last let a hold on a listing expire, and the time before. Written under the lock of the listing's stock; old rows are deleted.
create table market.hold_lapse (
	account_id bigint not null,
	listing_id bigint not null,
	lapsed_at timestamptz not null,
	before_at timestamptz,
	constraint hold_lapse_pkey primary key (account_id, listing_id)
);
create index hold_lapse_old on market.hold_lapse (lapsed_at);
grant select, insert, update, delete on market.hold_lapse to shoetopia_api;
