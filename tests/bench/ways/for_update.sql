-- SELECT FOR UPDATE: the row is locked before it is read. RIGHT: whoever waited reads what the winner left. But the lock is held over four
-- round trips and a write to the disk, buyer by buyer; and the larger the crowd, the more of it wakes up for one pair.
\set buyer random(1, 1000000)
begin;
select available as left from ways.stock where listing_id = 1 for update \gset
\if :left > 0
update ways.stock set available = available - 1 where listing_id = 1;
insert into ways.sale (listing_id, buyer) values (1, :buyer);
\endif
commit;
