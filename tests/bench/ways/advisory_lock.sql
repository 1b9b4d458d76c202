-- An advisory lock, named after the listing, until the transaction ends. RIGHT as long as everybody who touches the stock remembers it: nothing
-- but discipline ties it to the row. Its queue is cheaper than that of a row; the read has to be a statement of its own, after the wait.
\set buyer random(1, 1000000)
begin;
select pg_advisory_xact_lock(1, 1);
select available as left from ways.stock where listing_id = 1 \gset
\if :left > 0
update ways.stock set available = available - 1 where listing_id = 1;
insert into ways.sale (listing_id, buyer) values (1, :buyer);
\endif
commit;
