-- SELECT FOR UPDATE: the row is locked before it is read. CORRECT: after the wait a transaction reads what the previous one left. But the lock is held
-- for four round trips and an fsync per buyer; and the more buyers wait, the more of them wake up for one pair.
\set buyer random(1, 1000000)
begin;
select available as left from ways.stock where listing_id = 1 for update \gset
\if :left > 0
update ways.stock set available = available - 1 where listing_id = 1;
insert into ways.sale (listing_id, buyer) values (1, :buyer);
\endif
commit;
