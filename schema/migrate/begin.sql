-- What --migrate needs to know the state of a database. Runs each time, so it changes nothing that exists.

create schema if not exists market;

-- The migrations that were applied, each once; the digest reveals a file that was edited afterwards.
create table if not exists market.schema_version (
	version int constraint schema_version_pk primary key,
	name text not null,
	digest text not null,
	applied_at timestamptz not null,
	constraint schema_version_positive check (version > 0)
);

-- The digest of the functions in schema api. One row.
create table if not exists market.schema_functions (
	one boolean constraint schema_functions_pk primary key,
	digest text not null,
	replaced_at timestamptz not null,
	constraint schema_functions_one check (one)
);

grant usage on schema market to shoetopia_app;
grant select on market.schema_version, market.schema_functions to shoetopia_app;
