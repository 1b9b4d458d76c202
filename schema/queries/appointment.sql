-- name: create_slot :one rw
-- Offers a slot at one of the shop's stations, where there is none at that time.
select code, answer
from api.create_slot(:session::bytea, :shop_id::bigint, :station::text, :starts_at::timestamptz, :ends_at::timestamptz,
	:key::text, :digest::bytea);

-- name: slots :one ro public
-- The shop's calendar, ordered by start, with what is taken.
select api.slots(:session::bytea, :shop_id::bigint, :from::timestamptz, :to::timestamptz, :limit::int, :cursor::text) as answer;

-- name: book_slot :one rw
-- Books a slot: the first caller has it.
select code, answer from api.book_slot(:session::bytea, :slot_id::bigint, :key::text, :digest::bytea);

-- name: cancel_appointment :none rw
-- Cancels the account's appointment.
select api.cancel_appointment(:session::bytea, :slot_id::bigint);

-- name: withdraw_slot :one rw
-- Withdraws a free slot.
select api.withdraw_slot(:session::bytea, :slot_id::bigint) as answer;

-- name: appointments :one ro
-- The account's appointments, latest first.
select api.appointments(:session::bytea, :limit::int, :cursor::text) as answer;
