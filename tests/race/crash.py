"""A process is killed in the middle of a hot sale. Each client records its answers, and sends a call whose outcome it does not know
(no answer, 502, 503, 504) again with the same key.

    crash_program   one of the two processes of the program
    crash_backend   a backend in the middle of its statement: PostgreSQL ends all others and recovers
    crash_server    all of PostgreSQL, the postmaster first; ./start starts it again

After each round every acknowledged order exists once, no order exists that was not acknowledged, and no more pairs are sold than there were: orders,
ledgers and answers agree, and the audit finds nothing.

What they guard against: a call that is carried out twice; an acknowledgement before the commit is on disk. The first twin ignores keys, which
are not unique there; the twin of the others acknowledges before the commit is on disk.
"""
import os
import random
import re
import signal

from clients import Crowd, until
from fixtures import checkout, list_pair, people, shops
from people import new_token
from race import RaceTest, Twin, Violation, audit, figures, must_be_answered, must_equal
from stack import StackError

BUYERS = 256
PAIRS = 4000  # half as many calls again
FLIGHT = 96
PATIENCE = 90  # seconds; a server that recovers may take a while
PRICE = 6400


class World:
    """judged: whether the audit runs; not on the twin's stack, where violations of other race tests remain."""

    def __init__(self, stack):
        self.buyers = people(stack, BUYERS, "crash")
        try:
            audit(stack)
            self.judged = True
        except Violation:
            self.judged = False


def kill_program(stack):
    os.kill(random.choice(stack.program_pids()), signal.SIGKILL)


def kill_backend(stack):
    """Kills a backend, an active one if there is one: it holds locks and owes a result. The postmaster ends the others."""
    found = stack.psql("select pid from pg_stat_activity where usename = 'shoetopia_app' order by state = 'active' desc, random() limit 1",
                       user="postgres")
    os.kill(int(found), signal.SIGKILL)


def kill_server(stack):
    """Kills the postmaster; sometimes all backends with it, so that none completes its statement, sometimes not."""
    first = stack.postgres_pid()
    with open(f"/proc/{first}/task/{first}/children", encoding="ascii") as file:
        children = file.read().split()
    os.kill(first, signal.SIGKILL)
    for pid in children if random.random() < 0.5 else []:
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:  # it noticed that the postmaster is gone
            pass


def is_whole(stack):
    """Both processes of the program run, and the database answers."""
    if len(stack.program_pids()) < 2:
        return False
    try:
        return stack.psql("select 1", user="postgres") == "1"
    except StackError:
        return False


def crash(stack, world, strike, pairs=PAIRS):
    until(lambda: is_whole(stack), PATIENCE)
    owner = shops(stack, 1, "crash.seller")[0]
    listing = list_pair(stack, owner, PRICE, pairs)
    mark = "crash-" + new_token()[:12]
    requests = [checkout(world.buyers[i % BUYERS], [(listing, 1)], f"{mark}-{i}") for i in range(pairs * 3 // 2)]
    crowd = Crowd(stack, requests, flight=FLIGHT, timeout=PATIENCE + 30, persist=PATIENCE)
    try:
        crowd.wait_for(random.randint(pairs // 8, pairs // 2))
        strike(stack)
        answers = crowd.answers()
    finally:
        crowd.stop()
    until(lambda: is_whole(stack), PATIENCE)

    must_be_answered(answers, {201: None, 409: "out_of_stock"})
    orders = {a.json["order_id"]: a.index for a in answers if a.status == 201}
    must_equal("sold by the answers, and the different orders in them", [sum(a.status == 201 for a in answers), len(orders)], [pairs, pairs])
    kept = {int(order): int(i) for order, i in stack.rows(f"select order_id, split_part(key, '-', -1) from market.orders where key like '{mark}-%'")}
    must_equal("orders acknowledged and not kept", {o: i for o, i in orders.items() if kept.get(o) != i}, {})
    must_equal("orders kept that were not acknowledged", {o: i for o, i in kept.items() if orders.get(o) != i}, {})
    have = figures(stack, f"""select k.available,
            (select sum(delta) from market.stock_ledger e where e.listing_id = k.listing_id),
            (select count(*) from market.order_line i where i.listing_id = k.listing_id),
            (select count(distinct i.order_id) from market.order_line i join market.orders o using (order_id)
                where i.listing_id = k.listing_id and o.status = 'placed'),
            b.balance_cents, b.pairs_sold
        from market.stock k join market.balance b using (shop_id) where k.listing_id = {listing}""")
    must_equal("available, its ledger, lines, orders, balance, pairs sold", have, [0, 0, pairs, pairs, pairs * PRICE, pairs])
    if world.judged:
        audit(stack)


def crash_program(stack, world):
    crash(stack, world, kill_program)


def crash_backend(stack, world):
    crash(stack, world, kill_backend)


def crash_server(stack, world):
    crash(stack, world, kill_server)


class TooSoon(Twin):
    """The twin acknowledges before the commit is on disk. Every write refuses that, so this guard goes first."""

    def __init__(self):
        super().__init__({}, instead={"00_base.sql": [("if current_setting('synchronous_commit') not in ('on', 'remote_apply')", "if false")]})

    def text(self, name, whole=False):
        """The guard's function alone: the functions beside it are in use."""
        return re.search(r"create or replace function api\.must_be_durable\(.*?\n\$\$;\n", super().text(name, whole), re.S).group()

    @staticmethod
    def set(stack, how):
        stack.psql(f"alter role shoetopia_app set synchronous_commit = {how}; select pg_terminate_backend(pid) from pg_stat_activity"
                   " where usename = 'shoetopia_app'", user="postgres")

    def apply(self, stack):
        super().apply(stack)
        self.set(stack, "off")

    def take_back(self, stack):
        until(lambda: is_whole(stack), PATIENCE)
        self.set(stack, "on")
        super().take_back(stack)


FORGETFUL = Twin({}, nets=["market.orders.orders_key"], instead={"batch.sql": [
    ("api.kept_key(v_batch.account_id[i], v_key[i])", "api.kept_key(v_batch.account_id[i], null)")]})
# The twin that ignores keys leaves their index dropped, so it runs last.
RACE_TESTS = [RaceTest("crash_backend", crash_backend, setup=World, twin=TooSoon(), few=True),
              RaceTest("crash_server", crash_server, setup=World, twin=TooSoon(), few=True),
              RaceTest("crash_program", crash_program, setup=World, twin=FORGETFUL, few=True)]
