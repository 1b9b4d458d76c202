"""A flash sale: 10 discounts, 200 buyers at once. Exactly the available pairs are sold, 10 of them at the sale's price to the first
buyers, revenue is exact to the cent, counters equal their ledgers, and the others are refused.

    flash_sale        stock 100, one pair each: 100 sold, 100 times 409
    flash_sale_10     stock 10: all of them discounted, 190 times 409
    flash_sale_share  1,000 discounts, at most 5 for one account: 4 accounts send 60 orders each, of 1 to 3 pairs; each gets 5, pays the full price for
                      the rest, and gets as many again as it cancels
    flash_sale_many   stock 100, orders of 1 to 3 pairs: an order may hold both prices, and no order is refused that could be filled

What they guard against: two calls read the same stock, and both sell the last pair. The twin reads the stock and the sale
without their locks, and has no CHECK constraints.
"""
import random

from clients import ask_all
from fixtures import checkout, lines, list_pair, people, shops, start_sale
from race import RaceTest, Twin, figures, must, must_be_answered, must_equal

BUYERS = 200
DISCOUNTS = 10
PRICE = 12999
PERCENT = 15
SALE_PRICE = PRICE * (100 - PERCENT) // 100  # 11049.15: the cent is rounded down


def setup(stack):
    return people(stack, BUYERS, "buyer")


def sale(stack, buyers, pairs, quantities):
    owner = shops(stack, 1, "seller")[0]
    listing = list_pair(stack, owner, PRICE, pairs)
    sale_id = start_sale(stack, owner, DISCOUNTS, PERCENT)
    answers = ask_all(stack, [checkout(b, [(listing, q)]) for b, q in zip(buyers, quantities)])

    must_be_answered(answers, {201: None, 409: "out_of_stock"})
    served = [(a, q) for a, q in zip(answers, quantities) if a.status == 201]
    refused = [(a, q) for a, q in zip(answers, quantities) if a.status == 409]
    sold = discounted = revenue = saved = 0
    for a, q in served:
        (line,) = lines(a.json)
        want = (line["quantity"] - line["discounted"]) * PRICE + line["discounted"] * SALE_PRICE
        must_equal("pairs, price and total of an order", [line["quantity"], line["price_cents"], line["total_cents"],
                                                          a.json["total_cents"], a.json["discount_cents"]],
                   [q, PRICE, want, want, q * PRICE - want])
        sold, discounted = sold + q, discounted + line["discounted"]
        revenue, saved = revenue + want, saved + a.json["discount_cents"]
    for a, q in refused:
        errors = a.json.get("errors", [])
        must(len(errors) == 1 and errors[0]["listing_id"] == listing and errors[0]["available"] < q,
             "refused, and not for what was missing:", a)
    left = pairs - sold
    must(left >= 0, "sold", sold, "of", pairs)
    must(all(left < q for _, q in refused), "left", left, "and yet refused", min([q for _, q in refused], default=0))
    must_equal("discounted pairs answered", discounted, DISCOUNTS)
    must_equal("what buyers saved", saved, DISCOUNTS * (PRICE - SALE_PRICE))
    in_order = [lines(a.json)[0] for a, _ in sorted(served, key=lambda s: s[0].json["order_id"])]
    full = [i for i, line in enumerate(in_order) if line["discounted"] < line["quantity"]]
    must(not any(line["discounted"] for line in (in_order[full[0] + 1:] if full else [])),
         "a discount after one who paid the full price")
    must_equal("orders answered", len({a.json["order_id"] for a, _ in served}), len(served))

    have = figures(stack, f"""select k.available, l.in_stock::int,
            (select sum(delta) from market.stock_ledger e where e.listing_id = k.listing_id),
            (select count(*) from market.stock_ledger e where e.listing_id = k.listing_id and e.delta < 0),
            f.discounts_left, (select sum(delta) from market.discount_ledger e where e.sale_id = f.sale_id),
            b.balance_cents, b.pairs_sold,
            (select sum(amount_cents) from market.balance_ledger e where e.shop_id = b.shop_id),
            (select sum(pairs) from market.balance_ledger e where e.shop_id = b.shop_id),
            (select sum(quantity) from market.order_line i where i.listing_id = k.listing_id),
            (select sum(discounted) from market.order_line i where i.listing_id = k.listing_id),
            (select sum(o.total_cents) from market.orders o where exists
                (select from market.order_line i where i.order_id = o.order_id and i.listing_id = k.listing_id))
        from market.stock k join market.listing l using (listing_id) join market.sale f on f.shop_id = k.shop_id
            join market.balance b on b.shop_id = k.shop_id
        where k.listing_id = {listing} and f.sale_id = {sale_id}""")
    want = [left, int(left > 0), left, len(served), 0, 0, revenue, sold, revenue, sold, sold, DISCOUNTS, revenue]
    must_equal("available, in stock, its ledger, sales in it, discounts left, their ledger, balance, pairs sold, their"
               " ledgers, pairs, discounted, cents in orders", have, want)
    return sold, len(refused)


