-- One buyer, one call of the function, one commit. :first and :last: between them the listings, which are bought evenly.
\set buyer random(1, 512)
\set listing random(:first, :last)
select rival.buy(sha256(convert_to(:buyer, 'UTF8')), gen_random_uuid()::text, :listing);
