-- Files of a shop: listings that come in as CSV, and what is listed and sold as CSV. The program reads what comes in (src/market/listing_file.c).

-- Makes the shoes of some lines, so that import_listings finds all of them: new shoes take most of its time, and other lists of the same one wait. Shoes
-- without a listing are in no list.
create function api.import_shoes(p_session bytea, p_shop_id bigint, p_lines jsonb) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set plan_cache_mode = force_generic_plan as $$
declare
	v_account_id bigint := api.require(p_session, 'owner', p_shop_id);
begin
	return json_build_object('shoes', (
		select cardinality(api.shoe_ids(array_agg(l.brand), array_agg(l.style), array_agg(l.color)))
		from (select distinct l.brand, l.style, l.color from jsonb_to_recordset(p_lines) as l(brand text, style text, color text)) l));
end
$$;

-- Adds the listings of all lines, or none: {brand, style, color, size, condition, audience, price_cents, quantity} and maybe {description, box}.
create function api.import_listings(p_session bytea, p_shop_id bigint, p_lines jsonb) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_mergejoin = off set enable_hashjoin = off set plan_cache_mode = force_generic_plan as $$
declare
	v_account_id bigint := api.require(p_session, 'owner', p_shop_id);
	v_lines jsonb := (select jsonb_agg(l.line || jsonb_build_object('shop_id', p_shop_id) order by l.n)
		from jsonb_array_elements(p_lines) with ordinality as l(line, n));
begin
	perform from market.shop h where h.shop_id = p_shop_id for share;
	-- The account, and its shop, may have ended while this waited.
	perform api.require(p_session, 'owner', p_shop_id); -- guard: owner
	perform api.add_listings(v_lines, array(
		select nextval('market.listing_listing_id_seq') from generate_series(1, jsonb_array_length(v_lines))));
	return json_build_object('created', jsonb_array_length(v_lines), 'lines', jsonb_array_length(v_lines));
end
$$;

-- What import_listings would answer, but for what it did: nothing.
create function api.check_import(p_session bytea, p_shop_id bigint, p_number int) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'owner', p_shop_id);
begin
	return json_build_object('created', 0, 'lines', p_number);
end
$$;

-- A cell of CSV (RFC 4180), with a comma before it. A spreadsheet would take what begins with = + - @ for a formula: it gets a ' in front.
create function api.csv_cell(p_text text) returns text
language sql immutable
begin atomic
	select ',' || case when c.text ~ '[",\r\n]|^\s|\s$' then '"' || replace(c.text, '"', '""') || '"' else c.text end
	from (select case when p_text ~ '^[=+@-]' then '''' else '' end || coalesce(p_text, '')) as c(text);
end;

-- A part of a file: the cursor of the next part in the first line (empty: this is the last one), then records. Parts end at 1,000 records or a little more.
-- Both begin with their header, in the part without a cursor.
create function api.export_listings(p_session bytea, p_shop_id bigint, p_cursor text) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'owner', p_shop_id);
	v_after bigint := coalesce(p_cursor::bigint, 0);
	v_records text;
	v_last bigint;
	v_number int;
begin
	select string_agg(substr(api.csv_cell(s.brand) || api.csv_cell(s.style) || api.csv_cell(s.color::text) || api.csv_cell(trim_scale(l.size)::text)
			|| api.csv_cell(l.condition::text) || api.csv_cell(l.audience::text) || ',' || l.price_cents || ',' || l.available
			|| api.csv_cell(l.description) || api.csv_cell(l.box), 2) || E'\r\n', '' order by l.listing_id), max(l.listing_id), count(*)
	into v_records, v_last, v_number
	from (
		select l.*, k.available
		from market.listing l
		join market.stock k on k.shop_id = l.shop_id and k.listing_id = l.listing_id
		where l.shop_id = p_shop_id and l.listing_id > v_after and l.withdrawn_at is null
		order by l.listing_id
		limit 1000) l
	join market.shoe s on s.shoe_id = l.shoe_id;
	return case when v_number = 1000 then v_last::text else '' end || E'\n'
		|| case when p_cursor is null then E'brand,style,color,size,condition,audience,price_cents,quantity,description,box\r\n' else '' end
		|| coalesce(v_records, '');
end
$$;

-- What was sold, a record for each line of an order, the last order first. total_cents is that of the line, without shipping.
create function api.export_orders(p_session bytea, p_shop_id bigint, p_cursor text) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'owner', p_shop_id);
	v_before bigint := coalesce(p_cursor::bigint, 9223372036854775807);
	v_records text;
	v_last bigint;
	v_number int;
begin
	with part as (
		select p.*
		from market.shipment p
		where p.shop_id = p_shop_id and p.shipment_id < v_before
		order by p.shipment_id desc
		limit 500
	)
	select string_agg(p.order_id || ',' || p.shipment_id || ',' || market.rfc3339(p.created_at) || ',' || p.status || api.csv_cell(o.payment_status)
			|| ',' || o.delivery || api.csv_cell(p.tracking) || ',' || i.listing_id || api.csv_cell(s.brand) || api.csv_cell(s.style)
			|| ',' || s.color || ',' || trim_scale(l.size) || ',' || i.quantity || ',' || i.discounted || ',' || i.price_cents || ',' || i.total_cents
			|| E'\r\n', '' order by p.shipment_id desc, i.position), min(p.shipment_id), count(distinct p.shipment_id)
	into v_records, v_last, v_number
	from part p
	join market.orders o on o.order_id = p.order_id
	join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
	join market.listing l on l.shop_id = i.shop_id and l.listing_id = i.listing_id
	join market.shoe s on s.shoe_id = l.shoe_id;
	return case when v_number = 500 then v_last::text else '' end || E'\n'
		|| case when p_cursor is null then E'order_id,shipment_id,sold_at,status,payment,delivery,tracking,listing_id,brand,style,color,size,'
			'quantity,discounted,price_cents,total_cents\r\n' else '' end
		|| coalesce(v_records, '');
end
$$;
