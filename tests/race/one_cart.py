"""One cart, checked out by 32 requests at once.

    one_cart_one_key    all with one key: one order, 32 equal answers, 31 of them marked as replayed
    one_cart_keys       each with its own key: one order, 31 answers that the cart is empty

What they guard against: two calls read the same cart (or both find the key unused), and both buy it. The twin does not lock the
account's cart row, and keys are not unique.
"""
from clients import ask, ask_all
from fixtures import checkout, lines, list_pair, people, shops
from people import new_token
from race import RaceTest, Twin, figures, must_be_answered, must_equal

REQUESTS = 32
PRICE = 4999


def fill(stack):
    """A buyer with 2 and 3 pairs of two listings in the cart; there is plenty of both."""
    owner, other = shops(stack, 2, "cart.seller")
    buyer = people(stack, 1, "cart.buyer")[0]
    listings = [list_pair(stack, owner, PRICE, 1000), list_pair(stack, other, PRICE, 1000)]
    for listing, quantity in zip(listings, (2, 3)):
        ask(stack, "PUT", f"/api/cart/items/{listing}", buyer.token, {"quantity": quantity})
    return buyer, listings


def must_be_bought_once(stack, buyer, listings, order):
    must_equal("what was bought", [(i["listing_id"], i["quantity"]) for i in lines(order)], list(zip(listings, (2, 3))))
    have = figures(stack, f"""select (select count(*) from market.orders where account_id = {buyer.account_id}),
        (select max(order_id) from market.orders where account_id = {buyer.account_id}),
        (select sum(total_cents) from market.orders where account_id = {buyer.account_id}),
        (select count(*) from market.cart_item where account_id = {buyer.account_id}),
        (select available from market.stock where listing_id = {listings[0]}),
        (select available from market.stock where listing_id = {listings[1]}),
        (select sum(balance_cents) from market.balance join market.listing using (shop_id) where listing_id in ({listings[0]}, {listings[1]}))""")
    must_equal("orders, the order, its cents, items left in the cart, stock of both, balances", have,
               [1, order["order_id"], 5 * PRICE, 0, 998, 997, 5 * PRICE])


def one_key(stack, _):
    buyer, listings = fill(stack)
    key = "one-" + new_token()[:24]
    answers = ask_all(stack, [checkout(buyer, None, key) for _ in range(REQUESTS)])
    must_be_answered(answers, {201: None})
    must_equal("different answers", len({a.text for a in answers}), 1)
    replayed = [a for a in answers if a.headers.get("Idempotency-Replayed") == "true"]
    must_equal("answers marked as replayed", len(replayed), REQUESTS - 1)
    must_be_bought_once(stack, buyer, listings, answers[0].json)


def keys(stack, _):
    buyer, listings = fill(stack)
    answers = ask_all(stack, [checkout(buyer, None) for _ in range(REQUESTS)])
    must_be_answered(answers, {201: None, 409: "cart_empty"})
    won = [a for a in answers if a.status == 201]
    must_equal("checkouts that won", len(won), 1)
    must_be_bought_once(stack, buyer, listings, won[0].json)


UNPROTECTED = Twin({"batch.sql": ["cart"]}, nets=["market.orders.orders_key"])
RACE_TESTS = [RaceTest("one_cart_one_key", one_key, twin=UNPROTECTED), RaceTest("one_cart_keys", keys, twin=UNPROTECTED)]
