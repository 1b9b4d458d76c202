-- name: checkout :one rw batched by items
-- Buys the cart, or the items named: all of it or nothing, once for each key.
select n, code, answer from api.checkout(:calls::jsonb, :lock_ms::int, :stuck::text[]);
