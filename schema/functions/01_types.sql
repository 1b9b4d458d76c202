-- What the phases of a batched function hand to each other. Each type is a set of columns: element k of every array belongs to the same
-- call, line, listing or shop, and the arrays begin at 1. A function takes and returns such a set as a whole, which costs a few microseconds for
-- each batch. Elements are read in place, like `p_lines.quantity[j]`. Of an array of numbers without NULLs that takes the same time
-- wherever the element stands; where there are NULLs, and of text, the elements before it are walked over, so what may be long is copied into a variable
-- of its own first.
--
-- The types stand in a file of their own since the tests run the other files over existing functions, where `create type` would fail.

-- The calls of a batch, in order of arrival: see api.batch_begin.
create type api.batch as (
	calls int,
	account_id bigint[], -- NULL: no session
	key text[], -- NULL: none
	digest bytea[], -- of the request, see market.idempotency
	repeats boolean, -- an account calls more than once; NULL: none does
	first int[], -- the first call of the batch with the same account and key; of a call without a key: itself
	code text[], -- NULL: to be decided
	answer text[],
	diverts boolean, -- calls that need a row that is stuck are not carried out: see api.batch_divert
	skips_locked boolean, -- that are all rows that another transaction holds now
	stuck text[], -- those that were stuck before, as KIND:ID
	has_lapsed_review boolean -- whether an account that was locked has one: see review.sql
);

-- What the calls of a checkout ask for, besides their lines.
create type api.checkout_calls as (
	buys_cart boolean[],
	expected_cents bigint[], -- NULL: any total will do
	expected_price_cents bigint[], -- the most that a pair may cost; NULL: any price will do (the array: to all calls)
	ships boolean[], -- delivery is 'ship'; false: 'pickup'
	address json[], -- where it is shipped to; NULL: picked up, or the account has no address
	payment_seconds int, -- in which orders have to be paid; NULL: payments are off
	payment_head text, -- the beginning of an order's payment in its answer; NULL: payments are off
	payment_min_cents bigint, -- the least that the provider charges
	fee_bps int -- of the marketplace, in hundredths of a percent
);

-- Their lines: one for each listing that a call asks for, in the order of the calls, within a call shop by shop, and there in the order asked.
create type api.checkout_lines as (
	call int[],
	shop_id bigint[], -- 0: there is no such listing
	listing_id bigint[],
	quantity int[],
	position int[], -- in the call
	listing int[], -- the element of api.checkout_listings
	reservation_id bigint[], -- that the account holds of this listing; 0: none; the whole array is NULL where nothing is held
	share int[], -- the element of share_left; NULL where no sale has a limit for each account
	shipping_cents bigint[], -- of the shipment whose last line this is, 0 of the others; NULL: its shop does not deliver so; the array is NULL where all do for nothing
	share_left int[] -- discounted pairs that an account may still get of a shop's sale; not one for each line
);

-- The listings of all these lines, each once, in the order of their keys (shop, listing).
create type api.checkout_listings as (
	shop_id bigint[],
	listing_id bigint[],
	shop int[], -- the element of api.checkout_shops
	available bigint[], -- pairs neither sold nor held; 0 if the listing is gone
	price_cents bigint[],
	sale_price_cents bigint[], -- 0: no sale
	shoe text[], -- as it stands in an answer
	held boolean -- whether any pair of any of them is held
);

-- Their shops, likewise.
create type api.checkout_shops as (
	shop_id bigint[],
	owner_id bigint[], -- 0: there is no such shop
	shop text[], -- as it stands in an answer
	sale_id bigint[], -- NULL: no sale
	percent_off int[],
	discounts_left int[], -- 0 if there is no sale
	per_account int[], -- the whole array is NULL where no sale has such a limit
	profile_id bigint[], -- 0: it has said nothing
	pickup text[], -- where and when a pair is picked up, as it stands in an answer
	-- Both arrays are NULL where each shop offers both for nothing: see checkout_delivery.sql.
	offers_pickup boolean[],
	shipping_cents int[] -- of a shipment; NULL: it does not ship
);

-- What a checkout decides.
create type api.checkout_orders as (
	-- for each call
	code text[], -- NULL: sold, or the duplicate of a call that was
	answer text[],
	winner int[], -- by api.batch.first: the call that bought; NULL: none
	order_id bigint[], -- 0: none
	total_cents bigint[],
	discount_cents bigint[],
	-- for each line
	shipment_id bigint[], -- 0: not sold
	discounted int[], -- pairs
	line_cents bigint[],
	shipment_pairs bigint[], -- of the shipment whose last line this is; 0 of the others
	shipment_cents bigint[],
	-- for each listing
	available bigint[],
	-- for each shop
	discounts_left int[],
	sold_pairs bigint[], -- for good: not those of orders that wait to be paid
	sold_cents bigint[],
	-- reservations that are used up
	used_shop_id bigint[],
	used_id bigint[]
);

-- The lines of a batch of create_reservation: one for each listing that a call asks for, in the order of the calls, then in the order asked.
create type api.reservation_lines as (
	call int[],
	shop_id bigint[], -- 0: there is no such listing
	listing_id bigint[],
	listing int[], -- lines of one listing have the same number, counted from 1 in the order of the keys (shop, listing)
	holder int[] -- likewise for the account and the listing
);
