-- Statements of --migrate, what a program checks before it serves, and what its batches ask while a row is stuck.

-- name: schema_state :one ro
-- The version of the schema, and whether the server's settings keep acknowledged commits.
select (select max(v.version) from market.schema_version v) as version,
	(select f.digest from market.schema_functions f) as functions,
	current_setting('synchronous_commit') as synchronous_commit,
	current_setting('fsync') as fsync,
	current_setting('full_page_writes') as full_page_writes;

-- name: wal_position :one ro
-- Up to where a primary's log is on its disk, and a standby has replayed it: all that was committed before is visible there.
select (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end - '0/0'::pg_lsn)::text as position;

-- name: migration_roles :one ro owner
-- The connected role, and the roles that do not exist.
select current_user as who, string_agg(r.name, ', ') as missing
from unnest(array['shoetopia_owner', 'shoetopia_api', 'shoetopia_app']) as r(name)
where not exists (select from pg_roles p where p.rolname = r.name);

-- name: migration_lock :one rw owner
-- Waits, without a limit, until no other --migrate runs. The lock is released with the connection.
select set_config('lock_timeout', '0', false), set_config('statement_timeout', '0', false),
	set_config('idle_in_transaction_session_timeout', '0', false), pg_advisory_lock(hashtextextended('shoetopia --migrate', 0));

-- name: migration_limits :one rw owner
-- Limits the wait for a table that is in use: its readers would queue behind the migration.
select set_config('lock_timeout', :lock_timeout::text, false);

-- name: migration_newest :one ro owner
-- The newest migration of this database.
select coalesce(max(v.version), 0) as version from market.schema_version v;

-- name: migration_known :opt ro owner
-- A migration that was applied.
select v.name, v.digest from market.schema_version v where v.version = :version::int;

-- name: migration_keep :none rw owner
-- Records that a migration was applied.
insert into market.schema_version (version, name, digest, applied_at)
values (:version::int, :name::text, :digest::text, clock_timestamp());

-- name: functions_known :opt ro owner
-- The digest of the functions that are installed.
select f.digest from market.schema_functions f;

-- name: functions_keep :none rw owner
-- Records which functions are installed.
insert into market.schema_functions as f (one, digest, replaced_at) values (true, :digest::text, clock_timestamp())
on conflict (one) do update set digest = excluded.digest, replaced_at = excluded.replaced_at where f.one;

-- name: still_locked :one rw
-- Which of these rows another transaction holds; waits up to :wait_ms for the first.
select api.still_locked(:rows::text[], :wait_ms::int) as answer;
