"""A marketplace beside whose program a test runs its own, on the same database; and what tests that speak FastCGI have in common."""
import contextlib
import json
import pathlib
import signal
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

from fastcgi import ANSWER_SECONDS, Connection, request  # noqa: E402
from patience import until  # noqa: E402
from people import accounts_sql, new_token  # noqa: E402
from stack import Stack, newest_psql  # noqa: E402

PLACES = 512  # as many connections does the program take at a time
BUYERS = 64
PRICE_CENTS = 1500
AT_ONCE_SECONDS = 1.5  # within which whoever waits for nobody else is answered, on a busy machine too
REST_SECONDS = 0.3
LONG = "/api/openapi.json"  # the longest answer; it needs no database


class World:
    """A marketplace with buyers and a pair that there is enough of."""

    def __enter__(self):
        self.stack = Stack(processes=1).start()
        try:
            told = [(f"Buyer {i}", f"buyer.{i}@example.net", new_token()) for i in range(BUYERS + 1)]
            self.stack.psql(accounts_sql(told))
            seller, *self.buyers = [token for _, _, token in told]
            shop = self._ask("/api/shops", {"name": "Shop"}, seller)["shop_id"]
            self.listing = self._ask(f"/api/shops/{shop}/listings", {"brand": "Brand", "style": "Court", "color": "white", "size": 9.5, "condition": "new",
                                     "audience": "men", "price_cents": PRICE_CENTS, "quantity": 100000}, seller)["listing_id"]
        except BaseException:
            print(self.stack.report(), file=sys.stderr)
            self.stack.stop()
            raise
        return self

    def _ask(self, target, body, token):
        connection = Connection(self.stack.sockets()[0])
        try:
            return connection.ask("POST", target, json.dumps(body).encode(), token, keep=False).json
        finally:
            connection.close()

    def __exit__(self, *_):
        self.stack.stop()

    def purchase(self, buyer, quantity=1, key=None, **more):
        """What request() makes into a purchase. Those of different buyers travel together, if they are asked on kept connections."""
        body = json.dumps({"items": [{"listing_id": self.listing, "quantity": quantity}]}).encode()
        return {"method": "POST", "target": "/api/checkout", "body": body, "token": self.buyers[buyer % BUYERS], "key": key or new_token(), **more}

    def waiting_for_locks(self):
        return int(self.stack.psql("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and usename = 'shoetopia_app'", user="postgres"))

    def orders(self):
        return int(self.stack.psql("select count(*) from market.orders"))

    @contextlib.contextmanager
    def nobody_is_sold_to(self):
        """Purchases, of which the first waits for a lock, and the others for the first."""
        holder = subprocess.Popen([newest_psql(), "-XqAt"], env=self.stack.program_env("shoetopia_owner"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            holder.stdin.write(f"begin; select 'locked' from market.stock where listing_id = {self.listing} for update;\n")
            holder.stdin.flush()
            assert holder.stdout.readline() == "locked\n"
            yield
        finally:
            holder.communicate()


def must_have_bought(answer, quantity=1):
    assert answer.status == 201 and answer.json["total_cents"] == quantity * PRICE_CENTS, answer


def must_be_prompt(program, times=1):
    """Others, on connections of their own, are answered as if nobody else were there."""
    for n in range(times):
        began = time.monotonic()
        assert program.ask("GET", f"/api/nowhere/{n}").status == 404
        assert program.ask("GET", "/api/health").status == 200
        assert time.monotonic() - began < AT_ONCE_SECONDS, time.monotonic() - began


def must_be_at_rest(program):
    """Who has nothing to do but to wait uses no processor. The one place where time has to pass: nothing happens that could be waited for."""
    before = program.ticks()
    time.sleep(REST_SECONDS)
    assert program.ticks() - before <= REST_SECONDS * 100 / 3, program.ticks() - before


@contextlib.contextmanager
def standing_still(program):
    """What is done meanwhile it sees all at once."""
    program.signal(signal.SIGSTOP)
    until("it stands still", lambda: program.stat()[0] == "T", 0.001)
    yield
    program.signal(signal.SIGCONT)


def wait_for_each_other(world, program, connections, quantities=None, keep=True, **more):
    """A purchase on each: the first waits for a lock, and all others for the first. To be used while nobody is sold to."""
    quantities = quantities or [1] * len(connections)
    connections[0].send(request(**world.purchase(0, quantities[0]), keep=keep, **more))
    until("the first one waits", lambda: world.waiting_for_locks() > 0)
    for i, connection in enumerate(connections[1:], 1):
        connection.send(request(**world.purchase(i, quantities[i]), keep=keep, **more))
    until("all wait for the first one", lambda: program.figure("db_waiting") == len(connections) - 1)


def fill(connection, room=None):
    """Asks and does not read until `room` answers are unread; if it is not given, until there is no room for more. How many it is."""
    connection.send(request("GET", LONG))
    before = until("the answer has come as a whole", connection.is_answered, 0.001)
    for answered in range(1, room or 2000):
        connection.send(request("GET", "/api/nowhere"))
        if not connection.gets_more_than(before, REST_SECONDS if room is None else ANSWER_SECONDS):
            return answered
        before = connection.unread()
    return room
