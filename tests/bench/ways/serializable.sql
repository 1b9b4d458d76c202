-- Read, decide, write as in read_then_write.sql, with isolation level SERIALIZABLE. CORRECT: a transaction that read what another has changed since
-- fails with 40001 and is retried (pgbench counts these). With many buyers of one row that is nearly every transaction.
\set buyer random(1, 1000000)
begin isolation level serializable;
select available as left from ways.stock where listing_id = 1 \gset
\if :left > 0
update ways.stock set available = :left - 1 where listing_id = 1;
insert into ways.sale (listing_id, buyer) values (1, :buyer);
\endif
commit;
