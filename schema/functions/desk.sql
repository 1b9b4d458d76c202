-- The desk: what of a shop needs its owner's attention.

-- Counts go to 1,000 and no further, lists to 20. A pair of new shoes is low in stock from two pairs on; used ones come singly.
create function api.shop_desk(p_session bytea, p_shop_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_now timestamptz;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	v_now := market.clock();
	return (
		with pending as (
			select o.delivery
			from market.shipment p
			cross join lateral (
				select o.delivery, o.status, o.payment_status from market.orders o where o.order_id = p.order_id offset 0) o
			where p.shop_id = p_shop_id and p.status = 'pending' and api.is_sold(o.status, o.payment_status)
			limit 1000
		), stock as (
			select l.condition, k.available
			from market.listing l
			cross join lateral ( -- offset 0: always by its key; where the planner knows no listings of the shop it would compare all with all
				select k.available from market.stock k where k.shop_id = l.shop_id and k.listing_id = l.listing_id offset 0) k
			where l.shop_id = p_shop_id and l.withdrawn_at is null and not l.suspended and (k.available = 0 or k.available <= 2 and l.condition = 'new')
			limit 1000
		), doubtful as (
			select o.order_id from market.orders o where o.payment_flag is not null
			union
			select c.order_id from market.payment_charge c where c.dispute is not null and c.dispute <> 'won'
		), disputes as (
			select p.shipment_id, p.order_id, p.status
			from doubtful d
			join market.shipment p on p.order_id = d.order_id and p.shop_id = p_shop_id
			order by p.shipment_id
			limit 20
		), waiting as (
			select e.event_id, e.title, e.capacity, e.waiting, e.starts_at
			from market.event e
			where e.shop_id = p_shop_id and e.called_off_at is null and e.starts_at > v_now and e.waiting > 0
			order by e.starts_at, e.event_id
			limit 20
		)
		select json_build_object(
			'shop_id', p_shop_id,
			'to_send', (select count(*) from pending p where p.delivery = 'ship'),
			'to_pick_up', (select count(*) from pending p where p.delivery = 'pickup'),
			'low_stock', (select count(*) from stock s where s.condition = 'new'),
			'sold_out', (select count(*) from stock s where s.available = 0),
			'suspended', (select count(*) from (select from market.listing l
				where l.shop_id = p_shop_id and l.suspended and l.withdrawn_at is null limit 1000) l),
			'has_listings', exists (select from market.listing l where l.shop_id = p_shop_id and l.withdrawn_at is null),
			'has_had_sale', exists (select from market.sale f where f.shop_id = p_shop_id),
			'visits', (
				select count(*)
				from market.slot t
				cross join lateral (
					select from market.appointment a where a.shop_id = t.shop_id and a.slot_id = t.slot_id offset 0) a
				where t.shop_id = p_shop_id and t.starts_at between v_now and v_now + interval '1 day'),
			'verification', api.verification_answer(p_shop_id),
			'disputes', coalesce((select json_agg(d order by d.shipment_id) from disputes d), '[]'),
			'waiting_lists', coalesce((select json_agg(json_build_object('event_id', w.event_id, 'title', w.title, 'capacity', w.capacity,
				'waiting', w.waiting, 'starts_at', market.rfc3339(w.starts_at)) order by w.starts_at, w.event_id) from waiting w), '[]'))
	);
end
$$;
