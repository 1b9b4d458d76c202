-- name: reconcile_object :one rw
-- Compares a session or refund of the provider with the ledger, and applies what is late.
select api.reconcile_object(:object::jsonb) as answer;

-- name: reconcile_rest :one ro
-- What the ledger has and the provider has not.
select api.reconcile_rest(:seconds::int, :seen::text[]) as answer;
