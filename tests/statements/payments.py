"""The state table of payments (schema/functions/payment.sql): every state with every event, once and twice, against the table of the contract written down here
once more; and orders of events that break a marketplace which leaves one of its rules out. Each cell has an order of its own, made by a checkout.
"""
import json
import pathlib

SETUP = (pathlib.Path(__file__).parent / "payments.sql").read_text()
PAID = ["pay", "session_created", "paid"]

# {state: (the events that lead to it, what it looks like)}: the state, why it closes, whether its pairs are back, its flag, what the worker is asked for.
STATES = {
    "due": ([], "due"),
    "due, late": (["late"], "due"),
    "open": (["pay", "session_created"], "open"),
    "open, page not known yet": (["pay"], "open asks session"),
    "open, late": (["pay", "session_created", "late"], "open"),
    "closing by the deadline": (["pay", "session_created", "late", "deadline"], "closing deadline asks expire"),
    "closing by the deadline, page not known yet": (["pay", "late", "deadline"], "closing deadline asks session,expire"),
    "closing by the buyer": (["pay", "session_created", "cancel"], "closing cancelled asks expire"),
    "paid": (PAID, "paid"),
    "paid, costs nothing": (["free"], "paid"),
    "paid, shipped": (PAID + ["ship"], "paid"),
    "paid, disputed": (PAID + ["dispute"], "paid disputed"),
    "refund_due": (PAID + ["cancel"], "refund_due back asks refund"),
    "refund_due, failed": (PAID + ["cancel", "refund_created", "refund_failed"], "refund_due back refund_failed"),
    "refunded": (PAID + ["cancel", "refunded"], "refunded back"),
    "void": (["cancel"], "void back"),
}
# Of persons: refused where the table does not have them, but for settle, which takes the flag away unless money has to go back. Facts change nothing there.
REQUESTS = ("pay", "cancel", "refund_again", "refund_shipment", "settle")
FACTS = ("deadline", "session_created", "paid", "paid again", "paid too little", "paid in euros", "expired", "expired of another", "refused", "refund_created",
         "refunded", "refund_failed", "refund_refused", "dispute")
WRONG = {event: "refund_due back wrong_amount asks refund" for event in ("paid too little", "paid in euros")}
EXTRA = {event: "paid extra_charge asks refund" for event in ("paid again", "paid too little", "paid in euros")}
LATE = {event: "refund_due back extra_charge asks refund" for event in ("paid again", "paid too little", "paid in euros")}
RIGHT = {"paid": "paid", "paid again": "paid", **WRONG}
# {state: {event: what it becomes}}; every other event leaves it as it is.
CELLS = {
    "due": {"pay": "open asks session", "cancel": "void back", **RIGHT},
    "due, late": {"deadline": "void back", "cancel": "void back", **RIGHT},
    "open": {"pay": "open", "cancel": "closing cancelled asks expire", "expired": "due", **RIGHT},
    "open, page not known yet": {"pay": "open asks session", "session_created": "open", "cancel": "closing cancelled asks session,expire", "refused": "due",
                                 **RIGHT},
    "open, late": {"pay": "open", "cancel": "closing cancelled asks expire", "expired": "void back", "deadline": "closing deadline asks expire", **RIGHT},
    "closing by the deadline": {"cancel": "closing cancelled asks expire", "expired": "void back", **RIGHT},
    "closing by the deadline, page not known yet": {"session_created": "closing deadline asks expire", "cancel": "closing cancelled asks session,expire",
                                                   "refused": "void back", **RIGHT},
    "closing by the buyer": {"expired": "void back", "paid": "refund_due back asks refund", "paid again": "refund_due back asks refund", **WRONG},
    "paid": {"cancel": "refund_due back asks refund", "refund_shipment": "refund_due back asks refund", "dispute": "paid disputed",
             "refunded": "paid unknown_refund", "refund_created": "paid unknown_refund", "refund_failed": "paid unknown_refund",
             "refund_refused": "paid unknown_refund", **EXTRA},
    "paid, costs nothing": {"cancel": "void back", "refund_shipment": "void back", "paid": "paid extra_charge asks refund", **EXTRA},
    "paid, shipped": {"dispute": "paid disputed", "refunded": "paid unknown_refund", "refund_created": "paid unknown_refund",
                      "refund_failed": "paid unknown_refund", "refund_refused": "paid unknown_refund", **EXTRA},
    "paid, disputed": {"settle": "paid", **{event: "paid disputed asks refund" for event in EXTRA}},
    "refund_due": {"refund_created": "refund_due back", "refunded": "refunded back", "refund_failed": "refund_due back refund_failed",
                   "refund_refused": "refund_due back refund_failed", "dispute": "refund_due back disputed asks refund",
                   **{event: "refund_due back extra_charge asks refund,refund" for event in EXTRA}},
    "refund_due, failed": {"refund_again": "refund_due back refund_failed asks refund", "dispute": "refund_due back refund_failed",
                           **{event: "refund_due back refund_failed asks refund" for event in EXTRA}},
    "refunded": {"refund_failed": "refund_due back refund_failed", "dispute": "refunded back disputed", **LATE},
    "void": {"paid": "refund_due back extra_charge asks refund", **LATE},
}

