"""What tests that speak FastCGI share: a marketplace, on whose database a test runs another process of the program."""
import contextlib
import json
import pathlib
import signal
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "lib"))

from fastcgi import ANSWER_SECONDS, Connection, request  # noqa: E402
from patience import must_take_less, until  # noqa: E402
from people import accounts_sql, new_token  # noqa: E402
from stack import Stack, newest_psql  # noqa: E402

PLACES = 512  # connections that the program serves at a time
BUYERS = 64
PRICE_CENTS = 1500
AT_ONCE_SECONDS = 1.5  # within which a call that waits for no other is answered, on a busy machine too
REST_SECONDS = 0.3
LONG = "/api/openapi.json"  # the longest answer, longer than the buffers of a connection; it needs no database


class World:
    """A marketplace with buyers and a listing of many pairs."""

    def __enter__(self):
        self.stack = Stack(processes=1).start()
        try:
            rows = [(f"Buyer {i}", f"buyer.{i}@example.net", new_token()) for i in range(BUYERS + 1)]
            self.stack.psql(accounts_sql(rows))
            seller, *self.buyers = [token for _, _, token in rows]
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
        """The arguments of request() for a purchase. Purchases of different buyers are batched if they are sent on kept connections."""
        body = json.dumps({"items": [{"listing_id": self.listing, "quantity": quantity}]}).encode()
        return {"method": "POST", "target": "/api/checkout", "body": body, "token": self.buyers[buyer % BUYERS], "key": key or new_token(), **more}

    def waiting_for_locks(self):
        return int(self.stack.psql("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and usename = 'shoetopia_app'", user="postgres"))

    def orders(self):
        return int(self.stack.psql("select count(*) from market.orders"))

    @contextlib.contextmanager
    def stock_is_locked(self):
        """Holds a lock that purchases need: the first one waits for it, the others for the first."""
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


def must_answer_promptly(program, times=1):
    """Calls on new connections are answered as on an idle program."""
    for n in range(times):
        began = time.monotonic()
        assert program.ask("GET", f"/api/nowhere/{n}").status == 404
        assert program.ask("GET", "/api/health").status == 200
        must_take_less(AT_ONCE_SECONDS, began)


def must_be_idle(program):
    """A process that only waits uses no processor time. There is no event to poll for here, so the test sleeps."""
    before = program.ticks()
    time.sleep(REST_SECONDS)
    assert program.ticks() - before <= REST_SECONDS * 100 / 3, program.ticks() - before


@contextlib.contextmanager
def suspended(program):
    """Suspends the process, so that all that is sent meanwhile arrives at once."""
    program.signal(signal.SIGSTOP)
    until("it is suspended", lambda: program.stat()[0] == "T", 0.001)
    yield
    program.signal(signal.SIGCONT)


def queue_purchases(world, program, connections, quantities=None, keep=True, **more):
    """Sends a purchase on each: the first waits for a lock, the others in the queue. Call it while stock_is_locked."""
    quantities = quantities or [1] * len(connections)
    connections[0].send(request(**world.purchase(0, quantities[0]), keep=keep, **more))
    until("the first one waits", lambda: world.waiting_for_locks() > 0)
    for i, connection in enumerate(connections[1:], 1):
        connection.send(request(**world.purchase(i, quantities[i]), keep=keep, **more))
    until("all wait for the first one", lambda: program.figure("db_waiting") == len(connections) - 1)


def fill(connection, limit=None):
    """Sends requests without reading until `limit` answers are unread, or until the buffers are full. Returns the number of unread answers."""
    connection.send(request("GET", "/api/nowhere"))
    before = until("the answer has come as a whole", connection.is_answered, 0.001)
    for answered in range(1, limit or 2000):
        connection.send(request("GET", "/api/nowhere"))
        if not connection.gets_more_than(before, REST_SECONDS if limit is None else ANSWER_SECONDS):
            return answered
        before = connection.unread()
    return limit
