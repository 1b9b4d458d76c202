-- name: shoe :opt ro public
-- A shoe, with its cheapest offer for each size.
select f.answer from api.shoe(:shoe_id::bigint) as f(answer) where f.answer is not null;

-- name: shoe_page :opt ro public
-- A shoe as its page shows it: its sizes, and the offers of one of them.
select f.answer from api.shoe_page(:shoe_id::bigint, :audience::text, :size::numeric) as f(answer) where f.answer is not null;
