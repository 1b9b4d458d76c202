-- name: mail_orders :one rw
-- Derives the mails of new orders; for the background task.
select api.mail_orders()::text as answer;

-- name: mail_message :one rw
-- What the mail of an outbox row tells, with a new token for its link; NULL: it is not to be sent.
select api.mail_message(:outbox_id::bigint, :lease::text, :token_digest::bytea) as answer;
