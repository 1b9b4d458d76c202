-- Read, decide, write back, as with an object that is loaded, changed and saved. WRONG: two buyers read the same 7 and both write 6. The second pair
-- is recorded nowhere; and since each waits for the lock only when it writes, a transaction around it does not help.
\set buyer random(1, 1000000)
begin;
select available as left from ways.stock where listing_id = 1 \gset
\if :left > 0
update ways.stock set available = :left - 1 where listing_id = 1;
insert into ways.sale (listing_id, buyer) values (1, :buyer);
\endif
commit;
