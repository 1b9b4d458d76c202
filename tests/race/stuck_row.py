"""A row that another transaction holds for seconds stops the calls that need it, and no others.

    stuck_stock, stuck_sale, stuck_balance, stuck_cart, stuck_reservation   buyers of shop A need the row, buyers of shop B do not
    stuck_event                                                             those who book at an event of shop A need it
    stopped_backend                                                         the backend of a batch of shop A is stopped (SIGSTOP) while it runs

Shop B must keep 0.8 of its rate beside a transaction that is open for as long and needs nothing of it: PostgreSQL keeps all versions of its hot rows while
any transaction is open, which costs it a tenth to a fifth by itself. The machine is shared, so the best of up to three tries counts. Its buyers ask
for several listings, so that all queues of the statement are used. Calls that need the row are answered 503 by their deadline, and those that wait when it
is released succeed within a second. The row is held for 5 s, with CHECK_LONG for 30 s, of which a call waits 8. The twin waits 4 s for each
lock.
"""
import concurrent.futures
import json
import os
import signal
import subprocess
import threading
import time

import race
from clients import Crowd, Holder, ask, crowd_program, until
from fixtures import checkout, list_pair, people, shops, start_sale
from race import RaceTest, Twin, must, must_be_answered

DEADLINE_MS = 8000  # of a call
SLACK_MS = 1000
SETTLE_SECONDS = 0.5  # after a transaction that was open
RATE_MAX = 3000  # of shop B, a second
LISTINGS = 16  # of shop B
QUEUES = 4  # of a batched statement: src/db/db.c
KEPT = 0.8  # of the rate
CLIENTS = 8  # of shop B
BUYERS = 4  # of shop A


def request_count():
    """More than shop B gets done in a round."""
    return RATE_MAX * (2 * held_seconds() + 4)


def held_seconds():
    """How long a fault lasts; builds with sanitizers prove no speed."""
    if not race.SPEED_COUNTS:
        return 2
    return 30 if os.environ.get("CHECK_LONG") else 5


class World:
    def __init__(self, stack):
        self.a, self.b = shops(stack, 2, "stuck")
        self.listing_a = list_pair(stack, self.a, 9900, 100000)
        self.listings_b = [list_pair(stack, self.b, 9900, 100000) for _ in range(LISTINGS)]
        for shop in (self.a, self.b):
            start_sale(stack, shop, 100000, 10)
        self.buyers_a = people(stack, BUYERS, "stuck a")
        self.buyers_b = people(stack, CLIENTS * 4, "stuck b")

    def others(self, beside=None):
        """Purchases of shop B, over all its listings, or only those in other queues than this listing."""
        listings = [listing for listing in self.listings_b if beside is None or listing % QUEUES != beside % QUEUES]
        return (checkout(self.buyers_b[i % len(self.buyers_b)], [(listings[i % len(listings)], 1)]) for i in range(request_count()))


class Stream:
    """Requests of shop B, one after the other by each client; counts the answers as they come."""

    def __init__(self, stack, requests):
        self.came, self.wrong = [], []
        self.process = subprocess.Popen([crowd_program(stack), "--flight", str(CLIENTS), stack.url], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read)
        self.reader.start()
        self.writer = threading.Thread(target=self._write, args=(requests,))
        self.writer.start()

    def _write(self, requests):
        try:
            for request in requests:
                self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def _read(self):
        for line in self.process.stdout:
            self.came.append(time.monotonic())
            if '"status":201' not in line.replace(" ", "")[:200]:
                self.wrong.append(line)

    def rate(self, begin, end):
        return sum(begin <= at < end for at in self.came) / (end - begin)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.writer.join()
        self.reader.join()


def rate_beside_open_transaction(stack, stream, seconds):
    """That of shop B, beside a transaction that holds nothing it needs."""
    with Holder(stack) as holder:
        holder.do("begin")
        holder.do("select pg_current_xact_id()")
        began = time.monotonic()
        time.sleep(seconds)
        rate = stream.rate(began, time.monotonic())
        holder.do("commit")
    time.sleep(SETTLE_SECONDS)
    return rate


def must_keep_rate(stream, control, began, ended):
    """Returns the rates as text."""
    rate = stream.rate(began, ended)
    text = f"shop B sold {rate:.0f} pairs a second, {control:.0f} beside a transaction that holds nothing"
    if race.SPEED_COUNTS and rate < KEPT * control:
        raise race.Slow(text) if rate > KEPT / 2 * control else race.Violation(text)
    return text


def answer_after(seconds):
    """What a call that came at the begin of the fault is answered."""
    return {503: "busy"} if seconds * 1000 > DEADLINE_MS + SLACK_MS else {201: None}


def hold_row(stack, sql, first, second, others):
    """Holds the row that `sql` locks. The requests `first` need it and come at once, `second` a second before it is released; `others` do not."""
    seconds = held_seconds()
    with Stream(stack, others) as stream, Holder(stack) as holder:
        until(lambda: len(stream.came) > 100)
        control = rate_beside_open_transaction(stack, stream, seconds)
        holder.do("begin")
        holder.do(sql)
        held = time.monotonic()
        early = Crowd(stack, first)
        time.sleep(seconds - 1)
        late = Crowd(stack, second)
        time.sleep(1)
        released = time.monotonic()
        holder.do("commit")
        late = late.answers()
        took = time.monotonic() - released
        early = early.answers()
        must(not stream.wrong, "an answer of shop B that must not be:", stream.wrong[:1])
        rates = must_keep_rate(stream, control, held, released)
    must_be_answered(early, answer_after(seconds))
    must(max(a.latency_ms for a in early) <= DEADLINE_MS + SLACK_MS, "answered after the deadline:", early)
    must_be_answered(late, {201: None})
    must(took <= 1, f"sold {took:.1f} s after the row was released")
    return f"{rates}; shop A sold {took * 1000:.0f} ms after the release"


