-- Shops can call events off and withdraw free slots. An event that was called off keeps its bookings, as they were: so its answers can tell who was in it.
alter table market.event add column called_off_at timestamptz;
grant update (called_off_at) on market.event to shoetopia_api;
grant delete on market.slot to shoetopia_api;

-- Events begin before 2200. A later one had a cursor that no double can hold, so lists that contained it had no end.
update market.event set starts_at = '2199-12-31 23:59:59.999Z', version = version + 1 where starts_at >= '2200-01-01 00:00Z';
alter table market.event add constraint event_starts_before_2200 check (starts_at < '2200-01-01 00:00Z');
