-- Together: what 64 buyers who wait ask for goes in one array, in order of arrival, and one transaction serves them all. RIGHT, and the crowd shares
-- one lock, one round trip and one write to the disk. It takes somebody who gathers the calls: in Shoetopia src/db/batcher.c.
-- Here one client of pgbench comes with the calls of 64; these are the same 64 waiting buyers as 64 clients with one each.
select count(*) from ways.buy_batched((select jsonb_agg(jsonb_build_object('buyer', (1000000 * random())::bigint)) from generate_series(1, 64)));
