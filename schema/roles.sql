-- The database and its three roles. Run once by a superuser, connected to any database; running it again changes nothing:
--     psql -d postgres -f schema/roles.sql [-v database=shoetopia]
--
-- shoetopia_owner  owns the tables and may change them; `shoetopia --migrate` and `--audit` run as this one
-- shoetopia_api    cannot log in; the functions of schema api run as this one. It owns no table, and may only add to a ledger
-- shoetopia_app    the running program: may call the functions of schema api, and read what its statements read
\set ON_ERROR_STOP on
\if :{?database}
\else
\set database shoetopia
\endif

select format('create role %I %s', r.name, r.kind)
from (values ('shoetopia_owner', 'login'), ('shoetopia_api', 'nologin'), ('shoetopia_app', 'login')) as r(name, kind)
where not exists (select from pg_roles where rolname = r.name)
\gexec

grant shoetopia_api to shoetopia_owner;

-- An acknowledged write is never lost. A role can change these settings for itself and for its sessions, so every function that writes asks for them
-- first and refuses another value than on or remote_apply (api.must_be_durable); the program does not start with another, and --audit reports it.
alter role shoetopia_app set synchronous_commit = on;
alter role shoetopia_owner set synchronous_commit = on;
alter role shoetopia_api set synchronous_commit = on;

-- Every wait has a limit. A lock wait ends before the statement does, so that the error names the lock.
alter role shoetopia_app set lock_timeout = '4s';
alter role shoetopia_app set statement_timeout = '5s';
alter role shoetopia_app set idle_in_transaction_session_timeout = '10s';
alter role shoetopia_api set lock_timeout = '4s';
alter role shoetopia_api set statement_timeout = '5s';
alter role shoetopia_api set idle_in_transaction_session_timeout = '10s';
alter role shoetopia_owner set lock_timeout = '1min';
alter role shoetopia_owner set statement_timeout = '15min';
alter role shoetopia_owner set idle_in_transaction_session_timeout = '1min';

-- Clients cause errors (a made-up token, a pair that is sold out), and PostgreSQL logs each with its statement by default: anybody could fill
-- the log, and what was asked for would stand in it. The program logs its faults itself; the log keeps events of the server, as in deploy/postgresql.conf.in.
alter role shoetopia_app set log_min_messages = log;
alter role shoetopia_app set log_min_error_statement = panic;
alter role shoetopia_app set log_error_verbosity = terse;
alter role shoetopia_app set log_parameter_max_length = 0;
alter role shoetopia_app set log_parameter_max_length_on_error = 0;

-- A broken connection is noticed during a long statement, and its locks are released within a second. JIT compilation costs more than any of our
-- statements.
alter role shoetopia_app set client_connection_check_interval = '500ms';
alter role shoetopia_app set jit = off;
alter role shoetopia_app set default_transaction_isolation = 'read committed';
alter role shoetopia_app set search_path = pg_catalog;
alter role shoetopia_owner set search_path = pg_catalog;

-- Text is ordered by its bytes: fast, and the same on every machine. Where letter case matters, ICU is named (market.fold).
select format('create database %I owner shoetopia_owner template template0 encoding %L lc_collate %L lc_ctype %L',
	:'database', 'UTF8', 'C', 'C.UTF-8')
where not exists (select from pg_database where datname = :'database')
\gexec

-- Other roles cannot connect to this database. That shoetopia_app connects to no other is for pg_hba.conf to say (deploy/INSTALL.md): the right to
-- connect to postgres and template1 is everyone's, and may be needed by others of the server.
revoke all on database :"database" from public;
grant connect on database :"database" to shoetopia_app;
