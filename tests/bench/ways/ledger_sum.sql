-- No counter: a pair is left if fewer were sold than there were, computed in one statement as if that made it atomic. WRONG: the statement sees what was
-- committed when it began, not concurrent sales, and no lock stops an insert. SLOW as well: each sale counts all earlier ones.
\set buyer random(1, 1000000)
insert into ways.sale (listing_id, buyer)
select s.listing_id, :buyer from ways.stock s
where s.listing_id = 1 and s.available > (select count(*) from ways.sale l where l.listing_id = 1);
