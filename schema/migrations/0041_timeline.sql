-- When a shipment was sent: updated_at is also the time of a later correction. That of one that has arrived already is not known.
alter table market.shipment add column shipped_at timestamptz;
update market.shipment set shipped_at = updated_at where status = 'shipped';
grant update (shipped_at) on market.shipment to shoetopia_api;
