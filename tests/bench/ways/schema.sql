-- The small shop of the eight ways: one listing, its counter, and a ledger of sales. Created anew before each measurement, with :pairs pairs.
drop schema if exists ways cascade;
create schema ways;

-- The version is for version.sql. The fill factor leaves space in the page for HOT updates.
create table ways.stock (
	listing_id bigint primary key,
	available bigint not null,
	version bigint not null default 0
) with (fillfactor = 50);

-- The sales. Each row is a purchase that was acknowledged to its buyer.
create table ways.sale (
	sale_id bigint generated always as identity primary key,
	listing_id bigint not null,
	buyer bigint not null,
	at timestamptz not null default clock_timestamp()
);

-- Called by version.sql if the version has changed: pgbench retries after this error.
create function ways.came_too_late() returns void
language plpgsql as $$
begin
	raise exception 'another buyer was quicker' using errcode = 'serialization_failure';
end
$$;

-- One transaction for many buyers: the lock, then the read in a statement of its own, then each in order of arrival while there are pairs
-- left, then all writes. Built like api.checkout, over these two tables.
create function ways.buy_batched(p_calls jsonb) returns table (n bigint, sold boolean)
language plpgsql as $$
declare
	v_left bigint;
begin
	perform from ways.stock s where s.listing_id = 1 for no key update;
	select s.available into v_left from ways.stock s where s.listing_id = 1;

	insert into ways.sale (listing_id, buyer)
	select 1, (c.call ->> 'buyer')::bigint
	from jsonb_array_elements(p_calls) with ordinality as c(call, n)
	where c.n <= v_left
	order by c.n;
	update ways.stock s set available = v_left - least(v_left, jsonb_array_length(p_calls)) where s.listing_id = 1;

	return query select g::bigint, g <= v_left from generate_series(1, jsonb_array_length(p_calls)) as g;
end
$$;

grant usage on schema ways to shoetopia_app;
grant select, insert, update on all tables in schema ways to shoetopia_app;

insert into ways.stock (listing_id, available) values (1, :pairs);
