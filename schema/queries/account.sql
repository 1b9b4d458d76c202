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

-- name: grant_admin :opt rw owner
-- Makes an account an admin. Only the owner of the tables may.
with granted as (
	update market.account set role = 'admin' where email_key = market.email_key(:email::text)
	returning account_id, name, email, role
)
select json_build_object('account_id', g.account_id, 'name', g.name, 'email', g.email, 'role', g.role) as answer
from granted g
cross join lateral api.note_act(null, 'grant_admin', format('account %s (%s)', g.account_id, g.name), null);
