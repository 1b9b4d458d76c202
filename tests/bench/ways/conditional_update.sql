-- A conditional UPDATE, with the ledger in the same statement. RIGHT, and short: the condition is checked again when the lock was waited for, and the
-- lock is held for one statement and one commit. The best that a buyer alone can do; still one write to the disk after the other.
\set buyer random(1, 1000000)
with sold as (
	update ways.stock set available = available - 1 where listing_id = 1 and available > 0 returning listing_id
)
insert into ways.sale (listing_id, buyer) select listing_id, :buyer from sold;
