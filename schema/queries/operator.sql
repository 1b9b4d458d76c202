-- name: health :one ro
-- Does the database answer?
select '{"status":"ok"}'::json as answer;
