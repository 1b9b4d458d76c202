"""The primary is killed while people buy, and its standby promoted: two PostgreSQL servers of their own, two processes of the program, nginx.

What was acknowledged is there, once. In between buyers get 503 and nothing else, and guests go on reading: every page for guests is answered without a
primary, so none of their statements writes. Sales go on soon after the promotion.

What it guards against: an acknowledgement that the standby does not have, a call that is carried out twice, connections that stay with the old primary,
pages that need a primary. The twin replicates asynchronously, and its walsender is frozen before the primary dies.
"""
import collections
import hashlib
import http.client
import itertools
import json
import os
import re
import signal
import threading
import time
import urllib.error
import urllib.request

from clients import ask, until
from fixtures import list_pair, people, shops, start_sale
from pair import Pair
from people import new_token
from pictures import add_photos
from race import RaceTest, Violation, audit, must, must_be_quick, must_equal, tried
from stack import TOP

BUYERS, GUESTS = 16, 2
BEFORE, UNSEEN, AFTER = 200, 100, 200  # acknowledged before the kill, after the twin's walsender is frozen, and after the promotion
PATIENCE = 60  # seconds for a buyer's request; a shared machine may stand still for long
FIRST_SALE = 2  # seconds after the promotion
PAUSE = 0.05  # before a request is repeated
GUEST_PAUSE = 0.01


# ---- buyers and guests ----

