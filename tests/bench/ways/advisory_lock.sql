-- An advisory lock with the id of the listing, until the transaction ends. CORRECT as long as all code that changes the stock takes it: nothing
-- ties it to the row. Its queue is cheaper than that of a row lock; the read must be a statement of its own, after the wait.
\set buyer random(1, 1000000)
begin;
select pg_advisory_xact_lock(1, 1);
select available as left from ways.stock where listing_id = 1 \gset
\if :left > 0
update ways.stock set available = available - 1 where listing_id = 1;
insert into ways.sale (listing_id, buyer) values (1, :buyer);
\endif
commit;
