-- name: sign_in :one rw
-- The hash of the account with this e-mail, for the program to check the password; the attempt is counted.
select account_id, password_hash, throttle_keys, counted_at, retry_after from api.sign_in(:email::text, :network::text);

-- name: session_password :one rw unkeyed
-- The hash to check the present password against, before it or the e-mail is changed; the attempt is counted.
select account_id, password_hash, throttle_keys, counted_at, retry_after from api.session_password(:session::bytea, :network::text);

-- name: throttle_succeeded :none rw
-- The password of an attempt was right: it no longer counts.
select api.throttle_succeeded(:account_id::bigint, :network::text, :throttle_keys::bytea[], :counted_at::timestamptz);

-- name: purge_throttle :one rw
-- Deletes old counters and networks, some hundreds at a time; returns how many.
select api.purge_throttle() as answer;
