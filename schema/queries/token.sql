-- name: ask_confirmation :one rw
-- Asks for a mail whose link confirms the account's e-mail.
select api.ask_confirmation(:session::bytea, :sends::boolean) as answer;

-- name: ask_password_reset :one rw
-- Asks for a mail whose link sets a new password; the same for an e-mail that no account has.
select api.ask_password_reset(:email::text, :network::text, :sends::boolean) as answer;

-- name: confirm_email :none rw
-- Confirms the e-mail that a token was sent to.
select api.confirm_email(:token_digest::bytea);

-- name: check_reset :none ro
-- Refuses a token that cannot set a password.
select api.check_reset(:token_digest::bytea, :use::bytea);

-- name: reset_password :none rw
-- Sets the password of the account that a token was sent to, and ends all of its sessions.
select api.reset_password(:token_digest::bytea, :use::bytea, :new_password_hash::text);
