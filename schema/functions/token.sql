-- Tokens in links of mails: to confirm an e-mail, and to set a new password. A request only adds a row to the outbox; the worker that sends the mail makes
-- the token (schema/functions/mail.sql), so a request for an e-mail that no account has does the same work as any other.

-- Adds a mail of p_body with a link, unless three of its kind and p_to (whom it is for) were added within an hour, or one waits to be sent: nothing then, and
-- no answer says so.
create function api.ask_token(p_to text, p_body json, p_account_id bigint) returns void
language plpgsql as $$
declare
	v_now timestamptz;
	v_recent int;
	v_waiting int;
begin
	perform pg_advisory_xact_lock(4, hashtext(p_to)); -- guard: mails
	v_now := market.clock();
	select count(*), count(*) filter (where o.done_at is null and o.flagged_at is null) into v_recent, v_waiting
	from market.outbox o
	where o.kind = 'mail' and o.order_id is null and o.subject collate "C" >= p_to || ':' and o.subject collate "C" < p_to || ';'
		and o.created_at > v_now - interval '1 hour';
	if v_recent < 3 and v_waiting = 0 then
		perform api.outbox_add('mail', p_to || ':' || api.time_mark(v_now), p_body::text, null, p_account_id, v_now);
	end if;
end
$$;

-- Whom mails for an e-mail are counted for. An outbox row shows its subject to admins, so it has a digest.
create function api.token_of_email(p_email text) returns text
language sql stable
return 'reset:' || encode(sha256(convert_to(market.email_key(p_email), 'UTF8')), 'hex');

-- Where the program sends no mails.
create function api.refuse_mail() returns void
language sql
return api.refuse('invalid_state', 'This marketplace sends no mails. Its operator can set a password.');

-- p_sends: whether the program sends mails.
create function api.ask_confirmation(p_session bytea, p_sends boolean) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account_id bigint := api.require(p_session, 'member');
	v_confirmed_at timestamptz;
begin
	select a.email_confirmed_at into v_confirmed_at from market.account a where a.account_id = v_account_id;
	if v_confirmed_at is not null then
		perform api.refuse_unchanged('invalid_state', 'This e-mail is confirmed already.');
	end if;
	if not p_sends then
		perform api.refuse_mail();
	end if;
	perform api.ask_token('confirm:' || v_account_id, json_build_object('kind', 'confirm'), v_account_id);
	return '{"status": "accepted"}';
end
$$;

-- Needs no caller. It reads no account: the same for every e-mail. More than 100 within 15 minutes from one network are dropped.
create function api.ask_password_reset(p_email text, p_network text, p_sends boolean) returns json
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
begin
	perform api.must_be_durable();
	if not p_sends then
		perform api.refuse_mail();
	end if;
	if p_network is null
		or api.throttle_count(sha256(convert_to('mail for network ' || p_network, 'UTF8')), 100, market.clock()) is null
	then
		perform api.ask_token(api.token_of_email(p_email), json_build_object('kind', 'reset', 'email', p_email), null);
	end if;
	return '{"status": "accepted"}';
end
$$;

create function api.refuse_token() returns void
language sql
return api.refuse('invalid', null, api.field_error('token', 'This link has expired, or it was used already. Ask for a new one.'));

-- The account's tokens count no more: its password or e-mail has changed.
create function api.void_tokens(p_account_id bigint) returns void
language sql
begin atomic
	delete from market.mail_token t where t.account_id = p_account_id;
end;

-- The account for which a token of this kind counts, locked; refuses if there is none. p_used_with: what it is used with. The same token with the same once
-- more within its time is refused as what is so already.
create function api.use_token(p_kind text, p_token bytea, p_used_with bytea) returns market.account
language plpgsql as $$
declare
	v_account market.account;
	v_token market.mail_token;
	v_now timestamptz;
begin
	select * into v_account
	from market.account a
	where a.account_id = (select t.account_id from market.mail_token t where t.token_digest = p_token)
	for no key update -- guard: token
	;
	v_now := market.clock();
	select * into v_token from market.mail_token t where t.token_digest = p_token and t.kind = p_kind and t.expires_at > v_now;
	if v_token.used_with = p_used_with then
		perform api.refuse_unchanged('invalid', null, api.field_error('token', 'This link was used already.')::jsonb);
	elsif v_token.token_digest is null or v_token.used_with is not null or v_token.email_key <> v_account.email_key then
		perform api.refuse_token();
	end if;
	delete from market.mail_token t where t.account_id = v_account.account_id and t.token_digest <> p_token;
	update market.mail_token t set used_with = p_used_with, expires_at = v_now + interval '10 minutes' where t.token_digest = p_token;
	return v_account;
end
$$;

-- Needs no caller: the token stands for the account.
create function api.confirm_email(p_token bytea) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account market.account;
begin
	perform api.must_be_durable();
	v_account := api.use_token('confirm', p_token, p_token);
	update market.account a set email_confirmed_at = market.clock() where a.account_id = v_account.account_id;
end
$$;

-- Whether the token may be used, before the new password is hashed: a hash takes memory and time that a made-up token must not cost. p_use: a digest of
-- token and password.
create function api.check_reset(p_token bytea, p_use bytea) returns void
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_token market.mail_token;
begin
	select * into v_token from market.mail_token t where t.token_digest = p_token and t.kind = 'reset' and t.expires_at > market.clock();
	if v_token.used_with = api.hmac(p_use) then
		perform api.refuse_unchanged('invalid', null, api.field_error('token', 'This link was used already.')::jsonb);
	elsif v_token.token_digest is null or v_token.used_with is not null then
		perform api.refuse_token();
	end if;
end
$$;

-- Sets the password and ends all sessions of the account, also one that is being created: create_session locks the same row. Who has the link reads
-- the mails of this address, so it is confirmed too.
create function api.reset_password(p_token bytea, p_use bytea, p_new_password_hash text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_account market.account;
begin
	perform api.must_be_durable();
	v_account := api.use_token('reset', p_token, api.hmac(p_use));
	update market.account a
	set password_hash = p_new_password_hash, email_confirmed_at = coalesce(a.email_confirmed_at, market.clock())
	where a.account_id = v_account.account_id;
	delete from market.session s where s.account_id = v_account.account_id;
end
$$;
