-- A conditional UPDATE, with the ledger in the same statement. CORRECT and short: the condition is checked again after the wait for the lock, and the
-- lock is held for one statement and one commit. The best choice for single calls; still one fsync after the other.
\set buyer random(1, 1000000)
with sold as (
	update ways.stock set available = available - 1 where listing_id = 1 and available > 0 returning listing_id
)
insert into ways.sale (listing_id, buyer) select listing_id, :buyer from sold;