# Orders of events from traces of a model of these rules: each breaks the marketplace that leaves one of them out. {name: (events, the end)}
TRACES = {
    "a page that is not known yet is not closed by a cancellation": (["pay", "cancel", "session_created", "paid"], "refund_due back asks refund"),
    "a buyer who asks again gets the same page": (["pay", "pay", "session_created", "pay"], "open"),
    "an old page that expires again does not close the present one":
        (["pay", "session_created", "expired", "pay", "second session_created", "cancel", "expired"], "closing cancelled asks expire"),
    "a page that expired before its answer came does not end the next one": (["pay", "expired", "session_created", "expired", "pay", "expired"], "open asks session"),
    "a cancellation of a closing payment counts": (["pay", "session_created", "late", "deadline", "cancel", "paid"], "refund_due back asks refund"),
    "a charge is booked once, whatever tells of it": (["pay", "session_created", "cancel", "paid", "paid", "refunded", "paid"], "refunded back"),
    "what costs nothing is not refunded": (["free", "cancel"], "void back"),
    "a refund that failed is repeated by an admin":
        (PAID + ["cancel", "refund_created", "refund_failed", "refund_again", "second refund_created", "second refunded"], "refunded back"),
    "a refund can fail after it had succeeded": (PAID + ["cancel", "refund_created", "refunded", "refund_failed"], "refund_due back refund_failed"),
    "a refund that failed does not succeed afterwards": (PAID + ["cancel", "refund_created", "refund_failed", "refunded"], "refund_due back refund_failed"),
    "a wrong charge goes back": (["pay", "session_created", "paid too little", "refund_created", "refunded"], "refunded back wrong_amount"),
    "no page that can be made ends the payment after its deadline": (["pay", "late", "deadline", "refused"], "void back"),
    "a page that is paid beside another closes that one": (["pay", "session_created", "expired", "pay", "paid"], "paid asks session,expire"),
    "of two refunds that are equal each is known by its number": (PAID + ["cancel", "halves", "half 2 refunded", "half 1 refunded"], "refunded back"),
    "an old event does not open a dispute that has ended": (PAID + ["dispute", "dispute won", "dispute"], "paid"),
    "a charge after the refund goes back too": (PAID + ["cancel", "refunded", "paid again"], "refund_due back extra_charge asks refund"),
}
GUARDED = {"session": "an old page that expires again does not close the present one"}


def array(events):
    return "array[" + ", ".join(f"'{event}'" for event in events) + "]::text[]"


def run_cells(stack, cells, before=""):
    """What became of each of these (events, event, times), and what the audit says afterwards."""
    queries = "\n".join(f"select trial.cell({array(path)}, '{event}', {times});" for path, event, times in cells)
    answers = stack.psql(f"""set client_min_messages = warning; begin; {before} {SETUP} select trial.prepare(); {queries}
        select 'VIOLATED ' || a.name from api.audit_rows() a where a.violations <> 0 and a.name not like 'the server %'; rollback""",
                         user="postgres").split("\n")
    answers = [line for line in answers if line]
    assert len(answers) >= len(cells), answers[-5:]
    return answers[:len(cells)], answers[len(cells):]


def expected(state, event):
    base = STATES[state][1]
    if event == "settle":
        return CELLS[state].get(event, "refused invalid_state: " + base if base == "refund_due back refund_failed" else base)
    return CELLS[state].get(event, "refused invalid_state: " + base if event in REQUESTS else base)


def every_cell_of_the_state_table(stack):
    """Every state with every event; facts twice, which must be the same as once."""
    cells = [(state, event, 1) for state in STATES for event in REQUESTS + FACTS] + [(state, event, 2) for state in STATES for event in FACTS]
    got, violated = run_cells(stack, [(STATES[state][0], event, times) for state, event, times in cells])
    wrong = [f"{state} + {event} x {times}: {have}, not {expected(state, event)}"
             for (state, event, times), have in zip(cells, got) if have != expected(state, event)]
    assert not wrong and not violated, "; ".join(wrong + violated)


def traces_of_left_out_rules(stack):
    got, violated = run_cells(stack, [(events[:-1], events[-1], 1) for events, _ in TRACES.values()])
    wrong = [f"{name}: {have}, not {end}" for (name, (_, end)), have in zip(TRACES.items(), got) if have != end]
    assert not wrong and not violated, "; ".join(wrong + violated)


def a_rule_that_is_left_out_is_caught(stack):
    functions = (pathlib.Path(__file__).parents[2] / "schema/functions/payment_fact.sql").read_text().replace("create function", "create or replace function")
    for guard, name in GUARDED.items():
        lines = functions.splitlines(keepends=True)
        without = [line for line in lines if not line.endswith(f"-- guard: {guard}\n")]
        assert len(without) == len(lines) - 1, guard
        events, end = TRACES[name]
        got, _ = run_cells(stack, [(events[:-1], events[-1], 1)], before="".join(without))
        assert got != [end], (guard, got)


