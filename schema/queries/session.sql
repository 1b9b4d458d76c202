-- name: sign_in :opt ro
-- The account with this e-mail and its hash; the program checks the password.
select account_id, password_hash from api.sign_in(:email::text);

-- name: create_session :one rw
-- Begins a session, if the hash that was checked is still the account's.
select api.create_session(:account_id::bigint, :password_hash::text, :new_session::bytea) as answer;

-- name: end_session :none rw
-- Signs out.
select api.end_session(:session::bytea);

-- name: viewer :opt ro
-- The account of the session, for the head of a page; no row without a session.
select v.answer from api.viewer(:session::bytea) as v(answer) where v.answer is not null;
