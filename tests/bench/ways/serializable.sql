-- Read, decide, write as in read_then_write.sql, and the database is told to see to it. RIGHT: who read what another has changed since is
-- turned away with 40001 and tries again (pgbench counts these). In a crowd for one row that is nearly everybody, nearly every time.
\set buyer random(1, 1000000)
begin isolation level serializable;
select available as left from ways.stock where listing_id = 1 \gset
\if :left > 0
update ways.stock set available = :left - 1 where listing_id = 1;
insert into ways.sale (listing_id, buyer) values (1, :buyer);
\endif
commit;