def stuck(sql, prepare=None):
    """A race test of checkouts whose row is locked by `sql`, a format."""
    def run(stack, world):
        if prepare:
            prepare(stack, world)
        rows = sql.format(listing=world.listing_a, shop=world.a.shop_id, accounts=",".join(str(b.account_id) for b in world.buyers_a))
        first, second = ([checkout(buyer, [(world.listing_a, 1)]) for buyer in world.buyers_a] for _ in range(2))
        return hold_row(stack, rows, first, second, world.others())
    return race.tried(run)


def reserve(stack, world):
    for buyer in world.buyers_a:
        if not int(stack.psql(f"select count(*) from market.reservation where account_id = {buyer.account_id}")):
            ask(stack, "POST", "/api/reservations", buyer.token, {"listing_ids": [world.listing_a]})


def stuck_event(stack, world):
    event_a, event_b = (ask(stack, "POST", f"/api/shops/{shop.shop_id}/events", shop.token, {
        "title": "Stuck", "starts_at": "2090-01-01T10:00:00Z", "capacity": 100000})["event_id"] for shop in (world.a, world.b))
    book_a = [{"path": f"/api/events/{event_a}/booking", "token": p.token, "key": f"event-{event_a}-{i}"} for i, p in enumerate(world.buyers_a)]
    book_b = [{"path": f"/api/events/{event_b}/booking", "token": p.token} for p in people(stack, request_count(), "stuck event")]
    return hold_row(stack, f"select from market.event where event_id = {event_a} for update", book_a[:2], book_a[2:], book_b)


WAITING_CHECKOUT = """do $$ declare v_pid int; begin
    for i in 1 .. 2000 loop
        perform pg_stat_clear_snapshot();
        select a.pid into v_pid from pg_stat_activity a
        where a.query like '%api.checkout%' and {holder} = any(pg_blocking_pids(a.pid));
        exit when v_pid is not null;
        perform pg_sleep(0.002);
    end loop;
    perform set_config('test.pid', v_pid::text, false);
end $$; select current_setting('test.pid')"""


def stop_backend(stack, world):
    """Stops the backend of a batch that waits for the stock of shop A, with the locks that it has by then; returns its pid and the batch's call."""
    with Holder(stack) as holder, concurrent.futures.ThreadPoolExecutor(1) as pool:
        holder.do("begin")
        holder.do(f"select from market.stock where listing_id = {world.listing_a} for update")
        found = pool.submit(stack.psql, WAITING_CHECKOUT.format(holder=holder.do("select pg_backend_pid()")), user="postgres")
        time.sleep(0.3)  # psql has to be connected: the batch waits only 150 ms
        call = Crowd(stack, [checkout(world.buyers_a[0], [(world.listing_a, 1)])])
        pid = int(found.result().split()[-1])
        os.kill(pid, signal.SIGSTOP)
        holder.do("commit")
    return pid, call


def stopped_backend(stack, world):
    seconds = held_seconds()
    # Calls in the batch of the stopped backend wait with it, and so do later calls of their buyers.
    with Stream(stack, world.others(beside=world.listing_a)) as stream:
        until(lambda: len(stream.came) > 100)
        control = rate_beside_open_transaction(stack, stream, seconds)
        stopped = time.monotonic()
        pid, call = stop_backend(stack, world)
        try:
            time.sleep(seconds)
        finally:
            resumed = time.monotonic()
            os.kill(pid, signal.SIGCONT)
        late = Crowd(stack, [checkout(buyer, [(world.listing_a, 1)]) for buyer in world.buyers_a[1:]]).answers()
        first = call.answers()
        must(not stream.wrong, "an answer of shop B that must not be:", stream.wrong[:1])
        rates = must_keep_rate(stream, control, stopped, resumed)
    must_be_answered(late, {201: None})
    must_be_answered(first, answer_after(seconds))
    must(first[0].latency_ms <= DEADLINE_MS + SLACK_MS, "answered after the deadline:", first)
    return f"{rates}; its call: {first[0].status} after {first[0].latency_ms:.0f} ms"


PATIENT = Twin({}, instead={"batch.sql": [("coalesce(nullif(p_lock_ms, 0), 150)::text", "'4s'")]})
RACE_TESTS = [
    RaceTest("stuck_stock", stuck("select from market.stock where listing_id = {listing} for update"), setup=World, twin=PATIENT, few=True),
    RaceTest("stuck_sale", stuck("select from market.sale where shop_id = {shop} for update"), setup=World, twin=None, few=True),
    RaceTest("stuck_balance", stuck("select from market.balance where shop_id = {shop} for update"), setup=World, twin=None, few=True),
    RaceTest("stuck_cart", stuck("select from market.cart where account_id in ({accounts}) for update"), setup=World, twin=None, few=True),
    RaceTest("stuck_reservation", stuck("select from market.reservation where account_id in ({accounts}) for update", reserve), setup=World,
             twin=None, few=True),
    RaceTest("stuck_event", race.tried(stuck_event), setup=World, twin=None, few=True),
    RaceTest("stopped_backend", race.tried(stopped_backend), setup=World, twin=None, few=True),
]
