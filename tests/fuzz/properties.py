#!/usr/bin/python3
"""tests/fuzz/properties.py: generated bodies, sent to a running marketplace by Hypothesis.

POST /api/shops/{id}/listings and POST /api/checkout get bodies of valid, invalid and absurd values of each field, of any JSON, and of
bytes that are not JSON. Each value says whether the API accepts it, so the answer is known: a body of valid values succeeds;
any other is refused with a problem document and a code of the API, and no row was inserted or deleted. Last line: N passed, N failed.
"""
import http.client
import json
import os
import pathlib
import subprocess
import sys
import traceback
import uuid

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))

from hypothesis import HealthCheck, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

import people  # noqa: E402
from stack import Stack  # noqa: E402

EXAMPLES = 3000 if os.environ.get("CHECK_LONG") else 120
ROUNDS = settings(max_examples=EXAMPLES, deadline=None, database=None, print_blob=False, suppress_health_check=list(HealthCheck))
PROBLEMS = {"invalid": 422, "not_json": 400, "out_of_stock": 409, "price_changed": 409, "cart_empty": 409, "key_reused": 422}

# The rows and counters that the two calls may change.
STATE = """select (select count(*) from market.shoe), (select count(*) from market.listing), (select count(*) from market.stock_ledger),
    (select sum(available) from market.stock), (select count(*) from market.orders), (select count(*) from market.order_line),
    (select count(*) from market.shipment), (select count(*) from market.balance_ledger), (select sum(balance_cents) from market.balance),
    (select count(*) from market.cart_item), (select count(*) from market.idempotency)"""


class Hall:
    """The stack, a shop with two listings, and a buyer."""

    def __init__(self, stack):
        self.stack = stack
        self.connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=30)
        self.seller, self.buyer = people.new_token(), people.new_token()
        stack.psql(people.accounts_sql([("Seller", "seller@example.com", self.seller), ("Buyer", "buyer@example.com", self.buyer)]))
        self.shop = self.made("/api/shops", {"name": "Heel"})["shop_id"]
        self.listings = [self.made(self.offers(), dict(GOOD_SHOE, style=style, quantity=100000))["listing_id"] for style in ("One", "Two")]
        self.before = self.state()

    def offers(self):
        return f"/api/shops/{self.shop}/listings"

    def made(self, path, body):
        status, kind, answer = self.ask(self.seller, path, json.dumps(body).encode())
        assert status == 201, (status, answer)
        return json.loads(answer)

    def ask(self, token, path, body):
        heads = {"Authorization": "Bearer " + token, "Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        try:
            self.connection.request("POST", path, body, heads)
            answer = self.connection.getresponse()
            text = answer.read()
        except (http.client.HTTPException, OSError):  # the server has closed the kept connection; with its key the request can be repeated
            self.connection.close()
            self.connection.request("POST", path, body, heads)
            answer = self.connection.getresponse()
            text = answer.read()
        return answer.status, answer.getheader("Content-Type"), text

    def state(self):
        return self.stack.psql(STATE)


def check(hall, token, path, body, good):
    """Sends a request and checks its answer. Returns the answer of a success, None for a refusal."""
    status, kind, text = hall.ask(token, path, body)
    assert status < 500, (status, text)
    after = hall.state()
    if status == 201:
        assert good is not False, f"{body!r} was taken: {text!r}"
        hall.before, before = after, hall.before
        assert after != before, "201, but nothing came of it"
        return json.loads(text)
    problem = json.loads(text)
    assert kind == "application/problem+json", kind
    assert PROBLEMS.get(problem["code"]) == status == problem["status"], problem
    assert good is not True or status == 409, f"{body!r} was refused: {problem}"
    assert status != 422 or isinstance(problem["errors"], list), problem
    assert after == hall.before, f"{problem} but {hall.before} has become {after}"
    return None


# ---- values: (value, whether the API accepts it) ----

GOOD_SHOE = {"brand": "Nike", "style": "Air", "color": "black", "size": 9.5, "condition": "new", "audience": "men", "price_cents": 1999, "quantity": 3}
MISSING = object()
JSON = st.recursive(st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4), max_leaves=12)
NAMES = st.text(st.sampled_from("abcXYZ019 .,'\"\\{}<>&%;-_éßñ靴👟İı"), min_size=0, max_size=78).map(lambda text: "x" + text)
ABSURD = [None, "", [], {}, [1], {"a": 1}, "null", "\u200b", -1, 1e300, 0.1, 2**63, -(2**63), "1; drop table market.shop", "\x07"]


