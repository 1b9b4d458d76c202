-- Public data, each row with its answer as the contract defines it. The program reads these views, which read the tables with their owner's
-- rights: so they hold only what anyone may see. Functions that return the same things read them too, so that the answers are the same
-- everywhere.

create view api.shop_card as
select h.shop_id, json_build_object(
		'shop_id', h.shop_id,
		'name', h.name,
		'verified', h.verified,
		'promotion_tier', h.promotion_tier,
		'rating', trim_scale(round(h.rating_sum::numeric / nullif(h.review_count, 0), 2)),
		'reviews', h.review_count,
		'about', h.about,
		'pickup_address', h.pickup_address,
		'pickup_hours', h.pickup_hours,
		'contact_email', h.contact_email,
		'offers_pickup', h.offers_pickup,
		'offers_shipping', h.charged_shipping_cents is not null,
		'shipping_cents', h.shipping_cents) as answer
from market.shop h;

-- The sale a shop shows: the one that is not replaced, until it ends; also without discounts left, and before it starts. A suspended shop
-- shows none.
create view api.present_sale as
select f.shop_id, f.sale_id, f.discounts_left, f.percent_off, f.per_account, f.starts_at, h.name as shop_name, json_build_object(
		'sale_id', f.sale_id,
		'shop_id', f.shop_id,
		'shop_name', h.name,
		'discounts', f.discounts,
		'discounts_left', f.discounts_left,
		'percent_off', f.percent_off,
		'starts_at', market.rfc3339(f.starts_at),
		'ends_at', market.rfc3339(f.ends_at),
		'per_account', f.per_account) as answer
from market.sale f
join market.shop h on h.shop_id = f.shop_id
where f.replaced_at is null and (f.ends_at is null or f.ends_at > market.clock()) and not h.suspended;

-- The sales that give a discount now: every price that is shown, ordered by or bounded goes by these.
create view api.running_sale as
select f.shop_id, f.sale_id, f.percent_off
from market.sale f
where f.replaced_at is null and f.discounts_left > 0 and coalesce(f.ends_at, 'infinity') > market.clock() and f.starts_at <= market.clock();

-- A listing with its shop, shoe, stock, and the sale's price while the shop's sale has discounts left. Withdrawn and suspended listings too. The answer is built
-- as text, as that of an order (api.order_text): json_build_object took two fifths of the time of a page of the catalogue. answer is for where it becomes
-- part of other JSON; a column that is not read costs nothing.
create view api.offer as
select o.shop_id, o.listing_id, o.shoe_id, o.size, o.price_cents, o.in_stock, o.withdrawn_at, o.suspended, o.available, o.sale_price_cents,
	o.answer_text, o.answer_text::json as answer
from (
	select l.shop_id, l.listing_id, l.shoe_id, l.size, l.price_cents, l.in_stock, l.withdrawn_at, l.suspended,
		k.available,
		d.sale_price_cents,
		concat(
			'{"listing_id":', l.listing_id,
			',"shop_id":', l.shop_id,
			',"shop_name":', to_json(h.name),
			',"verified":', h.verified::text,
			',"shoe_id":', l.shoe_id,
			',"brand":', to_json(s.brand),
			',"style":', to_json(s.style),
			',"color":"', s.color,
			'","size":', trim_scale(l.size),
			',"condition":"', l.condition,
			'","audience":"', l.audience,
			'","price_cents":', l.price_cents,
			',"sale_price_cents":', coalesce(d.sale_price_cents::text, 'null'),
			',"available":', case when l.withdrawn_at is null and not l.suspended then k.available else 0 end,
			',"created_at":"', market.rfc3339(l.created_at),
			'","description":', coalesce(to_json(l.description)::text, 'null'),
			',"box":', coalesce(to_json(l.box)::text, 'null'),
			',"promoted":', (l.promotion_tier > 0)::text,
			',"offers_pickup":', h.offers_pickup::text,
			',"shipping_cents":', coalesce(h.charged_shipping_cents::text, 'null'),
			',"photos":[', (
				-- in the order of the index, which costs a third of sorting them in the aggregate
				select string_agg(concat(
					'{"photo_id":', p.photo_id,
					',"url":"', p.url, 'page.webp","thumb_url":"', p.url, 'list.webp',
					'","width":', p.width,
					',"height":', p.height, '}'), ',')
				from (
					select p.photo_id, p.width, p.height, '/api/photos/' || encode(p.hash, 'hex') || '/' as url
					from market.photo p
					where p.shop_id = l.shop_id and p.listing_id = l.listing_id
					order by p.position) p), ']}') as answer_text
	from market.listing l
	join market.shop h on h.shop_id = l.shop_id
	join market.shoe s on s.shoe_id = l.shoe_id
	join market.stock k on k.shop_id = l.shop_id and k.listing_id = l.listing_id
	left join api.running_sale f on f.shop_id = l.shop_id
	cross join lateral (select market.sale_price(l.price_cents, f.percent_off)) as d(sale_price_cents)) o;

-- The first photo of a shoe's cheapest offer that has one; NULL: none has. Of a shoe with very many offers the cheapest ones are looked at.
create function api.shoe_photo(p_shoe_id bigint) returns json
language sql stable
begin atomic
	select json_build_object(
		'url', market.photo_url(p.hash, 'page'),
		'thumb_url', market.photo_url(p.hash, 'list'),
		'width', p.width,
		'height', p.height)
	from (
		select l.shop_id, l.listing_id, l.price_cents
		from market.listing l
		where l.shoe_id = p_shoe_id and l.in_stock
		order by l.price_cents, l.listing_id
		limit 100) l
	join market.photo p on p.shop_id = l.shop_id and p.listing_id = l.listing_id and p.position = 1
	order by l.price_cents, l.listing_id
	limit 1;
end;

-- A shoe with its cheapest offer at this moment; NULLs if there is none.
create view api.shoe_card as
select s.shoe_id, s.brand, s.style, s.color, c.listing_id, c.price_cents, api.shoe_photo(s.shoe_id) as photo
from market.shoe s
left join lateral (
	select o.listing_id, coalesce(o.sale_price_cents, o.price_cents) as price_cents
	from api.offer o
	where o.shoe_id = s.shoe_id and o.in_stock
	order by 2, 1
	limit 1) c on true;

grant select on api.running_sale to shoetopia_api;
grant select on api.shop_card, api.present_sale, api.offer, api.shoe_card to shoetopia_api, shoetopia_app;
