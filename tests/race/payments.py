"""Payments while everything fails: the provider loses answers, answers 500 and 429, loses, doubles, delays and reorders its events; programs and provider are
killed. On a stack of its own with payments on, since the provider is a part of it.

    payments           buyers for fewer pairs. Of those that win one, some pay, some are declined first, some never pay, some cancel while the page is open, and
                       some pay within a second of the deadline. At the end each order is charged its total or nothing, nothing waits, no page is open, all
                       that was paid on a page and not cancelled is paid, and --audit and --reconcile find nothing.
    payments_events    many events of one payment at once, each with an id of its own: it is booked once.
    payments_reconcile  what is late is booked by --reconcile, what differs is said, and a refund that failed is repeated by an admin.
    payments_payouts   a shop asks for many payouts at once: never more than it has available, each with one answer.
    payments_refunds   shipments are given back while half of the answers are lost, and all events: each goes back once.

What they guard against: pairs released while their page can still be paid (the twin releases at the deadline without asking); two events that both find
the payment unbooked (the twin does not lock the order); payouts that all find the same money (the twin does not lock the shop); a refund that is repeated as another one (the twin has a new key for each try).
"""
import concurrent.futures
import hashlib
import hmac
import http.client
import json
import os
import random
import signal
import threading
import time

import race
from clients import Crowd, ask, until
from crash import is_whole
from fixtures import checkout, list_pair, people, shops
from people import new_token
from provider import CARD, DECLINED, PaidStack
from race import OWN_STACKS, RaceTest, Twin, audit, must, must_be_answered, must_equal

IS_LONG = bool(os.environ.get("CHECK_LONG"))
BUYERS, PAIRS = (300, 100) if IS_LONG else (40, 20)
PAYMENT_SECONDS = 5
PRICE = 4999
PAYOUTS = 100
PATIENCE = 90  # seconds
FAULTS = {"lose_answers": 0.15, "errors": 0.1, "too_many": 0.05, "delay_ms": 20, "lose_events": 0.3, "double_events": 0.3, "delay_events_ms": 500,
          "reorder_events": 0.3, "pending_refunds": 0.3}
BEHAVIOURS = ["pays"] * 8 + ["is declined first"] * 4 + ["never pays"] * 3 + ["cancels"] * 2 + ["pays late"] * 3


class World:
    """The stack with payments: one for all rounds, one more for the twins."""

    kept = {}

    def __init__(self, is_twin):
        self.stack = PaidStack(PAYMENT_SECONDS=PAYMENT_SECONDS)
        OWN_STACKS.append(self.stack)
        self.stack.start()
        self.provider, self.is_twin = self.stack.provider, is_twin
        self.admin, = people(self.stack, 1, "paid.admin")
        self.stack.psql(f"update market.account set role = 'admin' where account_id = {self.admin.account_id}")

    @classmethod
    def of(cls, is_twin):
        if not cls.kept:
            kinds = (False, True) if race.SPEED_COUNTS else (False,)  # twins are left out where no speed counts
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                cls.kept.update(zip(kinds, pool.map(cls, kinds)))
        return cls.kept[is_twin]


class PaidTwin(Twin):
    """Is applied to the second stack with payments instead of the one that it is given."""

    in_force = False

    def apply(self, _):
        super().apply(World.of(True).stack)
        PaidTwin.in_force = True

    def take_back(self, _):
        PaidTwin.in_force = False
        super().take_back(World.of(True).stack)


def send(stack, method, path, token, body=None, key=None):
    """(status, JSON) of a request that is repeated until its outcome is known."""
    give_up = time.monotonic() + PATIENCE
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + token, **({"Idempotency-Key": key} if key else {})}
    while time.monotonic() < give_up:
        connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=20)
        try:
            connection.request(method, "/api" + path, json.dumps(body or {}), headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status < 500:
                return answer.status, json.loads(text or b"null")
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.1)
    raise RuntimeError(f"{method} {path} has no outcome")


