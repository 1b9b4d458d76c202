-- The first page of everything, for a client that is signed in.
\set buyer random(1, 512)
select rival.list(sha256(convert_to(:buyer, 'UTF8')));
