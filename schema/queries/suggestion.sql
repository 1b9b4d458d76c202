-- name: suggestions :one ro public
-- What a search may go on to.
select api.suggestions(:q::text, :sold_out::boolean) as answer;

-- name: count_suggestions :one rw
-- Counts what is in stock of some suggestions; returns of how many.
select api.count_suggestions() as answer;