def pay_on_page(provider, url, card=CARD):
    """True: it is paid now. The sandbox may be down at the moment, and a browser repeats then."""
    for _ in range(100):
        try:
            return provider.pay(url, card)
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
    return False


class Winner:
    """A buyer that has an order, and pays it or not."""

    def __init__(self, world, person, order, behaviour):
        self.world, self.person, self.behaviour = world, person, behaviour
        self.order_id, self.due_at = order["order_id"], time.monotonic() + PAYMENT_SECONDS
        self.paid = self.cancelled = False
        self.key = new_token()[:24]

    def page(self):
        status, order = send(self.world.stack, "POST", f"/orders/{self.order_id}/payment", self.person.token, key=self.key)
        return order["payment"]["url"] if status == 201 else None

    def run(self):
        if self.behaviour == "never pays" and self.order_id % 2:
            return
        time.sleep(random.random() * 2)
        url = self.page()
        if url is None or self.behaviour == "never pays":
            return
        if self.behaviour == "cancels":
            paying = threading.Thread(target=self.pay, args=(url,)) if self.order_id % 2 else None
            if paying:
                paying.start()
            status, _ = send(self.world.stack, "POST", f"/orders/{self.order_id}/cancellation", self.person.token, key=self.key + "-c")
            self.cancelled = status == 201
            if paying:
                paying.join()
            return
        if self.behaviour == "is declined first":
            pay_on_page(self.world.provider, url, DECLINED)
        if self.behaviour == "pays late":
            time.sleep(max(0, self.due_at - time.monotonic() + random.uniform(-1, 1)))
        self.pay(url)

    def pay(self, url):
        self.paid = pay_on_page(self.world.provider, url)


def killer(world, stop):
    """Ends a program or the provider every few seconds, without a warning."""
    turn = 0
    while not stop.wait(3):
        turn += 1
        if turn % 2:
            pids = world.stack.program_pids()
            if pids:
                os.kill(random.choice(pids), signal.SIGKILL)
        else:
            world.provider.kill()
            until(world.provider.answers, PATIENCE)


def settled(world, ids):
    """Whether nothing of these orders waits: neither a payment nor a row of the outbox."""
    return world.stack.rows(f"""select (select count(*) from market.orders o
            where o.order_id = any(array{ids}::bigint[]) and o.payment_status in ('due', 'open', 'closing', 'refund_due'))
        + (select count(*) from market.outbox o where o.order_id = any(array{ids}::bigint[]) and o.done_at is null and o.flagged_at is null)""") == [["0"]]


def judge(world, winners, listing):
    stack, ids = world.stack, [w.order_id for w in winners]
    orders = {int(i): (status, payment, int(total), flag) for i, status, payment, total, flag in stack.rows(
        f"select order_id, status, payment_status, total_cents, coalesce(payment_flag, '') from market.orders where order_id = any(array{ids})")}
    net = dict.fromkeys(orders, 0)
    charges = dict.fromkeys(orders, 0)
    for charge in world.provider.charges():
        order_id = int(charge["order_id"])
        if order_id not in orders:
            continue
        net[order_id] += charge["amount_cents"] - charge["refunded_cents"]
        charges[order_id] += 1
    wrong = [(i, o, net[i], charges[i]) for i, o in orders.items() if net[i] != (o[2] if o[1] == "paid" else 0) or (o[0] == "placed") != (o[1] == "paid")]
    must_equal("orders whose charge is not what they say", wrong, [])
    must_equal("flagged payments", [(i, o) for i, o in orders.items() if o[3]], [])
    must_equal("orders charged twice", [i for i, n in charges.items() if n > 1], [])
    must_equal("open pages", [(s["id"], s["client_reference_id"]) for s in world.provider.list("checkout/sessions") if s["status"] == "open" and int(s["client_reference_id"]) in orders], [])
    must_equal("paid on the page, not cancelled, and not paid",
               [(w.order_id, w.behaviour, orders[w.order_id]) for w in winners if w.paid and not w.cancelled and orders[w.order_id][1] != "paid"], [])
    must_equal("cancelled and placed", [(w.order_id, orders[w.order_id]) for w in winners if w.cancelled and orders[w.order_id][0] != "cancelled"], [])
    paid = sum(o[1] == "paid" for o in orders.values())
    left = int(stack.psql(f"select available from market.stock where listing_id = {listing}"))
    must_equal("pairs left and pairs paid", left + paid, PAIRS)
    if not world.is_twin:
        audit(stack)
        status, text = stack.reconcile()
        must(status == 0 and " 0 different" in text, "--reconcile:", text)
    return paid