class Field:
    """Values of a field: valid ones, limits, and invalid ones."""

    def __init__(self, good, edges, wrong, absurd=True):
        self.edges, self.wrong = edges, wrong + (ABSURD if absurd else [])
        self.any = st.sampled_from(self.wrong).map(lambda value: (value, False)) | (good | st.sampled_from(edges)).map(lambda value: (value, True))


def wholes(low, high):
    return Field(st.integers(low, high) | st.integers(low, min(high, low + 10)).map(float), [low, high, float(low), float(high)],
                 [low - 1, high + 1, low + 0.5, high + 0.5, str(low), True, False, 10**18, -(10**18)])


def words(*known):
    return Field(st.sampled_from(known), list(known), [known[0].upper(), known[0] + " ", "x", ",".join(known), [known[0]], 1])


def texts():
    return Field(NAMES, ["x", "x" * 80, "👟" * 80, " x "],
                 [" ", "\u3000\u00a0", "\u2060", "a\nb", "a\u0085", "x" * 81, "👟" * 81, "", 7, True, None, ["a"]], False)


SHOE = {
    "brand": texts(),
    "style": texts(),
    "color": words("black", "burgundy", "other"),
    "size": Field(st.integers(2, 40).map(lambda n: n / 2) | st.integers(1, 20), [1, 1.5, 20],
                  [0, 0.5, 20.5, 21, 9.25, 9.4999999999, 9.500000000000001, -9.5, "9.5", "9", 1e-300]),
    "condition": words("new", "used"),
    "audience": words("youth", "women", "men", "unisex"),
    "price_cents": wholes(1, 10_000_000),
    "quantity": wholes(1, 100_000),
}


def good(values):
    return values.map(lambda value: (value, True))


def bad(values):
    return values.map(lambda value: (value, False))


@st.composite
def shoes(draw):
    """A body for create_listing, and whether it is valid: most of its fields are, so that a single invalid value is tested."""
    body, fine = dict(GOOD_SHOE), True
    for name in draw(st.lists(st.sampled_from(sorted(SHOE)), max_size=3, unique=True)):
        body[name], right = draw(SHOE[name].any)
        fine = fine and right
    if draw(st.integers(0, 7)) == 0:
        body.pop(draw(st.sampled_from(sorted(body))))
        fine = False
    if draw(st.integers(0, 7)) == 0:
        body[draw(st.sampled_from(["shop_id", "listing_id", "verified", "Brand", "available", "_method", "", "\u0000"]))] = draw(JSON)
        fine = False
    return body, fine


def items(hall):
    ids = good(st.sampled_from(hall.listings)) | bad(st.sampled_from([0, -1, 1.5, "1", None, True, 2**54] + ABSURD))
    quantities = good(st.integers(1, 3)) | good(st.sampled_from([100000, 1.0])) | bad(st.sampled_from([0, -1, 0.5, 100001, "1", True, 2**53] + ABSURD))
    extra = st.none() | st.none() | st.none() | st.sampled_from(["price_cents", "discounted", "x"])

    def item(parts):
        (listing, fine), (quantity, right), more = parts
        whole = {"listing_id": listing, "quantity": quantity}
        if more:
            whole[more] = 1
        return whole, fine and right and not more
    return st.tuples(ids, quantities, extra).map(item)


def orders(hall):
    """A body for checkout with `items`, and whether it is valid."""
    lists = st.lists(items(hall), min_size=1, max_size=5).map(lambda all: ([one for one, _ in all], all_good(all)))
    wrong = bad(st.sampled_from([[], {}, "x", 7, [None], [[]], [{}], [{"listing_id": 1}], [{"listing_id": 1, "quantity": 1}] * 101]))
    totals = st.just((MISSING, True)) | good(st.sampled_from([0, 2**40])) | bad(st.sampled_from([-1, 0.5, "1", True, 2**54]))
    ways = st.just((MISSING, True)) | good(st.sampled_from(["pickup"])) | bad(st.sampled_from(["ship", "PICKUP", "", 1]))  # no address to ship to

    def order(parts):
        body = {name: value for name, (value, _) in zip(("items", "expected_total_cents", "delivery"), parts) if value is not MISSING}
        return body, all_good(parts)
    return st.tuples(lists | lists | lists | wrong, totals, ways).map(order)


