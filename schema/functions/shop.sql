-- Shops: opening one, its profile, and promoting it in the lists.

create function api.shop_answer(p_shop_id bigint) returns json
language sql stable
begin atomic
	select c.answer from api.shop_card c where c.shop_id = p_shop_id;
end;

-- Refuses an account that has a shop; if the shop has this name, as what is so already.
create function api.refuse_second_shop(p_account_id bigint, p_name text) returns void
language plpgsql as $$
declare
	v_shop market.shop;
begin
	select * into v_shop from market.shop h where h.account_id = p_account_id;
	if v_shop.name = p_name then
		perform api.refuse_unchanged('shop_exists', null, jsonb_build_object('shop_id', v_shop.shop_id));
	elsif v_shop.shop_id is not null then
		perform api.refuse('shop_exists');
	end if;
end
$$;

create function api.create_shop(p_session bytea, p_name text, p_key text, p_digest bytea)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_kept json := api.key_claim(v_account_id, p_key, p_digest);
	v_shop_id bigint;
	v_answer json;
	v_constraint text;
begin
	if v_kept is not null then
		return query select 'replayed', v_kept;
		return;
	end if;
	perform api.refuse_second_shop(v_account_id, p_name);
	begin
		insert into market.shop (account_id, name, created_at) values (v_account_id, p_name, market.clock())
		returning shop_id into v_shop_id;
	exception when unique_violation then -- somebody took the name, or this account opened one meanwhile
		get stacked diagnostics v_constraint = constraint_name;
		if v_constraint = 'shop_exists' then
			perform api.refuse_second_shop(v_account_id, p_name);
		end if;
		perform api.refuse('name_taken');
	end;
	insert into market.balance (shop_id) values (v_shop_id);
	v_answer := api.shop_answer(v_shop_id);
	perform api.key_keep(v_account_id, p_key, p_digest, v_answer);
	return query select null, v_answer;
end
$$;

-- Writes what the shop says of itself and how it delivers. Pick-up or shipping has to be possible; a shop that has said neither yet may leave it at that
-- (until then it offers both, and ships for nothing), so that its form is accepted as it was served.
create function api.put_profile(p_session bytea, p_shop_id bigint, p_about text, p_pickup_address text, p_pickup_hours text, p_contact_email text,
	p_shipping_cents int) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_shop market.shop;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform from market.shop h where h.shop_id = p_shop_id for no key update;
	select * into v_shop from market.shop h where h.shop_id = p_shop_id;
	if (v_shop.about, v_shop.pickup_address, v_shop.pickup_hours, v_shop.contact_email, v_shop.shipping_cents)
		is not distinct from (p_about, p_pickup_address, p_pickup_hours, p_contact_email, p_shipping_cents) then
		return api.shop_answer(p_shop_id);
	end if;
	if p_pickup_address is null and p_shipping_cents is null then
		perform api.refuse('invalid', null, api.field_error('pickup_address', 'Say where pairs can be picked up, or what shipping costs, or both.'));
	end if;
	if (v_shop.contact_email, v_shop.pickup_address, v_shop.pickup_hours) is distinct from (p_contact_email, p_pickup_address, p_pickup_hours) then
		insert into market.profile (shop_id, contact_email, pickup_address, pickup_hours)
		values (p_shop_id, p_contact_email, p_pickup_address, p_pickup_hours) returning profile_id into v_shop.profile_id;
	end if;
	update market.shop
	set about = p_about, pickup_address = p_pickup_address, pickup_hours = p_pickup_hours, contact_email = p_contact_email,
		shipping_cents = p_shipping_cents, profile_id = v_shop.profile_id
	where shop_id = p_shop_id;
	return api.shop_answer(p_shop_id);
end
$$;

-- Raises the tier; it never goes down. With payments on it costs p_tier_cents, less what was paid for lower ones, of what the shop has available. The listings have a copy: their stock rows are locked first, as by everything that changes listings.
create function api.promote_shop(p_session bytea, p_shop_id bigint, p_tier int, p_tier_cents bigint[] default null, p_payout_days int default null) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_tier int;
	v_cents bigint := 0;
	v_now timestamptz;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform from market.shop h where h.shop_id = p_shop_id for no key update; -- guard: shop
	select h.promotion_tier into v_tier from market.shop h where h.shop_id = p_shop_id;
	if p_tier < v_tier then
		perform api.refuse('invalid', null, api.field_error('tier', format('Your shop has tier %s already, and a tier never goes down.', v_tier)));
	end if;
	if p_tier > v_tier then
		perform from market.stock k where k.shop_id = p_shop_id order by k.listing_id for no key update;
		v_now := market.clock();
		if p_tier_cents is not null then
			select greatest(0, p_tier_cents[p_tier] - coalesce(sum(r.cents), 0)) into v_cents from market.promotion r where r.shop_id = p_shop_id;
			perform api.must_be_available(p_shop_id, v_cents, p_payout_days, v_now);
			perform api.book_spending('promotion', p_shop_id, null, v_cents, 'promotion', v_now);
		end if;
		insert into market.promotion (shop_id, tier, at, cents) values (p_shop_id, p_tier, v_now, v_cents);
		update market.shop set promotion_tier = p_tier where shop_id = p_shop_id;
		update market.listing set promotion_tier = p_tier where shop_id = p_shop_id;
	end if;
	return api.shop_answer(p_shop_id);
end
$$;
