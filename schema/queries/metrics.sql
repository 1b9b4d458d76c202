-- name: metrics_of_audit :one ro
-- For metrics: the violations that the audit's steps found, and the seconds since everything new was checked last; -1: not yet.
select violations, age_seconds from api.metrics_of_audit();
