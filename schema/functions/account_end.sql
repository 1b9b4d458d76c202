-- Leaving: all that is kept about an account, and its deletion. Orders, ledgers and counters stay, and name the account by its number alone.

-- Everything that is kept about the account, for its owner. Digests and hashes say nothing to a reader, and are left out.
create function api.export_account(p_session bytea) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
begin
	return json_build_object(
		'account', api.account_answer(v_account_id),
		'shop', (select api.shop_answer(h.shop_id) from market.shop h where h.account_id = v_account_id),
		'sessions', (select coalesce(json_agg(json_build_object('session_id', s.session_id, 'created_at', market.rfc3339(s.created_at),
			'last_used_at', market.rfc3339(coalesce(s.last_used_at, s.created_at)), 'expires_at', market.rfc3339(s.expires_at), 'address', s.address)
			order by s.session_id), '[]') from market.session s where s.account_id = v_account_id),
		'networks', (select coalesce(json_agg(json_build_object('network', n.network, 'last_at', market.rfc3339(n.last_at)) order by n.network), '[]')
			from market.sign_in_network n where n.account_id = v_account_id),
		'orders', (select coalesce(json_agg(a.answer order by a.order_id), '[]')
			from api.order_answers(array(select o.order_id from market.orders o where o.account_id = v_account_id)) a),
		'cart', (select coalesce(json_agg(json_build_object('listing_id', i.listing_id, 'quantity', i.quantity, 'added_at', market.rfc3339(i.added_at))
			order by i.listing_id), '[]') from market.cart_item i where i.account_id = v_account_id),
		'reservations', (select coalesce(json_agg(json_build_object('reservation_id', r.reservation_id, 'listing_id', r.listing_id,
			'created_at', market.rfc3339(r.created_at), 'expires_at', market.rfc3339(r.expires_at)) order by r.reservation_id), '[]')
			from market.reservation r where r.account_id = v_account_id),
		'bookings', (select coalesce(json_agg(json_build_object('event_id', b.event_id, 'status', b.status,
			'created_at', market.rfc3339(b.created_at)) order by b.event_id), '[]') from market.booking b where b.account_id = v_account_id),
		'appointments', (select coalesce(json_agg(json_build_object('appointment_id', b.appointment_id, 'slot_id', b.slot_id,
			'booked_at', market.rfc3339(b.booked_at)) order by b.appointment_id), '[]') from market.appointment b where b.account_id = v_account_id),
		'reviews', (select coalesce(json_agg(json_build_object('shop_id', r.shop_id, 'rating', r.rating, 'comment', r.comment,
			'created_at', market.rfc3339(r.created_at), 'updated_at', market.rfc3339(r.updated_at)) order by r.shop_id), '[]')
			from market.review r where r.account_id = v_account_id),
		'wishes', (select coalesce(json_agg(json_build_object('shoe_id', w.shoe_id, 'added_at', market.rfc3339(w.added_at)) order by w.wish_id), '[]')
			from market.wish w where w.account_id = v_account_id),
		-- of whom it asked by e-mail, what it typed alone: see friend.sql
		'friends', (select coalesce(json_agg(json_build_object(
			'account_id', case when f.was_asked_at is not null or f.numbered_at is not null then f.friend_id end,
			'email', f.email, 'asked_at', market.rfc3339(f.asked_at), 'was_asked_at', market.rfc3339(f.was_asked_at))
			order by f.asked_at, f.was_asked_at), '[]') from api.friend f where f.account_id = v_account_id),
		'mails', (select coalesce(json_agg(json_build_object('kind', o.body::json ->> 'kind', 'created_at', market.rfc3339(o.created_at),
			'sent_at', market.rfc3339(o.done_at)) order by o.outbox_id), '[]') from market.outbox o where o.kind = 'mail' and o.account_id = v_account_id));
end
$$;