def all_good(parts):
    return all(fine for _, fine in parts)


def encoded(body):
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass")


# ---- properties ----

def each_value_alone_is_taken_or_refused(hall):
    for name, field in SHOE.items():
        for value in field.wrong:
            status, _, text = hall.ask(hall.seller, hall.offers(), encoded(dict(GOOD_SHOE, **{name: value})))
            assert status == 422, (name, value, text)
            fields = [error["field"] for error in json.loads(text)["errors"]]
            assert fields == [name] or not fields, (name, value, text)  # none if the JSON itself is refused
    after = hall.state()
    assert after == hall.before, f"{hall.before} has become {after}"
    for name, field in SHOE.items():
        for value in field.edges:
            assert check(hall, hall.seller, hall.offers(), encoded(dict(GOOD_SHOE, **{name: value})), True) is not None


def listings_are_taken_or_refused(hall):
    @ROUNDS
    @given(shoes())
    def holds(drawn):
        body, fine = drawn
        answer = check(hall, hall.seller, hall.offers(), encoded(body), fine)
        if answer is not None:
            assert answer["price_cents"] == body["price_cents"] and answer["available"] == body["quantity"], answer
            assert answer["size"] == body["size"] and answer["shop_id"] == hall.shop, answer
    holds()


def orders_are_taken_or_refused(hall):
    @ROUNDS
    @given(orders(hall))
    def holds(drawn):
        body, fine = drawn
        answer = check(hall, hall.buyer, "/api/checkout", encoded(body), fine)
        if answer is not None:
            lines = [line for shipment in answer["shipments"] for line in shipment["lines"]]
            assert sum(line["quantity"] for line in lines) == sum(item["quantity"] for item in body["items"]), answer
            assert answer["total_cents"] == sum(line["total_cents"] for line in lines), answer
            assert answer["total_cents"] <= body.get("expected_total_cents", 2**60), answer
    holds()


def any_json_is_refused(hall):
    @ROUNDS
    @given(JSON, st.sampled_from([(hall.seller, hall.offers()), (hall.buyer, "/api/checkout")]))
    def holds(body, where):
        empty = body == {} and where[1] == "/api/checkout"  # buys the cart, which is empty
        check(hall, *where, encoded(body), None if empty else False)
    holds()


def any_bytes_are_refused(hall):
    whole = encoded(GOOD_SHOE)
    cut = st.integers(1, len(whole) - 1).map(lambda n: whole[:n])
    swapped = st.tuples(st.integers(0, len(whole) - 1), st.sampled_from([b"\x00", b"\xff", b"\xc3", b"\n", b"{", b"\""])) \
        .map(lambda at: whole[:at[0]] + at[1] + whole[at[0] + 1:])

    @ROUNDS
    @given(st.binary(min_size=1, max_size=64) | cut | swapped)
    def holds(body):
        check(hall, hall.seller, hall.offers(), body, None)
    holds()


def everything_adds_up(hall):
    audit = subprocess.run([hall.stack.program(), "--audit"], env=hall.stack.program_env("shoetopia_owner"), capture_output=True, text=True)
    assert audit.returncode == 0, audit.stdout + audit.stderr


PROPERTIES = (each_value_alone_is_taken_or_refused, listings_are_taken_or_refused, orders_are_taken_or_refused, any_json_is_refused,
              any_bytes_are_refused, everything_adds_up)


def main():
    passed = failed = 0
    with Stack() as stack:
        hall = Hall(stack)
        for prove in PROPERTIES:
            try:
                prove(hall)
                passed += 1
                print(f"ok: {prove.__name__.replace('_', ' ')}", flush=True)
            except Exception:
                failed += 1
                hall.before = hall.state()
                print(f"FAILED: {prove.__name__.replace('_', ' ')}\n{traceback.format_exc(limit=4)}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
