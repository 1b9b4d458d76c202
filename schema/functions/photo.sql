-- Photos of listings. The order of locks: the photos of a listing are one advisory lock, after those of the caller (and after the stock, where a listing is
-- withdrawn); then pictures by hash. Nothing of checkout is locked, so an upload holds up no sale.

create function api.lock_photos(p_listing_id bigint) returns void
language sql
begin atomic
	select pg_advisory_xact_lock(6, hashint8(p_listing_id)); -- guard: photos
end;

-- Refuses (not_found) a listing that the shop does not offer.
create function api.require_offer(p_shop_id bigint, p_listing_id bigint) returns void
language plpgsql stable as $$
begin
	if not exists (select from market.listing l where l.shop_id = p_shop_id and l.listing_id = p_listing_id and l.withdrawn_at is null) then
		perform api.refuse('not_found');
	end if;
end
$$;

-- Asked before a picture is decoded, which costs most.
create function api.may_add_photo(p_session bytea, p_shop_id bigint, p_listing_id bigint) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform api.require_offer(p_shop_id, p_listing_id);
	return '{}';
end
$$;

-- Keeps a picture under its hash, unless it is kept already, and locks it, so that it is not deleted before a photo names it. p_files: in the order
-- of the names. Returns the hash.
create function api.keep_picture(p_width int, p_height int, p_files bytea[]) returns bytea
language plpgsql as $$
declare
	v_names constant text[] := '{zoom.webp,zoom.jpg,page.webp,page.jpg,list.webp,list.jpg}';
	v_hash bytea := sha256(p_files[1]);
begin
	loop
		insert into market.picture (hash, width, height, created_at) values (v_hash, p_width, p_height, market.clock())
		on conflict (hash) do nothing;
		if found then
			insert into market.picture_file (hash, name, data)
			select v_hash, f.name, f.data from unnest(v_names, p_files) as f(name, data);
		end if;
		-- it may have been deleted by now
		perform from market.picture g where g.hash = v_hash for key share;
		exit when found;
	end loop;
	return v_hash;
end
$$;

-- Deletes those of these pictures that no photo shows any more.
create function api.drop_pictures(p_hashes bytea[]) returns void
language plpgsql as $$
begin
	perform from market.picture g where g.hash = any(p_hashes) order by g.hash for update; -- guard: pictures
	delete from market.picture g
	where g.hash = any(p_hashes) and not exists (select from market.photo f where f.hash = g.hash);
end
$$;

create function api.add_photo(p_session bytea, p_shop_id bigint, p_listing_id bigint, p_width int, p_height int, p_files bytea[]) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_photos int;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform api.lock_photos(p_listing_id);
	perform api.require_offer(p_shop_id, p_listing_id);
	select count(*) into v_photos from market.photo f where f.shop_id = p_shop_id and f.listing_id = p_listing_id;
	if v_photos >= 8 then
		perform api.refuse('invalid', null, api.field_error('photo', 'A listing has up to 8 photos: delete one first.'));
	end if;
	insert into market.photo (shop_id, listing_id, position, hash, width, height)
	values (p_shop_id, p_listing_id, v_photos + 1, api.keep_picture(p_width, p_height, p_files), p_width, p_height);
	return (select o.answer from api.offer o where o.shop_id = p_shop_id and o.listing_id = p_listing_id);
end
$$;

-- Puts the photos of a listing into another order; p_photo_ids are all of them.
create function api.order_photos(p_session bytea, p_shop_id bigint, p_listing_id bigint, p_photo_ids bigint[]) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_photo_ids bigint[];
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform api.lock_photos(p_listing_id);
	perform api.require_offer(p_shop_id, p_listing_id);
	select array_agg(f.photo_id order by f.photo_id) into v_photo_ids
	from market.photo f
	where f.shop_id = p_shop_id and f.listing_id = p_listing_id;
	if v_photo_ids is distinct from (select array_agg(a.photo_id order by a.photo_id) from unnest(p_photo_ids) as a(photo_id)) then
		perform api.refuse('invalid', null, api.field_error('photo_ids', 'Name each photo of the listing once: it may have changed meanwhile.'));
	end if;
	update market.photo f
	set position = a.nth
	from unnest(p_photo_ids) with ordinality as a(photo_id, nth)
	where f.shop_id = p_shop_id and f.listing_id = p_listing_id and f.photo_id = a.photo_id and f.position <> a.nth;
	return (select o.answer from api.offer o where o.shop_id = p_shop_id and o.listing_id = p_listing_id);
end
$$;

create function api.delete_photo(p_session bytea, p_shop_id bigint, p_listing_id bigint, p_photo_id bigint) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_photo market.photo;
begin
	perform api.require(p_session, 'owner', p_shop_id);
	perform api.lock_photos(p_listing_id);
	delete from market.photo f
	where f.shop_id = p_shop_id and f.listing_id = p_listing_id and f.photo_id = p_photo_id
	returning f.* into v_photo;
	if not found then
		perform api.refuse_unchanged('not_found');
	end if;
	update market.photo f
	set position = f.position - 1
	where f.shop_id = p_shop_id and f.listing_id = p_listing_id and f.position > v_photo.position;
	perform api.drop_pictures(array[v_photo.hash]);
end
$$;

-- All photos of a shop that is closed, or of a listing that is withdrawn.
create function api.end_photos(p_shop_id bigint, p_listing_id bigint default null) returns void
language plpgsql as $$
declare
	v_hashes bytea[];
begin
	with gone as (
		delete from market.photo f
		where f.shop_id = p_shop_id and (p_listing_id is null or f.listing_id = p_listing_id)
		returning f.hash
	)
	select array_agg(distinct g.hash) into v_hashes from gone g;
	if v_hashes is not null then
		perform api.drop_pictures(v_hashes);
	end if;
end
$$;

-- A file of a picture, in base64.
create function api.photo_file(p_hash text, p_file text) returns text
language sql stable security definer set search_path = pg_catalog, pg_temp
begin atomic
	select encode(f.data, 'base64')
	from market.picture_file f
	where f.hash = decode(case when p_hash ~ '^[0-9a-f]{64}$' then p_hash else '' end, 'hex') and f.name = p_file;
end;
