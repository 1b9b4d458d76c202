-- name: audit :one ro
-- Every invariant with its count of violations, for an admin.
select api.audit(:session::bytea) as answer;

-- name: audit_rows :many ro owner
-- The same for the owner of the tables (--audit), without a session.
select name, violations from api.audit_rows();