-- Locks what the deletion of an account with this shop (NULL: it has none) changes, in the order of locks, after the account. Free slots are tried one by
-- one, without waiting, so that no transaction waits for it with the lock of another one; false: one is being booked.
create function api.lock_account_end(p_account_id bigint, p_shop_id bigint, p_now timestamptz) returns boolean
language plpgsql as $$
begin
	if exists (
		select from market.slot s where s.shop_id = p_shop_id and s.starts_at > p_now and not pg_try_advisory_xact_lock(2, hashint8(s.slot_id)))
	then
		return false;
	end if;
	perform from market.event e
	where (e.shop_id = p_shop_id or (e.shop_id, e.event_id) in (select b.shop_id, b.event_id from market.booking b where b.account_id = p_account_id))
		and e.starts_at > p_now
	order by e.shop_id, e.event_id
	for no key update;
	perform from market.shop h where h.shop_id = p_shop_id for no key update;
	perform from market.stock k
	where k.shop_id = p_shop_id
		or (k.shop_id, k.listing_id) in (select r.shop_id, r.listing_id from market.reservation r where r.account_id = p_account_id)
	order by k.shop_id, k.listing_id
	for no key update -- guard: offered
	;
	perform from market.sale f where f.shop_id = p_shop_id and f.replaced_at is null for no key update;
	perform from market.balance b where b.shop_id = p_shop_id
	for no key update -- guard: earned
	;
	return true;
end
$$;

-- Why the account cannot be deleted now: what is unpaid, unshipped or owed. NULL: it can. The locks are held.
create function api.account_obligation(p_account_id bigint, p_shop_id bigint, p_now timestamptz) returns text
language sql stable
begin atomic
	select case
		when exists (select from market.orders o
			where o.account_id = p_account_id and (o.payment_status in ('due', 'open', 'closing', 'refund_due')
				or o.payment_status is not null and o.payment_flag is not null))
			then 'The payment of an order of yours is not finished: pay it, cancel it, or wait until the money is back.'
		when exists (select from market.orders o
			join market.shipment p on p.order_id = o.order_id
			where o.account_id = p_account_id and o.status = 'placed' and p.status = 'pending')
			then 'An order of yours is not sent or picked up yet: wait for it, or cancel it.'
		when exists (select from market.shipment p where p.shop_id = p_shop_id and p.status = 'pending')
			then 'Your shop has orders to send.'
		when exists (select from market.payout y where y.shop_id = p_shop_id and y.status = 'requested')
			or (select coalesce(sum(p.total_cents - p.fee_cents), 0) from market.shipment p
				where p.shop_id = p_shop_id and p.fee_bps is not null and p.status in ('shipped', 'delivered')
					and not exists (select from market.payment_charge c where c.order_id = p.order_id and c.dispute = 'lost'))
			> (select coalesce(sum(y.amount_cents), 0) from market.payout y where y.shop_id = p_shop_id and y.status = 'paid')
			+ (select coalesce(sum(r.cents), 0) from market.promotion r where r.shop_id = p_shop_id)
			then 'Your shop is owed money: ask for it, and wait until it is paid out.'
		when exists (select from market.slot s
			join market.appointment b on b.shop_id = s.shop_id and b.slot_id = s.slot_id
			where s.shop_id = p_shop_id and s.ends_at > p_now)
			then 'Your shop has appointments to come.'
	end;
end;

-- Closes a shop: nothing of it is offered any more, and its name is gone.
create function api.end_shop(p_shop_id bigint, p_now timestamptz) returns void
language plpgsql as $$
declare
	v_key text := market.random_key();
begin
	perform api.end_holds(array_agg(r.shop_id), array_agg(r.reservation_id), false) from market.reservation r where r.shop_id = p_shop_id;
	update market.listing l set withdrawn_at = p_now, in_stock = false where l.shop_id = p_shop_id and l.withdrawn_at is null;
	update market.listing l set description = null where l.shop_id = p_shop_id and l.description is not null; -- the words of a person
	update market.sale f set ends_at = greatest(f.starts_at, p_now), replaced_at = case when f.starts_at > p_now then p_now end
	where f.shop_id = p_shop_id and f.replaced_at is null and (f.ends_at is null or f.ends_at > p_now);
	update market.event e set called_off_at = p_now, version = e.version + 1
	where e.shop_id = p_shop_id and e.called_off_at is null and e.starts_at > p_now;
	delete from market.slot s
	where s.shop_id = p_shop_id and s.starts_at > p_now
		and not exists (select from market.appointment b where b.shop_id = s.shop_id and b.slot_id = s.slot_id);
	update market.shop h
	set name = 'Closed shop ' || h.shop_id || case
		when exists (select from market.shop o where o.name_key = market.fold('Closed shop ' || h.shop_id)) then ' (' || left(v_key, 8) || ')'
		else '' end,
		about = null, pickup_address = null, pickup_hours = null, contact_email = null, profile_id = null
	where h.shop_id = p_shop_id;
	delete from market.profile f where f.shop_id = p_shop_id;
	perform api.end_photos(p_shop_id);
