-- The checkout of the second program of spread.py: the same function, but each call runs in a transaction of its own, on any free
-- connection, like every statement that is not marked `batched`.

-- name: checkout :one rw
-- Buys the cart, or the items named: all of it or nothing, once for each key.
select code, answer from api.checkout(jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('session', :session::text,
	'key', :key::text, 'digest', :digest::text, 'items', :items::jsonb, 'expected_total_cents', :expected_total_cents::bigint,
	'delivery', :delivery::text))));
