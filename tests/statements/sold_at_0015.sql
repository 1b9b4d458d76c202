-- What a marketplace of version 0015 had written when three orders were placed, the second of them taken back: each sale in its line, and once
-- more in the entries of the three ledgers. One line had a discount for each of its pairs, one for none; the sold-out pair came back and was
-- sold again. tests/statements/run loads it.

insert into market.account (account_id, name, email, password_hash, created_at)
select n, 'Member ' || n, 'member.' || n || '@example.net', '!', '2026-01-01' from generate_series(1, 4) as n;
insert into market.cart (account_id) select n from generate_series(1, 4) as n;
insert into market.session (session_digest, account_id, created_at, expires_at)
select decode(lpad(n::text, 64, '0'), 'hex'), n, '2026-01-01', 'infinity' from generate_series(1, 4) as n;
insert into market.shop (shop_id, account_id, name, created_at) values (1, 1, 'One', '2026-01-01'), (2, 2, 'Two', '2026-01-01');
insert into market.balance (shop_id, balance_cents, pairs_sold) values (1, 2250, 4), (2, 700, 1);
insert into market.shoe (shoe_id, brand, style, color) values (1, 'Brand', 'Style', 'red');
insert into market.listing (shop_id, listing_id, shoe_id, brand_key, color, size, condition, audience, price_cents, in_stock, promotion_tier, created_at)
values (1, 11, 1, 'brand', 'red', 9, 'new', 'men', 1000, true, 0, '2026-01-02'), (1, 12, 1, 'brand', 'red', 9, 'used', 'men', 500, false, 0, '2026-01-02'),
	(2, 21, 1, 'brand', 'red', 9, 'new', 'men', 700, true, 0, '2026-01-02');
insert into market.stock (shop_id, listing_id, available) values (1, 11, 1), (1, 12, 0), (2, 21, 2);
insert into market.sale (shop_id, sale_id, discounts, discounts_left, percent_off, starts_at) values (1, 1, 3, 0, 50, '2026-01-03');

insert into market.orders (order_id, account_id, status, total_cents, discount_cents, delivery, created_at, cancelled_at)
values (1, 3, 'placed', 1700, 1000, 'pickup', '2026-01-04', null), (2, 4, 'cancelled', 250, 250, 'pickup', '2026-01-05', '2026-01-06'),
	(3, 3, 'placed', 1250, 250, 'pickup', '2026-01-08', null);
insert into market.shipment (shop_id, order_id, status, created_at, updated_at)
values (1, 1, 'delivered', '2026-01-04', '2026-01-09'), (2, 1, 'pending', '2026-01-04', '2026-01-04'), (1, 2, 'cancelled', '2026-01-05', '2026-01-06'),
	(1, 3, 'pending', '2026-01-08', '2026-01-08');
insert into market.order_line (shop_id, order_id, listing_id, shipment_id, position, quantity, discounted, sale_id, price_cents, total_cents)
values (1, 1, 11, 1, 1, 2, 2, 1, 1000, 1000), (2, 1, 21, 2, 2, 1, 0, null, 700, 700), (1, 2, 12, 3, 1, 1, 1, 1, 500, 250),
	(1, 3, 12, 4, 1, 1, 1, 1, 500, 250), (1, 3, 11, 4, 2, 1, 0, null, 1000, 1000);

insert into market.stock_entry (shop_id, listing_id, delta, reason, order_id, at)
values (1, 11, 5, 'listed', null, '2026-01-02'), (1, 12, 1, 'listed', null, '2026-01-02'), (2, 21, 3, 'listed', null, '2026-01-02'),
	(1, 11, -2, 'sold', 1, '2026-01-04'), (2, 21, -1, 'sold', 1, '2026-01-04'), (1, 12, -1, 'sold', 2, '2026-01-05'),
	(1, 12, 1, 'cancelled', 2, '2026-01-06'), (1, 11, -1, 'adjusted', null, '2026-01-07'), (1, 12, -1, 'sold', 3, '2026-01-08'),
	(1, 11, -1, 'sold', 3, '2026-01-08');
insert into market.discount_entry (shop_id, sale_id, delta, reason, order_id, at)
values (1, 1, 3, 'started', null, '2026-01-03'), (1, 1, -2, 'sold', 1, '2026-01-04'), (1, 1, -1, 'sold', 2, '2026-01-05'),
	(1, 1, 1, 'cancelled', 2, '2026-01-06'), (1, 1, -1, 'sold', 3, '2026-01-08');
insert into market.balance_entry (shop_id, amount_cents, pairs, reason, order_id, at)
values (1, 1000, 2, 'sold', 1, '2026-01-04'), (2, 700, 1, 'sold', 1, '2026-01-04'), (1, 250, 1, 'sold', 2, '2026-01-05'),
	(1, -250, -1, 'cancelled', 2, '2026-01-06'), (1, 1250, 2, 'sold', 3, '2026-01-08');

-- Two reviewed shop 1, and only one of them has an order left there. An event is further ahead than any may be now.
insert into market.review (shop_id, account_id, rating, created_at, updated_at)
values (1, 3, 4, '2026-01-09', '2026-01-09'), (1, 4, 1, '2026-01-05', '2026-01-05');
update market.shop set rating_sum = 5, review_count = 2 where shop_id = 1;
insert into market.event (shop_id, title, starts_at, capacity, created_at) values (2, 'Far', '4300-01-01', 5, '2026-01-01');

-- These rows were given their numbers; the sequences go on after them.
select setval('market.account_account_id_seq', 4), setval('market.shop_shop_id_seq', 2), setval('market.shoe_shoe_id_seq', 1),
	setval('market.listing_listing_id_seq', 21), setval('market.sale_sale_id_seq', 1), setval('market.orders_order_id_seq', 3);