class Market:
    """What buyers and guests were answered."""

    def __init__(self, pair):
        self.pair, self.mark = pair, "failover-" + new_token()[:10]
        self.owner, = shops(pair, 1, "failover.seller")
        self.buyers = people(pair, BUYERS, "failover")
        self.listing = list_pair(pair, self.owner, 8800, 100000)
        self.lock = threading.Lock()
        self.orders, self.sold_at = {}, []  # the key by order, and when each was acknowledged
        self.others, self.seen, self.wrong = collections.Counter(), collections.Counter(), []
        self.done = threading.Event()
        self.numbers = itertools.count(9000)
        self.threads = [threading.Thread(target=self.buy, args=(i, person)) for i, person in enumerate(self.buyers)]
        self.threads += [threading.Thread(target=self.read) for _ in range(GUESTS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        for thread in self.threads:
            thread.join()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.pair.port, timeout=PATIENCE)

    def buy(self, i, person):
        """Buys, each pair under a key of its own, which is repeated until the answer is known."""
        connection = self.connect()
        body = json.dumps({"items": [{"listing_id": self.listing, "quantity": 1}]})
        for n in itertools.count():
            if self.done.is_set() or self.wrong:
                return
            key, began = f"{self.mark}-{i}-{n}", time.monotonic()
            while not self.try_once(connection, person, body, key):
                if self.wrong:
                    return
                if time.monotonic() > began + PATIENCE:
                    self.wrong.append(f"no answer to {key} within {PATIENCE} s")
                time.sleep(PAUSE)

    def try_once(self, connection, person, body, key):
        """Whether the request was answered with an order."""
        head = {"Authorization": f"Bearer {person.token}", "Content-Type": "application/json", "Idempotency-Key": key}
        try:
            connection.request("POST", "/api/checkout", body, head)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.wrong.append(f"no answer to a buyer: {error!r}")
            return False
        with self.lock:
            if answer.status == 201:
                order = json.loads(text)["order_id"]
                if order in self.orders:
                    self.wrong.append(f"order {order} was acknowledged for {self.orders[order]} and for {key}")
                self.orders[order] = key
                self.sold_at.append(time.monotonic())
            elif answer.status != 503:
                self.wrong.append(f"a buyer was answered {answer.status} {text[:300]!r}")
            else:
                self.others[answer.status] += 1
        return answer.status == 201

    def read(self):
        """Reads public pages: listings at another price each time, since nginx shows kept pages."""
        connection = self.connect()
        while not self.done.is_set():
            for path in (f"/api/listings?max_price_cents={next(self.numbers)}", f"/api/shops/{self.owner.shop_id}", "/api/health?for=reading"):
                try:
                    connection.request("GET", path)
                    answer = connection.getresponse()
                    text = answer.read()
                except (OSError, http.client.HTTPException) as error:
                    self.wrong.append(f"no answer to a guest: {error!r}")
                    return
                self.seen[answer.status] += 1
                if answer.status != 200:
                    self.wrong.append(f"GET {path} was answered {answer.status} {text[:300]!r}")
            time.sleep(GUEST_PAUSE)

    def wait_for(self, count):
        """Waits until so many more are acknowledged."""
        wanted = len(self.orders) + count
        until(lambda: self.wrong or len(self.orders) >= wanted, PATIENCE)

    def must_add_up(self):
        """What was acknowledged is there, once, and nothing else."""
        kept = {int(order): key for order, key in
                self.pair.rows(f"select order_id, key from market.orders where key like '{self.mark}-%'")}
        must_equal("orders acknowledged and not kept", {o: k for o, k in self.orders.items() if kept.get(o) != k}, {})
        must_equal("orders kept that were not acknowledged", {o: k for o, k in kept.items() if o not in self.orders}, {})
        there = [int(order) for order, in self.pair.rows(f"select order_id from market.order_line where listing_id = {self.listing}")]
        must_equal("orders that are there", sorted(there), sorted(self.orders))
        self.pair.be_durable()
        audit(self.pair)


# ---- pages for guests ----

def make_pages(pair):
    """Something for each page for guests; returns their paths by the name of the statement."""
    owner, = shops(pair, 1, "failover.pages")
    listing = list_pair(pair, owner, 8800, 10)
    other = list_pair(pair, owner, 9900, 10)
    shoe = pair.psql(f"select shoe_id from market.listing where listing_id = {listing}")
    shop, listings = f"/api/shops/{owner.shop_id}", "/api/listings"
    event = ask(pair, "POST", shop + "/events", owner.token, {"title": "Release", "starts_at": "2090-01-01T10:00:00Z", "capacity": 5})["event_id"]
    ask(pair, "POST", shop + "/slots", owner.token, {"station": "One", "starts_at": "2090-01-01T10:00:00Z", "ends_at": "2090-01-01T11:00:00Z"})
    start_sale(pair, owner, 5, 10)
    add_photos(pair, listing)
    return {
        "find_listings": [f"{listings}?{query}" for query in ("", "q=gale+grey+size+9.5&facets=1", "q=galee", "sort=price&on_sale=true", "facets=1", "sort=-price&limit=1",
                                                              f"brand=Race&shop_id={owner.shop_id}&verified=false")],
        "compare_listings": [f"{listings}/compare?id={listing}&id={other}"],
        "listing": [f"{listings}/{listing}"],
        "shoe": [f"/api/shoes/{shoe}"],
        "photo_file": [f"/api/photos/{hashlib.sha256(b'x').hexdigest()}/page.webp"],
        "suggestions": ["/api/suggestions?q=br"],
        "shoe_prices": [f"/api/shoes/{shoe}/prices"],
        "shoe_page": [f"/shoes/{shoe}?size=9.5"],
        "sitemap": ["/sitemap.xml"],
        "sitemap_shoes": ["/sitemaps/shoes/1"],
        "sitemap_shops": ["/sitemaps/shops/1"],
        "sales": ["/api/sales", f"/api/sales?shop_id={owner.shop_id}"],
        "events": ["/api/events"],
        "event": [f"/api/events/{event}"],
        "slots": [shop + "/slots"],
        "shop": [shop],
        "shop_listings": [shop + "/listings"],
        "current_sale": [shop + "/sale"],
        "shop_reviews": [shop + "/reviews"],
        "health_reading": ["/api/health?for=reading"],
    }


# ---- failover ----

def public_statements(for_members=False):
    """Those of schema/queries that a standby may answer; or those that it answers a member too: they take no session, or are `except session`."""
    texts = "\n".join(path.read_text(encoding="utf-8") for path in (TOP / "schema/queries").glob("*.sql"))
    found = re.findall(r"^-- name: (\w+) :\w+ ro public\b(.*)\n((?:(?!-- name:).*\n?)*)", texts, re.M)
    return {name for name, mark, text in found if not for_members or ":session" not in text or mark == " except session"}


def answer_to(pair, path, token=None):
    """(status, text) of a GET."""
    request = urllib.request.Request(pair.url + path, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read()[:300]
    except urllib.error.HTTPError as error:
        return error.code, error.read()[:300]


def must_be_readable(pair, pages, buyer):
    """There is no primary: pages for guests are there, also for those who have a session if it makes no difference, and others are not."""
    for path in itertools.chain(*pages.values()):
        must_equal(path, answer_to(pair, path)[0], 200)
    for path in itertools.chain(*(pages[name] for name in public_statements(for_members=True))):
        must_equal(f"{path} for a member", answer_to(pair, path, buyer.token)[0], 200)
    must_equal("one's own orders", answer_to(pair, "/api/orders", buyer.token)[0], 503)
    must_equal("health", answer_to(pair, "/api/health")[0], 503)


def freeze_walsender(pair):
    pid = int(pair.psql("select pid from pg_stat_replication", user="postgres"))
    os.kill(pid, signal.SIGSTOP)


def fail_over(loses):
    """One failover; `loses`: the standby misses what was acknowledged last."""
    with Pair(synchronous=not loses) as pair:
        market, pages = Market(pair), make_pages(pair)
        must_equal("public statements without a page in make_pages()", public_statements() - set(pages), set())
        with market:
            market.wait_for(BEFORE)
            if loses:
                freeze_walsender(pair)
                market.wait_for(UNSEEN)
            pair.primary.kill()
            killed = time.monotonic()
            if not loses:
                must_be_readable(pair, pages, market.buyers[0])
            asked = time.monotonic()
            pair.promote()
            promoted = time.monotonic()
            market.wait_for(AFTER)
        if market.wrong:
            raise Violation("; ".join(market.wrong[:3]))
        market.must_add_up()
        must(market.seen[200] > 20, "guests read only", market.seen)
        first = min(at for at in market.sold_at if at > asked) - promoted  # the last answers of the old primary may arrive after it was killed
        must_be_quick(first < FIRST_SALE, f"the first sale came {first:.1f} s after the promotion")
        return (f"{len(market.orders)} acknowledged, all there once; {market.others[503]} times 503; first sale {first:.2f} s after the promotion,"
                f" {first + promoted - killed:.2f} s after the kill; guests read {market.seen[200]} pages")


class Loses:
    """The twin: another pair of servers, in which a standby is behind."""

    @staticmethod
    def apply(stack):
        stack.loses = True

    @staticmethod
    def take_back(stack):
        stack.loses = False


def failover(stack, _):
    return fail_over(getattr(stack, "loses", False))


RACE_TESTS = [RaceTest("failover", tried(failover), twin=Loses(), few=True)]
