-- name: create_session :one rw
-- Begins a session, if the hash that was checked is still the account's.
select api.create_session(:account_id::bigint, :password_hash::text, :new_session::bytea, :address::text) as answer;

-- name: end_session :none rw unkeyed
-- Signs out.
select api.end_session(:session::bytea);

-- name: sessions :one ro
-- Where the account is signed in, newest first.
select api.sessions(:session::bytea, :limit::int, :cursor::text) as answer;

-- name: end_account_session :one rw unkeyed
-- Ends one of the account's sessions; true: it was the caller's own.
select api.end_account_session(:session::bytea, :session_id::bigint)::text as answer;

-- name: end_other_sessions :none rw unkeyed
-- Ends all sessions of the account but this one.
select api.end_other_sessions(:session::bytea);

-- name: note_sessions :one rw
-- Notes that sessions were used: their digests, with commas between them.
select api.note_sessions(string_to_array(:sessions::text, ',')::bytea[]) as answer;

-- name: viewer :opt ro
-- The account of the session, for the head of a page; no row without a session.
select v.answer from api.viewer(:session::bytea) as v(answer) where v.answer is not null;

-- name: kept_answer :opt ro
-- What the request's key was answered before; no row if it is a new one.
select code, answer from api.kept_answer(:session::bytea, :key::text, :digest::bytea);
