-- What admins look up: accounts, orders, shops and listings, by what people tell them.

-- Accounts as an admin sees them in lists.
create function api.found_account(a market.account) returns json
language sql stable
begin atomic
	select json_build_object('account_id', (a).account_id, 'name', (a).name, 'email', (a).email, 'role', (a).role,
		'created_at', market.rfc3339((a).created_at), 'shop_id', h.shop_id, 'shop_name', h.name)
	from (select) as one_row
	left join market.shop h on h.account_id = (a).account_id;
end;

create function api.found_order(o market.orders) returns json
language sql stable
begin atomic
	select json_build_object('order_id', (o).order_id, 'status', (o).status, 'total_cents', (o).total_cents,
		'created_at', market.rfc3339((o).created_at), 'account_id', a.account_id, 'name', a.name, 'email', a.email)
	from market.account a
	where a.account_id = (o).account_id;
end;

-- Up to 10 of each kind that have this number, or this beginning of an e-mail, or this in their name; the orders of who has this e-mail. A name is looked for
-- in all accounts, which takes about a second for a million. p_q may be the address of a page: its last number counts. NULL: nothing is found.
create function api.lookup(p_session bytea, p_q text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'admin');
	v_number bigint := substring(p_q from '^(?:#|[^ @]*[/=#])?([0-9]{1,18})$');
	v_key text := market.fold(p_q);
	v_prefix text := replace(replace(replace(v_key, '\', '\\'), '%', '\%'), '_', '\_') || '%';
	v_accounts json[];
	v_orders json[];
	v_shops json[];
	v_listings json[];
begin
	v_accounts := array(
		select api.found_account(a)
		from (
			select a.account_id from market.account a where a.account_id = v_number
			union
			select a.account_id from market.account a where a.email_key like v_prefix
			union
			select a.account_id from market.account a where v_number is null and position(v_key in lower(a.name collate "und-x-icu")) > 0
			order by account_id limit 11) f
		join market.account a on a.account_id = f.account_id
		order by a.account_id);
	v_orders := array(
		select api.found_order(o)
		from (
			(select o.order_id from market.orders o where o.order_id = v_number)
			union
			(select o.order_id from market.account a join market.orders o on o.account_id = a.account_id where a.email_key = v_key
				order by o.order_id desc limit 11)
			order by order_id desc limit 11) f
		join market.orders o on o.order_id = f.order_id
		order by o.order_id desc);
	v_shops := array(
		select json_build_object('shop_id', h.shop_id, 'name', h.name, 'account_id', a.account_id, 'email', a.email,
			'verified', h.verified, 'suspended', h.suspended)
		from market.shop h
		join market.account a on a.account_id = h.account_id
		where h.shop_id = v_number or a.email_key = v_key or v_number is null and position(v_key in h.name_key) > 0
		order by h.shop_id limit 11);
	v_listings := array(
		select json_build_object('listing_id', l.listing_id, 'brand', s.brand, 'style', s.style, 'size', trim_scale(l.size),
			'price_cents', l.price_cents, 'shop_id', h.shop_id, 'shop_name', h.name, 'suspended', l.suspended)
		from market.listing l
		join market.shoe s on s.shoe_id = l.shoe_id
		join market.shop h on h.shop_id = l.shop_id
		where l.listing_id = v_number and l.withdrawn_at is null);
	return json_build_object(
		'more', greatest(cardinality(v_accounts), cardinality(v_orders), cardinality(v_shops)) > 10,
		'accounts', array_to_json(v_accounts[:10]), 'orders', array_to_json(v_orders[:10]), 'shops', array_to_json(v_shops[:10]),
		'listings', array_to_json(v_listings));
end
$$;

-- One account, with its last 20 orders.
create function api.admin_account(p_session bytea, p_account_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_admin_id bigint := api.require(p_session, 'admin');
	v_answer json;
begin
	select json_build_object('account_id', a.account_id, 'name', a.name, 'email', a.email, 'role', a.role, 'created_at', market.rfc3339(a.created_at),
		'email_confirmed', a.email_confirmed_at is not null, 'shop_id', h.shop_id, 'shop_name', h.name,
		'orders', array_to_json(array(
			select api.found_order(o) from market.orders o where o.account_id = a.account_id order by o.order_id desc limit 20)))
	into v_answer
	from market.account a
	left join market.shop h on h.account_id = a.account_id
	where a.account_id = p_account_id;
	if v_answer is null then
		perform api.refuse('not_found');
	end if;
	return v_answer;
end
$$;

-- One order, as its buyer sees it.
create function api.admin_order(p_session bytea, p_order_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_admin_id bigint := api.require(p_session, 'admin');
	v_answer json;
begin
	select json_build_object('account_id', a.account_id, 'name', a.name, 'email', a.email, 'order', f.answer)
	into v_answer
	from api.order_answers(array[p_order_id]) f
	join market.orders o on o.order_id = f.order_id
	join market.account a on a.account_id = o.account_id;
	if v_answer is null then
		perform api.refuse('not_found');
	end if;
	return v_answer;
end
$$;
