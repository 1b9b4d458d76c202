-- The small shop of the eight ways: one listing, its counter, and a ledger of what was sold. Made anew before each measurement; :pairs are there.
drop schema if exists ways cascade;
create schema ways;

-- The version is for the way that needs one. Room in the page lets an update stay in it.
create table ways.stock (
	listing_id bigint primary key,
	available bigint not null,
	version bigint not null default 0
) with (fillfactor = 50);

-- Where it stands that a pair was sold, to whom. The buyer of each line was told that the pair is theirs.
create table ways.sale (
	sale_id bigint generated always as identity primary key,
	listing_id bigint not null,
	buyer bigint not null,
	at timestamptz not null default clock_timestamp()
);

-- What version.sql calls when it came too late: pgbench tries once more after this error.
create function ways.came_too_late() returns void
language plpgsql as $$
begin
	raise exception 'another buyer was quicker' using errcode = 'serialization_failure';
end
$$;

-- One transaction for many buyers: the lock, then the read in a statement of its own, then each in order of arrival while there are pairs
-- left, then all writes. The shape of api.checkout, over these two tables.
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
