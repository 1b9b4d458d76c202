-- Batched: the calls of 64 waiting buyers go into one array, in order of arrival, and one transaction serves them all. CORRECT, and they share
-- one lock, one round trip and one fsync. It needs a component that collects the calls: in Shoetopia src/db/batcher.c.
-- Here one client of pgbench sends the calls of 64 buyers; these are as many waiting buyers as 64 clients with one call each.
select count(*) from ways.buy_batched((select jsonb_agg(jsonb_build_object('buyer', (1000000 * random())::bigint)) from generate_series(1, 64)));
