-- name: ask_friend :one rw
-- Asks another account, or accepts its request.
select code, answer from api.ask_friend(:session::bytea, :email::text, :account_id::bigint, :key::text, :digest::bytea);

-- name: drop_friend :none rw
-- Ends a friendship, or a request that is shown by number.
select api.drop_friend(:session::bytea, :account_id::bigint);

-- name: withdraw_friend_request :none rw
-- Withdraws the open requests by an e-mail.
select api.withdraw_friend_request(:session::bytea, :email::text);

-- name: friends :one ro
-- The account's friends, or requests to it or from it.
select api.friends(:session::bytea, :status::text, :limit::int, :cursor::text) as answer;

-- name: friend_suggestions :one ro
-- Friends of friends, those with the most common friends first.
select api.friend_suggestions(:session::bytea, :limit::int, :cursor::text) as answer;