def wave(world, buyers, listing, wins):
    """The buyers want a pair; those that get one do what they do. Returns these, once they are through."""
    crowd = Crowd(world.stack, [checkout(b, [(listing, 1)]) for b in buyers], persist=PATIENCE)
    answers = crowd.answers()
    won = [Winner(world, b, a.json, random.choice(BEHAVIOURS)) for b, a in zip(buyers, answers) if a.status == 201]
    wins += won
    with concurrent.futures.ThreadPoolExecutor(max(len(won), 1)) as pool:
        list(pool.map(Winner.run, won))


def payments(_, __):
    world = World.of(PaidTwin.in_force)
    stack, provider = world.stack, world.provider
    owner, = shops(stack, 1, "paid")
    listing = list_pair(stack, owner, PRICE, PAIRS)
    buyers = people(stack, BUYERS, "payer")
    winners, stop = [], threading.Event()
    if not world.is_twin:
        provider.faults(seed=random.randrange(10 ** 6), **FAULTS)
    kills = threading.Thread(target=killer, args=(world, stop))
    if not world.is_twin:
        kills.start()
    try:
        wave(world, buyers, listing, winners)
        if IS_LONG:
            for _ in range(6):
                time.sleep(PAYMENT_SECONDS)
                wave(world, random.sample(buyers, BUYERS // 2), listing, winners)
    finally:
        stop.set()
        if kills.is_alive():
            kills.join()
    until(lambda: is_whole(stack), PATIENCE)
    until(provider.answers, PATIENCE)
    provider.faults(seed=1)
    until(lambda: settled(world, [w.order_id for w in winners]), PATIENCE)
    return f"{len(winners)} orders, {judge(world, winners, listing)} paid"


def paid_order(world, buyer, items):
    order = ask(world.stack, "POST", "/api/checkout", buyer.token, checkout(buyer, items)["body"], key=new_token()[:24])
    page = ask(world.stack, "POST", f"/api/orders/{order['order_id']}/payment", buyer.token, {})
    must(world.provider.pay(page["payment"]["url"]), "the page takes no card")
    return order


def signed_event(provider, session):
    """An event as the provider sends it, with an id of its own."""
    body = json.dumps({"id": "evt_" + new_token()[:20], "object": "event", "type": "checkout.session.completed", "data": {"object": session}})
    at = str(int(time.time()))
    signature = hmac.new(provider.secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    return {"path": "/api/payments/events", "body": json.loads(body), "text": body, "header": f"t={at},v1={signature}"}


def post_event(stack, event):
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=30)
    connection.request("POST", event["path"], event["text"], {"Content-Type": "application/json", "Stripe-Signature": event["header"]})
    status = connection.getresponse().status
    connection.close()
    return status


def payments_events(_, __):
    """The provider sends nothing itself; the test sends the same fact 32 times at once: 16 events, each twice."""
    world = World.of(PaidTwin.in_force)
    provider = world.provider
    provider.faults(seed=1, lose_events=1)
    owner, = shops(world.stack, 1, "hooks")
    listing = list_pair(world.stack, owner, PRICE, 10)
    buyer, = people(world.stack, 1, "hooked")
    order = paid_order(world, buyer, [(listing, 1)])
    session = next(s for s in provider.list("checkout/sessions") if s["client_reference_id"] == str(order["order_id"]))
    events = [signed_event(provider, session) for _ in range(16)] * 2
    with concurrent.futures.ThreadPoolExecutor(len(events)) as pool:
        statuses = list(pool.map(lambda event: post_event(world.stack, event), events))
    provider.faults(seed=1)
    for event, status in zip(events, statuses):  # 503 is an answer that the provider repeats
        if status == 503:
            until(lambda one=event: post_event(world.stack, one) == 200, PATIENCE)
    must_equal("answers other than 200 and 503", [s for s in statuses if s not in (200, 503)], [])
    rows = world.stack.rows(f"""select (select count(*) from market.money_entry e where e.order_id = o.order_id and e.account = 'provider'),
            (select count(*) from market.payment_log l where l.order_id = o.order_id and l.event = 'paid' and l.was <> l.became),
            (select count(*) from market.balance_entry b where b.order_id = o.order_id and b.reason = 'paid'), o.payment_status, coalesce(o.payment_flag, '')
        from market.orders o where o.order_id = {order['order_id']}""")
    must_equal("entries of the provider, changes of state, earnings, state, flag", rows, [["1", "1", "1", "paid", ""]])
    if not world.is_twin:
        audit(world.stack)


def payments_payouts(_, __):
    world = World.of(PaidTwin.in_force)
    stack = world.stack
    world.provider.faults(seed=1)
    owner, = shops(stack, 1, "paid out")
    order = paid_order(world, people(stack, 1, "payer")[0], [(list_pair(stack, owner, PRICE, 10), 1)])
    until(lambda: settled(world, [order["order_id"]]), PATIENCE)
    ask(stack, "PATCH", f"/api/shops/{owner.shop_id}/shipments/{order['shipments'][0]['shipment_id']}", owner.token, {"status": "delivered"})
    stack.psql(f"update market.shipment set delivered_at = delivered_at - interval '30 days' where shop_id = {owner.shop_id}")
    available = ask(stack, "GET", f"/api/shops/{owner.shop_id}/balance", owner.token)["available_cents"]
    must(0 < available < PRICE, "available after a sale of", PRICE, "less the fee:", available)
    # Calls with a key lock the account, which would hide what the twin lacks.
    answers = Crowd(stack, [{"path": f"/api/shops/{owner.shop_id}/payouts", "token": owner.token, "body": {"amount_cents": available // 9},
                             **({} if world.is_twin else {"key": f"payout-{owner.shop_id}-{i}"})} for i in range(PAYOUTS)], persist=PATIENCE).answers()
    must_be_answered(answers, {201: None, 409: "out_of_funds"})
    rows = stack.rows(f"select count(*), sum(amount_cents) from market.payout where shop_id = {owner.shop_id}")
    must_equal("payouts that were told and made, cents", [[str(sum(a.status == 201 for a in answers)), *rows[0]]], [["9", "9", str(available // 9 * 9)]])
    if not world.is_twin:
        audit(stack)


def payments_refunds(_, __):
    world = World.of(PaidTwin.in_force)
    stack, provider = world.stack, world.provider
    provider.faults(seed=1)
    owners = shops(stack, 2, "backs")
    items = [(list_pair(stack, owner, PRICE, 10), 1) for owner in owners]
    orders = [paid_order(world, buyer, items) for buyer in people(stack, 6, "backed")]
    ids = [order["order_id"] for order in orders]
    until(lambda: settled(world, ids), PATIENCE)
    provider.faults(seed=random.randrange(10 ** 6), lose_answers=0.5, lose_events=1)
    for order in orders:
        ask(stack, "PUT", f"/api/admin/shipments/{order['shipments'][0]['shipment_id']}", world.admin.token, {"action": "refund", "reason": "Not sent."})
    until(lambda: settled(world, ids), PATIENCE)
    provider.faults(seed=1)
    back = {int(c["order_id"]): c["refunded_cents"] for c in provider.charges()}
    must_equal("given back", [back[o["order_id"]] for o in orders], [PRICE] * len(orders))
    if not world.is_twin:
        audit(stack)


def payments_reconcile(_, __):
    """--reconcile books what is late, says what the ledger has alone, and an admin repeats a refund that failed."""
    world = World.of(False)
    stack, provider = world.stack, world.provider
    owner, = shops(stack, 1, "compared")
    listing = list_pair(stack, owner, PRICE, 10)
    buyers = people(stack, 2, "compared")
    provider.faults(seed=1, lose_events=1)
    late, given_back = [paid_order(world, buyer, [(listing, 1)]) for buyer in buyers]
    status, text = stack.reconcile()
    must(status == 0 and f"is paid for order {late['order_id']}, and the charge is not booked" in text, "what is late:", text)
    stack.psql(f"""insert into market.payment_charge (payment_intent, order_id, amount_cents, currency, is_extra, booked_at)
        values ('pi_unknown', {late['order_id']}, 1, 'usd', true, now())""")
    status, text = stack.reconcile()
    stack.psql("delete from market.payment_charge where payment_intent = 'pi_unknown'")
    must(status == 1 and "which the provider does not have" in text, "what the ledger has alone:", text)

    path = f"/api/orders/{given_back['order_id']}"
    ask(stack, "POST", path + "/cancellation", buyers[1].token, {})
    until(lambda: settled(world, [given_back["order_id"]]), PATIENCE)
    refund = next(r for r in provider.list("refunds") if r["metadata"]["order_id"] == str(given_back["order_id"]))
    provider.ask("PUT", f"/sandbox/refunds/{refund['id']}", json.dumps({"status": "failed"}))
    stack.reconcile()
    must_equal("a refund that failed", ask(stack, "GET", path, buyers[1].token)["payment"]["status"], "refund_due")
    flagged = ask(stack, "GET", "/api/admin/payments?attention=true", world.admin.token)["payments"]
    must(given_back["order_id"] in [p["order_id"] for p in flagged], "not flagged:", flagged)
    ask(stack, "PUT", f"/api/admin/payments/{given_back['order_id']}", world.admin.token, {"action": "refund"})
    until(lambda: settled(world, [given_back["order_id"]]), PATIENCE)
    payment = ask(stack, "GET", path, buyers[1].token)["payment"]
    must_equal("given back at last", (payment["status"], payment["refunded_cents"]), ("refunded", PRICE))
    provider.faults(seed=1)
    audit(stack)


NOT_ASKED = PaidTwin({}, instead={"payment.sql": [
    ("('open', null, 'deadline', false, 'closing', 'deadline', '{expire}'),", "('open', null, 'deadline', false, 'void', null, '{release}'),"),
    ("if p_became not in ('due', 'open', 'closing') then", "if p_became not in ('due', 'open', 'closing', 'void') then")]})
UNLOCKED = PaidTwin({"order_return.sql": ["order", "shipment"], "00_base.sql": ["cart"]},
                    nets=["market.payment_charge.payment_charge_pkey"])
NEW_KEYS = PaidTwin({}, instead={"outbox.sql": [("'body', o.body, 'key', o.key,", "'body', o.body, 'key', market.random_key(),")]})
NOT_IN_TURN = PaidTwin({"payout.sql": ["shop"]})
RACE_TESTS = [RaceTest("payments", payments, few=True, twin=NOT_ASKED),
              RaceTest("payments_events", payments_events, few=True, twin=UNLOCKED),
              RaceTest("payments_payouts", payments_payouts, few=True, twin=NOT_IN_TURN),
              RaceTest("payments_refunds", payments_refunds, few=True, twin=NEW_KEYS),
              RaceTest("payments_reconcile", payments_reconcile, few=1, twin=None)]
