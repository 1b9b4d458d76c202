-- A review has lapsed while its account has no order in that shop that was not cancelled: it neither counts nor shows. Changed under the lock of the account's
-- cart, as its orders are, together with the shop's counters.
alter table market.review add column lapsed boolean not null default false;
grant update (lapsed) on market.review to shoetopia_api;
create index review_lapsed on market.review (account_id) where lapsed;

-- Whether the account has one: a checkout, which locks this row anyway, looks for them only then.
alter table market.cart add column has_lapsed_review boolean not null default false;

update market.review r
set lapsed = true
where not exists (
	select from market.orders o
	join market.shipment p on p.order_id = o.order_id and p.shop_id = r.shop_id
	where o.account_id = r.account_id and o.status = 'placed');
update market.shop h
set rating_sum = h.rating_sum - l.total, review_count = h.review_count - l.number
from (select r.shop_id, sum(r.rating) as total, count(*) as number from market.review r where r.lapsed group by r.shop_id) l
where h.shop_id = l.shop_id;
update market.cart c
set has_lapsed_review = true
where exists (select from market.review r where r.account_id = c.account_id and r.lapsed);
