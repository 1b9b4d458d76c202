"""What the program's role (shoetopia_app) can do in the database by itself: connect to its own database alone, and call
functions that decide by the session who asks. A call without a session that is in force gets no data and changes nothing, except for PUBLIC.
"""
import json

from stack import StackError

# Functions that answer without a session, and what they may answer then.
PUBLIC = {
    "find_listings": "the catalogue",
    "compare_listings": "the catalogue",
    "shoe": "the catalogue",
    "shoe_page": "the catalogue",
    "sitemap": "how many parts the map of the site has",
    "sitemap_shoes": "the numbers of shoes in stock",
    "sitemap_shops": "the numbers of shops",
    "suggestions": "brands and styles of the catalogue",
    "count_suggestions": "how many of them it counted",
    "shoe_prices": "what was sold, not to whom",
    "sales": "the sales that are on",
    "listing_one": "one listing",
    "shop_one": "one shop",
    "photo_file": "a photo, to who knows its hash",
    "shop_listings": "what the shop offers, nothing that is sold out",
    "shop_reviews": "the reviews of a shop",
    "slots": "the calendar, no appointment of anyone",
    "events": "events, no booking of anyone",
    "event_one": "an event, no booking of anyone",
    "sign_in": "the hash of one e-mail, which the program checks the password against",
    "throttle_succeeded": "nothing",
    "is_new_account": "whether an account of this e-mail and name was made just now, which no client gets to know",
    "purge_throttle": "how many old counters it deleted",
    "purge_step": "which page of two tables comes next",
    "outbox_take": "what is due to be sent, which the program sends",
    "outbox_done": "whether the worker held the row",
    "outbox_retry": "whether the worker held the row",
    "outbox_flag": "whether the worker held the row",
    "metrics_of_payments": "how many payments have a flag",
    "reconcile_object": "how an object of the provider differs from the ledger",
    "reconcile_rest": "what the ledger has and the provider has not",
    "payment_object": "what became of a payment",
    "take_provider_event": "nothing",
    "page_to_expire": "a page of the provider, which the worker closes",
    "payment_report": "what became of a payment",
    "ask_about_payment": "nothing",
    "payments_due": "which orders the worker has to look at",
    "metrics_of_outbox": "how many rows wait and were given up",
    "metrics_of_audit": "the number of violations, and the age of the audit",
    "refresh_facets": "how many counts of the catalogue it made anew",
    "audit_step": "whether a step of the audit was due",
    "release_expired": "how many expired reservations it ended",
    "write_obstacle": "whether a write could be made",
    "still_locked": "which rows another transaction holds, by their numbers",
    "ask_password_reset": "the same for every e-mail",
    "mail_orders": "whether there is more to do",
    "mail_message": "nothing without the lease of a row",
    "note_sessions": "how many of these sessions it noted as used",
}
# Functions that refuse these arguments for another reason than the missing session, since they begin one.
BEGIN_A_SESSION = {"create_session": "wrong_password", "create_account": "email_taken"}
# Functions whose token stands for the account.
TAKE_A_TOKEN = {"confirm_email": "invalid", "check_reset": "invalid", "reset_password": "invalid"}

# Functions that are volatile, and write nothing: one looks for rows with settings of its own, the other locks rows for a moment.
READ_ONLY = {"find_listings", "still_locked"}

# Functions that write without a session: they count attempts to begin one, delete what has expired, or keep what the provider has signed.
WRITE_ANYWAY = {"sign_in", "throttle_succeeded", "purge_step", "ask_password_reset", "mail_orders", "take_provider_event"}

