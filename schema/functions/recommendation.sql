-- Recommendations: shoes that friends like.

-- The shoes that an account likes, each once: on its wishlist, or bought in an order that is sold for good. is_shown: its friends may see that it
-- likes the shoe, since it wishes for it or shares its purchases.
create function api.liked_shoes(p_account_id bigint) returns table (shoe_id bigint, is_bought boolean, is_shown boolean)
language sql stable rows 50
begin atomic
	select k.shoe_id, bool_or(k.is_bought), bool_or(not k.is_bought or a.shares_purchases)
	from (
		select w.shoe_id, false as is_bought
		from market.wish w
		where w.account_id = p_account_id
		union all
		select l.shoe_id, true
		from market.orders o
		join market.shipment p on p.order_id = o.order_id
		join market.order_line i on i.shop_id = p.shop_id and i.order_id = p.order_id
		join market.listing l on l.shop_id = i.shop_id and l.listing_id = i.listing_id
		where o.account_id = p_account_id and api.is_sold(o.status, o.payment_status) and p.status <> 'cancelled'
	) k
	join market.account a on a.account_id = p_account_id
	group by k.shoe_id;
end;

-- The shoes that friends like and the account does not, by the number of friends. A purchase that its buyer does not share counts from three buyers on,
-- so that it tells of none of them. One statement, so one snapshot: it sees a concurrent change as a whole or not at all.
create function api.recommendations(p_session bytea, p_limit int, p_cursor text) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_after bigint[] := api.cursor_parts(p_cursor, 'm', 2); -- friends, shoe
begin
	return (
		with found as (
			select k.shoe_id, case when count(*) filter (where k.is_bought) >= 3 then count(*) else count(*) filter (where k.is_shown) end as friends
			from api.friend_ids(v_account_id) as m(account_id)
			cross join lateral api.liked_shoes(m.account_id) as k
			where k.shoe_id not in (select o.shoe_id from api.liked_shoes(v_account_id) as o)
			group by k.shoe_id
		), page as (
			select f.*, row_number() over (order by f.friends desc, f.shoe_id desc) as nth
			from found f
			where f.friends > 0 and (v_after is null or (f.friends, f.shoe_id) < (v_after[1], v_after[2]))
			order by f.friends desc, f.shoe_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'recommendations', coalesce((
				select json_agg(json_build_object(
					'shoe_id', c.shoe_id,
					'brand', c.brand,
					'style', c.style,
					'color', c.color,
					'listing_id', c.listing_id,
					'price_cents', c.price_cents,
					'photo', c.photo,
					'friends', p.friends) order by p.nth)
				from page p
				join api.shoe_card c on c.shoe_id = p.shoe_id
				where p.nth <= p_limit), '[]'),
			'next', (select 'm' || l.friends || '.' || l.shoe_id
				from page l
				where l.nth = p_limit and exists (select from page n where n.nth > p_limit)))
	);
end
$$;
