-- Optimistic: read without a lock, write if the version is still the one that was read, else try again (pgbench counts these). RIGHT, but in a
-- crowd nearly every try is in vain: one wins, all others have worked for nothing, and turn round to do it once more.
\set buyer random(1, 1000000)
begin;
select available as left, version as seen from ways.stock where listing_id = 1 \gset
\if :left > 0
with moved as (
	update ways.stock set available = available - 1, version = version + 1 where listing_id = 1 and version = :seen returning listing_id
)
select count(*) as won from moved \gset
\if :won = 0
select ways.came_too_late();
\endif
insert into ways.sale (listing_id, buyer) values (1, :buyer);
\endif
commit;
