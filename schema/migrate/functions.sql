-- Before the functions of another program come, the old ones go. In one transaction with them: nobody sees the schema empty.

drop schema if exists api cascade;
create schema api;
