-- name: ask_verification :one rw
-- Asks to be verified; also before the shop is eligible.
select code, answer from api.ask_verification(:session::bytea, :shop_id::bigint, :key::text, :digest::bytea);

-- name: verification :one ro
-- The state of the shop's request; for its owner and admins.
select api.verification(:session::bytea, :shop_id::bigint) as answer;

-- name: decide_verification :one rw
-- An admin verifies a shop, refuses, or takes a verification back.
select api.decide_verification(:session::bytea, :shop_id::bigint, :verified::boolean, :reason::text) as answer;

-- name: verifications :one ro
-- The shops that wait for an admin.
select api.verifications(:session::bytea, :limit::int, :cursor::text) as answer;
