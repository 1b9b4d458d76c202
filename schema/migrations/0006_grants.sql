-- Who may touch what. The functions (as shoetopia_api) may read everything, add rows with the columns named here, and change only
-- what changes in the life of a row. A ledger is append-only: nobody but the owner could change or delete an entry.
-- The program (shoetopia_app) has no table at all: it reads the views of schema api, which show what anyone may see, and calls its
-- functions, which ask who wants to know.

grant usage on schema market to shoetopia_api, shoetopia_app;
revoke execute on all functions in schema market from public;
grant execute on all functions in schema market to shoetopia_api;
grant execute on function market.fold(text), market.rfc3339(timestamptz) to shoetopia_app;
grant usage on all sequences in schema market to shoetopia_api;

grant select on market.account, market.address, market.session, market.cart, market.idempotency,
	market.shop, market.balance, market.balance_entry, market.review, market.verification, market.promotion, market.sale,
	market.discount_entry, market.shoe, market.listing, market.stock, market.stock_entry, market.word_slip, market.shoe_word,
	market.cart_item, market.orders, market.shipment, market.order_line to shoetopia_api;

-- accounts
grant insert (account_id, name, email, password_hash, created_at), update (email, password_hash) on market.account to shoetopia_api;
grant insert, update, delete on market.address to shoetopia_api;
grant insert, delete on market.session to shoetopia_api;
grant insert, update on market.cart to shoetopia_api; -- nothing in it changes; a row lock asks for the right to
grant insert, delete on market.idempotency to shoetopia_api;

-- shops
grant insert (account_id, name, created_at), update (verified, promotion_tier, rating_sum, review_count) on market.shop to shoetopia_api;
grant insert (shop_id), update (balance_cents, pairs_sold) on market.balance to shoetopia_api;
grant insert (shop_id, amount_cents, pairs, reason, order_id, at) on market.balance_entry to shoetopia_api;
grant insert (shop_id, account_id, rating, comment, created_at, updated_at), update (rating, comment, updated_at)
	on market.review to shoetopia_api;
grant insert, update (status, requested_at, decided_at) on market.verification to shoetopia_api;
grant insert on market.promotion to shoetopia_api;
grant insert (shop_id, discounts, discounts_left, percent_off, starts_at, ends_at), update (discounts_left, ends_at, replaced_at)
	on market.sale to shoetopia_api;
grant insert (shop_id, sale_id, delta, reason, order_id, at) on market.discount_entry to shoetopia_api;

-- catalogue
grant insert (brand, style, color) on market.shoe to shoetopia_api;
grant insert (shop_id, listing_id, shoe_id, size, condition, audience, price_cents, in_stock, promotion_tier, created_at),
	update (price_cents, in_stock, promotion_tier, withdrawn_at) on market.listing to shoetopia_api;
grant insert, update (available) on market.stock to shoetopia_api;
grant insert (shop_id, listing_id, delta, reason, order_id, at) on market.stock_entry to shoetopia_api;
grant insert on market.word_slip, market.shoe_word to shoetopia_api;

-- orders
grant insert, update (quantity), delete on market.cart_item to shoetopia_api;
grant insert, update (status, cancelled_at) on market.orders to shoetopia_api;
grant insert, update (status, tracking, updated_at) on market.shipment to shoetopia_api;
grant insert on market.order_line to shoetopia_api;