end
$$;

-- Gives back the account's places at events to come: see cancel_booking.
create function api.leave_events(p_account_id bigint, p_now timestamptz) returns void
language plpgsql as $$
declare
	v_left record;
begin
	for v_left in
		delete from market.booking b
		using market.event e
		where b.account_id = p_account_id and e.shop_id = b.shop_id and e.event_id = b.event_id and e.starts_at > p_now and e.called_off_at is null
		returning b.shop_id, b.event_id, b.ticket, (b.status = 'waiting')::int as waits
	loop
		insert into market.booking_entry (shop_id, event_id, account_id, ticket, reason, booked, waiting, at)
		values (v_left.shop_id, v_left.event_id, p_account_id, v_left.ticket, case v_left.waits when 1 then 'left' else 'cancelled' end,
			v_left.waits - 1, -v_left.waits, p_now);
		update market.event e set booked = e.booked - (1 - v_left.waits), waiting = e.waiting - v_left.waits
		where e.shop_id = v_left.shop_id and e.event_id = v_left.event_id;
		perform api.confirm_waiting(v_left.shop_id, v_left.event_id, p_now);
	end loop;
end
$$;

-- Deletes what says who the account is. Its row stays, under a name and an e-mail that are of no person, with a hash that no password has.
create function api.erase_account(p_account_id bigint, p_now timestamptz) returns void
language plpgsql as $$
begin
	perform api.end_holds(array_agg(r.shop_id), array_agg(r.reservation_id), true) from market.reservation r where r.account_id = p_account_id;
	perform api.leave_events(p_account_id, p_now);
	delete from market.appointment b
	using market.slot s
	where b.account_id = p_account_id and s.shop_id = b.shop_id and s.slot_id = b.slot_id and s.starts_at > p_now;
	delete from market.cart_item i where i.account_id = p_account_id;
	delete from market.wish w where w.account_id = p_account_id;
	delete from market.friendship f where f.low_account_id = p_account_id or f.high_account_id = p_account_id;
	delete from market.address d where d.account_id = p_account_id;
	delete from market.idempotency k where k.account_id = p_account_id;
	delete from market.sign_in_network n where n.account_id = p_account_id;
	delete from market.outbox o where o.kind = 'mail' and o.account_id = p_account_id;
	update market.review r set comment = null where r.account_id = p_account_id and r.comment is not null;
	update market.orders o
	set key = null, digest = null, address = case when o.address is not null then
		json_build_object('name', '', 'line1', '', 'line2', null, 'city', '', 'region', null, 'postcode', '', 'country', o.address ->> 'country') end
	where o.account_id = p_account_id and (o.key is not null or o.address is not null);
	perform api.void_tokens(p_account_id);
	update market.account a
	set name = 'Deleted', email = 'deleted ' || p_account_id, password_hash = '!', email_confirmed_at = null, deleted_at = p_now, shares_purchases = false
	where a.account_id = p_account_id;
	delete from market.session s where s.account_id = p_account_id;
end
$$;

-- Deletes the account. p_password_hash: see change_password.
create function api.delete_account(p_session bytea, p_password_hash text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_shop_id bigint;
	v_email text;
	v_obligation text;
	v_now timestamptz;
begin
	perform api.lock_account(v_account_id);
	select h.shop_id into v_shop_id from market.shop h where h.account_id = v_account_id;
	if not api.lock_account_end(v_account_id, v_shop_id, market.clock()) then
		perform api.refuse('invalid_state', 'A slot of your shop is being booked at this moment.');
	end if;
	select a.email into v_email from market.account a where a.account_id = v_account_id and a.password_hash = p_password_hash
	for update -- guard: password
	;
	if v_email is null then
		perform api.refuse('wrong_password');
	end if;
	v_now := market.clock();
	v_obligation := api.account_obligation(v_account_id, v_shop_id, v_now);
	if v_obligation is not null then
		perform api.refuse('invalid_state', v_obligation);
	end if;
	if v_shop_id is not null then
		perform api.end_shop(v_shop_id, v_now);
	end if;
	delete from market.outbox o
	where o.kind = 'mail' and o.order_id is null and o.subject collate "C" >= api.token_of_email(v_email) || ':'
		and o.subject collate "C" < api.token_of_email(v_email) || ';';
	perform api.erase_account(v_account_id, v_now);
end
$$;
