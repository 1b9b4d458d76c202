-- name: audit :one ro
-- Every invariant with its count of violations, for an admin.
select api.audit(:session::bytea) as answer;

-- name: audit_step :one rw
-- One step of the incremental audit, if one is due; returns whether one was made.
select api.audit_step() as answer;

-- name: audit_rows :many ro owner
-- Every invariant, checked anew, for the owner of the tables (--audit), without a session.
select name, violations from api.audit_rows();

-- name: audit_kept :many ro owner
-- Every invariant, with what the steps found.
select name, violations, market.rfc3339(checked_at) as checked_at, market.rfc3339(swept_at) as swept_at from api.audit_results(false);

-- name: audit_begin :one rw owner
-- The time by whose commits --audit goes, and whether the marketplace is so small that it is checked anew. The next step takes a new mark.
with mark as (
	update market.audit_state set mark_xid = null returning one
)
select clock_timestamp() as began, api.audit_is_small() as is_small from mark;

-- name: audit_new :one rw owner
-- One step through what is new: whether one was made, and whether all that was committed at :began has been checked.
select api.audit_one_step(true) as made, (select coalesce(s.checked_at >= :began::timestamptz, false) from market.audit_state s) as is_through;
