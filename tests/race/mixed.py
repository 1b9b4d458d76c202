"""Sign-ups, listings, carts, checkouts of a hot pair, searches and pages at the same time; in the middle one of the two processes of
the program is stopped.

    mixed   a call whose outcome is unknown is sent again; in the end each has an answer, and none is a fault

What it guards against: data races between threads, a shutdown that hangs or loses a call. It is written for the builds with sanitizers, whose
findings it fails by; so it has no twin.
"""
import os
import random
import signal

from clients import Crowd, until
from fixtures import checkout, list_pair, people, shops
from people import new_token
from race import RaceTest, figures, must_be_answered, must_equal

BUYERS = 200
SELLERS = 8
PAIRS = 300
FLIGHT = 96
SIGN_UPS = 12  # each needs a password hash
PATIENCE = 60


class World:
    def __init__(self, stack):
        self.buyers = people(stack, BUYERS, "mixed")
        self.sellers = shops(stack, SELLERS, "mixed.seller")


def requests_of(world, listing):
    """Requests of all kinds, each with its kind."""
    mark = new_token()[:10].lower()
    hot = [checkout(b, [(listing, 1)]) for b in world.buyers for _ in range(3)]
    asked = [("hot", r) for r in hot]
    for i in range(SIGN_UPS):
        asked.append(("sign", {"path": "/api/accounts", "body": {"name": "Mix", "email": f"mix{i % 9}.{mark}@example.com", "password": "correct horse"}}))
    for i, b in enumerate(world.buyers):
        seller = random.choice(world.sellers)
        shoe = {"brand": f"Mix {i % 7} {mark}", "style": "All", "color": "red", "size": 8, "condition": "used", "audience": "men",
                "price_cents": 100 + i, "quantity": 3}
        asked += [("new", {"path": f"/api/shops/{seller.shop_id}/listings", "token": seller.token, "body": shoe, "key": f"mixed-{mark}-{i}"}),
                  ("cart", {"method": "PUT", "path": f"/api/cart/items/{listing}", "token": b.token, "body": {"quantity": 1}}),
                  ("read", {"method": "GET", "path": "/api/listings?q=mix&facets=1"}),
                  ("read", {"method": "GET", "path": f"/api/listings/{listing}", "headers": {"Accept": "text/html"}}),
                  ("read", {"method": "GET", "path": "/api/cart", "token": b.token}),
                  ("read", {"method": "GET", "path": "/api/openapi.json"}),
                  ("read", {"method": "GET", "path": "/api/metrics"}),
                  ("wrong", {"path": "/api/checkout", "token": new_token(), "key": "mixed-wrong", "body": {}})]
    random.shuffle(asked)
    return asked


def mixed(stack, world):
    until(lambda: len(stack.program_pids()) == 2, PATIENCE)
    listing = list_pair(stack, world.sellers[0], 1500, PAIRS)
    asked = requests_of(world, listing)
    crowd = Crowd(stack, [r for _, r in asked], flight=FLIGHT, timeout=2 * PATIENCE, persist=PATIENCE)
    try:
        crowd.wait_for(len(asked) // 3)
        os.kill(random.choice(stack.program_pids()), signal.SIGTERM)
        answers = crowd.answers()
    finally:
        crowd.stop()
    must_equal("pairs sold", sum(a.status == 201 for a, (kind, _) in zip(answers, asked) if kind == "hot"), PAIRS)
    allowed = {"hot": {201: None, 409: "out_of_stock"}, "sign": {201: None, 409: "email_taken"}, "new": {201: None}, "cart": {200: None},
               "read": {200: None}, "wrong": {401: "unauthenticated"}}
    for kind, statuses in allowed.items():
        must_be_answered([a for a, (k, _) in zip(answers, asked) if k == kind], statuses)
    must_equal("available", figures(stack, f"select available from market.stock where listing_id = {listing}"), [0])


RACE_TESTS = [RaceTest("mixed", mixed, setup=World, few=True, twin=None)]