def flash_sale(stack, buyers):
    must_equal("sold and refused", sale(stack, buyers, 100, [1] * BUYERS), (100, 100))


def flash_sale_10(stack, buyers):
    must_equal("sold and refused", sale(stack, buyers, 10, [1] * BUYERS), (10, 190))


def flash_sale_many(stack, buyers):
    sale(stack, buyers, 100, [random.randint(1, 3) for _ in buyers])


def discounted(answers, whose):
    """Discounted pairs in the answers, by account."""
    got = {p.account_id: 0 for p in whose}
    for a, p in zip(answers, whose):
        got[p.account_id] += sum(line["discounted"] for line in lines(a.json))
    return got


def flash_sale_share(stack, _):
    owner = shops(stack, 1, "seller")[0]
    listings = [list_pair(stack, owner, PRICE, 1000) for _ in range(3)]
    start_sale(stack, owner, 1000, PERCENT, per_account=5)
    few = people(stack, 4, "collector")
    whose = [p for p in few for _ in range(60)]
    asked = [(p, [(listing, random.randint(1, 3)) for listing in random.sample(listings, random.randint(1, 2))]) for p in whose]
    answers = ask_all(stack, [checkout(p, items) for p, items in asked], shuffle=False, flight=64)
    must_be_answered(answers, {201: None})
    must_equal("discounted pairs of each account", discounted(answers, whose), {p.account_id: 5 for p in few})
    for a in answers:
        must_equal("paid", a.json["total_cents"], sum(line["quantity"] * PRICE - line["discounted"] * (PRICE - SALE_PRICE) for line in lines(a.json)))
    with_discount = [(a, p) for a, p in zip(answers, whose) if any(line["discounted"] for line in lines(a.json))]
    must_be_answered(ask_all(stack, [{"path": f"/api/orders/{a.json['order_id']}/cancellation", "token": p.token, "body": {}} for a, p in with_discount]), {201: None})
    answers = ask_all(stack, [checkout(p, [(listings[0], 2)]) for p in whose[::4]], flight=64)
    must_be_answered(answers, {201: None})
    must_equal("discounted pairs after cancellations", discounted(answers, [p for p in few for _ in range(15)]), {p.account_id: 5 for p in few})
    have = figures(stack, f"select f.discounts_left, (select sum(s.pairs) from market.sale_share s where s.sale_id = f.sale_id) from market.sale f"
                          f" where f.shop_id = {owner.shop_id}")
    must_equal("discounts left, discounts counted", have, [1000 - 20, 20])


# The row of the sale, or of the shop's balance, would do as a lock of the stock too: they go as well.
UNPROTECTED = Twin({"checkout.sql": ["stock", "sale", "balance"]},
                   nets=["market.stock.stock_not_negative", "market.sale.sale_discounts_left_range",
                         "market.orders.orders_cents_not_negative", "market.order_line.order_line_discounted",
                         "market.order_line.order_line_total"])
# Two accounts' calls wait for each other at the stock, the sale and the balance; those of one account also at its cart.
UNCOUNTED = Twin({"checkout.sql": ["stock", "sale", "balance"], "batch.sql": ["cart"]}, nets=UNPROTECTED.nets)
RACE_TESTS = [RaceTest("flash_sale", flash_sale, setup=setup, twin=UNPROTECTED),
              RaceTest("flash_sale_10", flash_sale_10, setup=setup, twin=UNPROTECTED),
              RaceTest("flash_sale_share", flash_sale_share, setup=setup, twin=UNCOUNTED),
              RaceTest("flash_sale_many", flash_sale_many, setup=setup, twin=UNPROTECTED)]