# Arguments that a caller with a session would be answered for, as SQL; `calls` of batched functions get the same.
ARGUMENTS = {
    "p_shop_id": "1", "p_listing_id": "1", "p_shoe_id": "1", "p_part_id": "1", "p_shoe_ids": "array[1, 2]", "p_ids": "array[1, 2]", "p_order_id": "1",
    "p_shipment_id": "(select 1)", "p_event_id": "1", "p_slot_id": "1", "p_reservation_id": "1", "p_account_id": "2", "p_email": "'buyer@example.com'",
    "p_new_email": "'other@example.com'", "p_password_hash": "'wrong'", "p_new_password_hash": "'!'", "p_new_session": "sha256('new')",
    "p_address": "row(null, 'A', 'B', null, 'C', null, 'D', 'US')::market.address", "p_quantity": "1", "p_delta": "1", "p_price_cents": "1000",
    "p_discounts": "1", "p_percent_off": "10", "p_ends_at": "null", "p_starts_at": "'2090-01-01 10:00Z'", "p_from": "null", "p_to": "null",
    "p_station": "'Chair'", "p_title": "'Event'", "p_capacity": "10", "p_versions": "null", "p_rating": "5", "p_comment": "'Fine.'", "p_tier": "3",
    "p_verified": "true", "p_suspended": "true", "p_lines": "'[{\"brand\": \"Brand\", \"style\": \"Style\", \"color\": \"red\", \"size\": 9, \"condition\": \"new\", \"audience\": \"men\", \"price_cents\": 1000, \"quantity\": 1}]'", "p_reason": "'Known from before.'", "p_status": "'pending'", "p_tracking": "null", "p_name": "'Free name'", "p_key": "'some-key-1'", "p_code": "null", "p_answer": "'{}'", "p_digest": "sha256('d')",
    "p_description": "'Worn once.'", "p_box": "'none'", "p_purchases": "true", "p_client_address": "null", "p_session_id": "1", "p_sessions": "array[sha256('none')]",
    "p_delivery": "null", "p_about": "null", "p_pickup_address": "null", "p_pickup_hours": "null", "p_contact_email": "null", "p_shipping_cents": "700",
    "p_limit": "20", "p_cursor": "null", "p_q": "null", "p_sold_out": "null", "p_stock": "null", "p_brand": "null", "p_style": "null", "p_color": "null", "p_size": "null", "p_condition": "null",
    "p_audience": "null", "p_min_price_cents": "null", "p_max_price_cents": "null", "p_on_sale": "null", "p_understood": "true", "p_sort": "null", "p_facets": "false", "p_network": "'192.0.2.1'", "p_throttle_keys": "array[sha256('a')]", "p_counted_at": "now()",
    "p_sends": "true", "p_token": "sha256('none')", "p_token_digest": "sha256('none')", "p_use": "sha256('none')",
    "p_lock_ms": "150", "p_per_account": "null", "p_stuck": "null", "p_rows": "array['shop:9999']", "p_wait_ms": "10", "p_from_page": "0", "p_pages": "64",
    "p_photo_id": "1", "p_photo_ids": "array[1]", "p_width": "1", "p_height": "1", "p_files": "array_fill(null::bytea, array[6])", "p_hash": "'0'", "p_file": "'page.webp'",
    "p_amount_cents": "1", "p_payout_days": "3", "p_fee_bps": "500", "p_days": "30", "p_since": "null", "p_after": "null", "p_sale": "null", "p_payout_id": "1", "p_note": "null", "p_tier_cents": "null", "p_event": "'deadline'", "p_detail": "'{}'", "p_settings": "'{}'",
    "p_kinds": "array['mail']", "p_limits": "array[1]", "p_leases_ms": "array[1000]", "p_outbox_id": "1", "p_lease": "'none'", "p_error": "'none'", "p_next_key": "false", "p_number": "1", "p_object": "'{}'", "p_seconds": "60", "p_seen": "'{}'", "p_action": "'settle'", "p_event_name": "'evt_1'", "p_kind": "'none'", "p_body": "'{}'", "p_attention": "false",
}
CALL = {"shop_id": 1, "event_id": 1, "listing_ids": [1], "hold_seconds": 60, "items": [{"listing_id": 1, "quantity": 1}], "brand": "Brand",
        "style": "Style", "color": "red", "size": 9, "condition": "new", "audience": "men", "price_cents": 1000, "quantity": 1, "key": "some-key-1",
        "digest": "\\x00", "name": "Pat", "email": "buyer@example.com", "password_hash": "!", "new_session": "\\x" + "07" * 32}
ENDED = "5e" * 32
SESSIONS = {"no session": None, "a made-up session": "a5" * 32, "an ended session": ENDED}
END_ONE = f"""insert into market.session (session_digest, account_id, created_at, expires_at)
    select '\\x{ENDED}', account_id, now() - interval '2 days', now() - interval '1 second' from market.account where email_key = 'admin@example.com'"""

# Runs one call in a transaction of its own, and says what came of it and whether anything was written or locked.
ATTEMPT = """begin;
do $attempt$
declare
    v_answer text;
begin
    begin
        execute $call$ select json_agg(c) from {call} c $call$ into v_answer;
    exception when sqlstate 'ST000' then
        v_answer := json_build_object('refused', sqlerrm);
    end;
    perform set_config('test.answer', coalesce(v_answer, 'null'), false);
end $attempt$;
select json_build_object('answer', current_setting('test.answer')::json, 'wrote', pg_current_xact_id_if_assigned() is not null);
rollback;"""


def functions(stack):
    """{name: names of its parameters} of what the role can call."""
    rows = stack.rows("""select p.proname, array_to_string(p.proargnames[:p.pronargs], ' '), p.prosecdef
        from pg_proc p where p.pronamespace = 'api'::regnamespace and has_function_privilege('shoetopia_app', p.oid, 'execute')""")
    assert len(rows) > 50, rows
    for name, _, is_definer in rows:
        assert is_definer == "t", f"{name} runs with the rights of shoetopia_app, which has none"
    return {name: parameters.split() for name, parameters, _ in rows}


def attempt(stack, name, parameters, session):
    digest = f"'\\x{session}'" if session else "null"
    values = []
    for parameter in parameters:
        if parameter == "p_session":
            values.append(f"p_session => {digest}")
        elif parameter == "p_calls":
            calls = [CALL | {"session": f"\\x{session}" if session else None}, {"session": None, "email": "buyer@example.com", "new_session": "\\x00"}]
            values.append(f"p_calls => '{json.dumps(calls)}'")
        else:
            values.append(f"{parameter} => {ARGUMENTS[parameter]}")
    return json.loads(stack.psql(ATTEMPT.format(call=f"api.{name}({', '.join(values)})"), user="shoetopia_app"))


