-- A search by words asks for up to a thousand shoes, and the planner compares each of them with each of the most common ones. Few of these are enough:
-- it takes a third of the time, and shoes are about equally common.
alter table market.listing alter column shoe_id set statistics 10;
