-- name: create_account :one rw batched
-- Signs up, and begins the first session. Of several calls with one e-mail one wins.
select n, code, answer from api.create_account(:calls::jsonb);

-- name: new_account :one ro
-- Whether an account of this e-mail and name was made some minutes ago.
select api.is_new_account(:email::text, :name::text)::text as answer;

-- name: account :one ro
-- The caller's account.
select api.account(:session::bytea) as answer;

-- name: change_password :none rw
-- Changes the password, if the hash that was checked is still the account's, and ends every other session.
select api.change_password(:session::bytea, :password_hash::text, :new_password_hash::text);

-- name: change_email :one rw
-- Changes the e-mail, if the hash that was checked is still the account's.
select api.change_email(:session::bytea, :password_hash::text, :new_email::text) as answer;

-- name: put_address :one rw
-- Sets the account's address.
select api.put_address(:session::bytea,
	row(null, :name::text, :line1::text, :line2::text, :city::text, :region::text, :postcode::text, :country::text)::market.address) as answer;

-- name: put_sharing :one rw
-- Sets whether friends see each purchase.
select api.put_sharing(:session::bytea, :purchases::boolean) as answer;

-- name: export_account :one ro
-- All that is kept about the caller's account.
select api.export_account(:session::bytea) as answer;

-- name: delete_account :none rw unkeyed
-- Deletes the account, if the hash that was checked is still its hash.
select api.delete_account(:session::bytea, :password_hash::text);

-- name: set_password :opt rw owner
-- Sets a password and ends all sessions of the account. Only the owner of the tables may.
with changed as (
	update market.account set password_hash = :password_hash::text
	where email_key = market.email_key(:email::text) and deleted_at is null
	returning account_id, name, email
), ended as (
	delete from market.session s using changed c where s.account_id = c.account_id
), voided as (
	delete from market.mail_token t using changed c where t.account_id = c.account_id
)
select json_build_object('account_id', c.account_id, 'name', c.name, 'email', c.email) as answer
from changed c
cross join lateral api.note_act(null, 'set_password', format('account %s (%s)', c.account_id, c.name), null);

-- name: grant_admin :opt rw owner
-- Makes an account an admin. Only the owner of the tables may.
with granted as (
	update market.account set role = 'admin' where email_key = market.email_key(:email::text)
	returning account_id, name, email, role
)
select json_build_object('account_id', g.account_id, 'name', g.name, 'email', g.email, 'role', g.role) as answer
from granted g
cross join lateral api.note_act(null, 'grant_admin', format('account %s (%s)', g.account_id, g.name), null);