def attempt_with(stack, name, parameters, how):
    """The SQLSTATE and message of a call with this synchronous_commit, in a transaction that is rolled back; '' if there was no error."""
    values = [f"{p} => '[]'" if p == "p_calls" else f"{p} => null" if p == "p_session" else f"{p} => {ARGUMENTS[p]}" for p in parameters]
    return stack.psql(f"""begin;
        set local synchronous_commit = {how};
        do $attempt$ begin
            perform from api.{name}({', '.join(values)});
            perform set_config('test.error', '', false);
        exception when others then
            perform set_config('test.error', sqlstate || ' ' || sqlerrm, false);
        end $attempt$;
        select current_setting('test.error');
        rollback""", user="shoetopia_app")


def every_value(data, name):
    """The values of this member, wherever it stands."""
    if isinstance(data, dict):
        yield from (value for key, value in data.items() if key == name)
        for value in data.values():
            yield from every_value(value, name)
    elif isinstance(data, list):
        for value in data:
            yield from every_value(value, name)


def fault(name, answer):
    """What is wrong with the answer to a call without a session in force; None: nothing."""
    if name in PUBLIC:
        private = [(member, value) for member in ("booking", "mine") for value in every_value(answer, member) if value not in (None, False)]
        private += [("available", 0) for value in every_value(answer, "available") if name == "shop_listings" and value == 0]
        return f"tells {private}" if private else None
    refusal = (BEGIN_A_SESSION | TAKE_A_TOKEN).get(name, "unauthenticated")
    if isinstance(answer, dict):
        return None if answer["refused"] == refusal else f"refuses with {answer['refused']}"
    if name == "viewer":
        return None if answer in (None, [None]) else f"answers {answer}"
    if all(isinstance(row, dict) and row.get("code") == refusal and row.get("answer") is None for row in answer or [{}]):
        return None
    return f"answers {answer}"


def a_call_without_a_session_gets_nothing(stack):
    """Every function that the role may call, with no session, a made-up one, and one that has ended: no data, no write, no lock."""
    stack.psql(END_ONE)
    stack.psql("update market.audit_state set next_at = 'infinity'")  # a step of the audit that is due writes
    known = functions(stack)
    unknown = (set(PUBLIC) | set(BEGIN_A_SESSION)) - set(known)
    assert not unknown, f"there is no such function: {unknown}"
    faults = []
    for name, parameters in sorted(known.items()):
        for kind, session in SESSIONS.items():
            got = attempt(stack, name, parameters, session)
            wrong = "writes or locks" if got["wrote"] and name not in WRITE_ANYWAY else fault(name, got["answer"])
            if wrong:
                faults.append(f"{name} with {kind} {wrong}")
    stack.psql(f"delete from market.session where session_digest = '\\x{ENDED}'")
    stack.psql("update market.audit_state set next_at = '-infinity'")
    assert not faults, "; ".join(faults)


def a_call_says_neither_who_nor_when(stack):
    """No function that the role may call takes an argument that says who asks, or what time it is."""
    for name, parameters in functions(stack).items():
        assert not {"p_who", "p_now", "p_role", "p_viewer"} & set(parameters), (name, parameters)


def the_program_connects_to_its_own_database(stack):
    assert stack.psql("select current_database()", user="shoetopia_app") == "shoetopia"
    for database in ("postgres", "template1"):
        try:
            stack.psql("select 1", user="shoetopia_app", database=database)
        except StackError as refused:
            assert "pg_hba.conf rejects" in str(refused), refused
        else:
            raise AssertionError(f"shoetopia_app got into {database}")


def no_call_writes_unless_commits_are_durable(stack):
    """Every function that may write refuses where synchronous_commit is not on or remote_apply: the role can set it, for itself and for a session."""
    writing = {name for name, in stack.rows("select proname from pg_proc where pronamespace = 'api'::regnamespace and prosecdef and provolatile = 'v'")}
    writing = writing - READ_ONLY | {"write_obstacle"}
    assert len(writing) > 40 and READ_ONLY <= set(functions(stack)), writing
    faults = []
    for name, parameters in sorted(functions(stack).items()):
        for how in ("off", "local", "remote_write", "remote_apply") if name in ("checkout", "put_cart_item") else ("off",):
            refused = "ST001" in attempt_with(stack, name, parameters, how)
            if name in writing and refused != (how != "remote_apply"):
                faults.append(f"{name} with synchronous_commit = {how} {'refuses' if refused else 'is carried out'}")
    assert not faults, "; ".join(faults)


TESTS = (a_call_without_a_session_gets_nothing, no_call_writes_unless_commits_are_durable, a_call_says_neither_who_nor_when, the_program_connects_to_its_own_database)