# What breaks an invariant of the payments' audit in an order of one pair for 2,000 cents, {0}, after these events.
BROKEN = (
    ("the money of an order sums up to nothing", PAID, "update market.money_entry set amount_cents = amount_cents + 1 where order_id = {0} and account = 'fee'"),
    ("all money sums up to nothing", PAID, "update market.money_entry set amount_cents = amount_cents + 1 where order_id = {0} and account = 'fee'"),
    ("money is where the payment of its order says", PAID, "update market.money_entry set amount_cents = amount_cents + case account when 'fee' then 1 else -1 end"
     " where order_id = {0} and account in ('fee', 'shop')"),
    ("money is where the payment of its order says", PAID + ["cancel", "refunded"], "update market.orders set refunded_cents = 1999 where order_id = {0}"),
    ("an order is sold, owed or given back as its payment says", PAID, "update market.payment_charge set is_extra = true where order_id = {0}"),
    ("an order is sold, owed or given back as its payment says", PAID + ["cancel"], "update market.orders set payment_status = 'refunded' where order_id = {0}"),
    ("refunds are asked for or flagged", PAID + ["cancel"], "update market.payment_refund set status = 'refused' where order_id = {0}"),
    ("one open page for each payment", ["pay"], "update market.payment_session set state = 'expired' where order_id = {0}"),
    ("an order that waits to be paid has a deadline", [], "delete from market.payment_deadline where first_order_id = {0}"),
    ("balances follow the payments and cancellations of orders", PAID,
     "update market.balance_entry set amount_cents = amount_cents - 1, pending_cents = pending_cents + 1 where order_id = {0}"),
    ("balances equal their ledger", PAID, "update market.balance b set pending_cents = pending_cents + 1 from market.shipment p"
     " where p.order_id = {0} and b.shop_id = p.shop_id"),
    ("shipments are cancelled with their order", [], "update market.shipment set status = 'cancelled' where order_id = {0}"),
    ("payouts and tiers equal their entries", [], "insert into market.payout (shop_id, amount_cents, requested_at)"
     " select p.shop_id, 5, now() from market.shipment p where p.order_id = {0}"),
)


def a_broken_payment_is_seen(stack):
    queries = "".join(f"""
        savepoint whole;
        select trial.cell({array(events)}, 'session_created') is null;
        {broken.format('(select max(order_id) from market.orders)')};
        select 'seen ' || a.name from api.audit_rows() a where a.violations > 0 and a.name = '{name}';
        rollback to whole;""" for name, events, broken in BROKEN)
    seen = stack.psql(f"set client_min_messages = warning; begin; {SETUP} select trial.prepare(); {queries} rollback", user="postgres")
    assert [line[5:] for line in seen.split("\n") if line.startswith("seen ")] == [name for name, _, _ in BROKEN], seen


def deadlines_are_found_once(stack):
    """Of the orders of a batch those that still wait are overdue; the row of the batch goes when none does."""
    seen = stack.psql(f"""set client_min_messages = warning; begin; {SETUP} select trial.prepare();
        select 'batch ' || array_length(trial.new_batch(3), 1);
        select 'before ' || (api.payments_due(10) ->> 'deadlines');
        update market.orders set due_at = due_at - interval '1 hour' where payment_status = 'due';
        update market.payment_deadline set due_at = due_at - interval '1 hour';
        select trial.event('cancel', min(order_id)) is null from market.orders where payment_status = 'due';
        select 'due ' || json_array_length(api.payments_due(10) -> 'deadlines'), 'some ' || json_array_length(api.payments_due(1) -> 'deadlines');
        select trial.event('deadline', order_id) is null from market.orders where payment_status = 'due';
        select 'after ' || (api.payments_due(10) ->> 'deadlines');
        select 'rows ' || count(*) from market.payment_deadline; rollback""", user="postgres")
    have = [line for line in seen.split("\n") if line.split(" ")[0] in ("batch", "before", "due", "after", "rows")]
    assert have == ["batch 3", "before []", "due 2|some 1", "after []", "rows 0"], seen


def an_event_is_kept_without_the_person(stack):
    body = json.dumps({"id": "evt_trial", "type": "checkout.session.completed", "data": {"object": {
        "object": "checkout.session", "id": "cs_trial", "client_reference_id": "no number", "customer_details": {"email": "walt@shoes.example"}}}})
    kept = stack.psql(f"""begin; select api.take_provider_event('evt_trial', 'checkout.session.completed', $${body}$$);
        select e.body from market.provider_event e where e.event_id = 'evt_trial'; rollback""", user="postgres")
    assert "cs_trial" in kept and "walt" not in kept, kept


TESTS = (every_cell_of_the_state_table, traces_of_left_out_rules, a_rule_that_is_left_out_is_caught, a_broken_payment_is_seen, deadlines_are_found_once,
         an_event_is_kept_without_the_person)
