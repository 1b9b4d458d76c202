-- name: shoe_prices :opt ro public
-- What a shoe sold for in the last 12 months.
select f.answer from api.shoe_prices(:shoe_id::bigint) as f(answer) where f.answer is not null;
