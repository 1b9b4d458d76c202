"""Carts {A,B} and {B,A} of 32 buyers at once, A and B from two shops that both have a sale: all are bought, and PostgreSQL sees no
deadlock (which the program would retry).

What it guards against: one transaction locks A and waits for B, another locks B and waits for A. To make them collide, both rows are locked until
several buyers wait; then A is released, and B once a buyer has A. The twin locks in the order of the cart.
"""
import os
import random
import time

from clients import PROGRAMS, Crowd, Holder, until, waiting
from fixtures import checkout, lines, list_pair, people, shops, start_sale
from race import RaceTest, Twin, figures, must_be_answered, must_equal

BUYERS = 32
PRICE = 2500


def setup(stack):
    return people(stack, BUYERS, "crossed")


def deadlocks(stack):
    """The number in PostgreSQL's log."""
    count = 0
    folder = os.path.join(stack.state, "log")
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            count += sum("detected deadlock" in line or "deadlock detected" in line for line in file)
    return count


def is_taken(stack, listing):
    return stack.psql(f"select count(*) from (select from market.stock where listing_id = {listing} for update skip locked) s") == "0"


def collide(stack, a, b, requests):
    """The answers to requests that wait first for A, then for B."""
    with Holder(stack) as first, Holder(stack) as second:
        for holder, listing in ((first, a), (second, b)):
            holder.do("begin")
            holder.do(f"select from market.stock where listing_id = {listing} for update")
        crowd = Crowd(stack, requests)
        try:
            until(lambda: waiting(stack) >= PROGRAMS)
            first.do("commit")
            enough = time.monotonic() + 1  # in the twin, all of them may be waiting for B
            until(lambda: is_taken(stack, a) or time.monotonic() > enough)
            second.do("commit")
            return crowd.answers()
        finally:
            crowd.stop()


def crossed_carts(stack, buyers):
    owners = shops(stack, 2, "crossed.seller")
    a, b = (list_pair(stack, o, PRICE, 1000) for o in owners)
    for o in owners:
        start_sale(stack, o, BUYERS, 20)
    before = deadlocks(stack)
    carts = [[(a, 1), (b, 2)] if i % 2 == 0 else [(b, 2), (a, 1)] for i in range(BUYERS)]
    random.shuffle(carts)
    answers = collide(stack, a, b, [checkout(p, cart) for p, cart in zip(buyers, carts)])
    must_be_answered(answers, {201: None})
    must_equal("deadlocks", deadlocks(stack) - before, 0)
    for answer, cart in zip(answers, carts):
        must_equal("lines of an order", sorted((i["listing_id"], i["quantity"]) for i in lines(answer.json)), sorted(cart))
    have = figures(stack, f"""select (select available from market.stock where listing_id = {a}),
        (select available from market.stock where listing_id = {b}),
        (select sum(discounts_left) from market.sale where shop_id in ({owners[0].shop_id}, {owners[1].shop_id})),
        (select sum(balance_cents) from market.balance where shop_id in ({owners[0].shop_id}, {owners[1].shop_id}))""")
    full = 3 * BUYERS * PRICE
    must_equal("stock of A and B, discounts left, balances", have,
               [1000 - BUYERS, 1000 - 2 * BUYERS, 0, full - 2 * BUYERS * PRICE // 5])


AS_THEY_COME = Twin({}, instead={
    "checkout_read.sql": [("order by n, shop_id, position", "order by n, position")],
    "checkout.sql": [
        ("api.lock_listings(v_listings.shop_id, v_listings.listing_id)", "api.lock_listings(v_lines.shop_id, v_lines.listing_id)"),
        ("order by l.shop_id, l.listing_id -- guard: stock_order", "order by array_position(p_listing_ids, k.listing_id)")],
    # With the short limit a lock is given up before PostgreSQL looks for a deadlock.
    "batch.sql": [("coalesce(nullif(p_lock_ms, 0), 150)::text", "'4s'")]})
RACE_TESTS = [RaceTest("crossed_carts", crossed_carts, setup=setup, twin=AS_THEY_COME)]
