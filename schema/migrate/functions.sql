-- Drops the old functions before the new ones are created. Both in one transaction: no session sees the schema empty.

drop schema if exists api cascade;
create schema api;
