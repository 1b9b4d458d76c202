"""same_shoe: 200 shops list the identical new shoe at once: one shoe, 200 listings, the same shoe_id in every answer. new_shoes: ten new shoes,
each listed by 32 shops, all at once: ten shoes, and for each the same shoe_id in every answer.

What they guard against: two calls both look for the shoe, find none and insert it. The twin does that, without the UNIQUE constraint.
"""
import random

from clients import ask_all
from fixtures import shops
from people import new_token
from race import RaceTest, Twin, figures, must, must_be_answered, must_equal

SHOPS = 200
SHOES = 10
SHOPS_OF_EACH = 32


def setup(stack):
    return shops(stack, SHOPS, "same")


def spelled(text):
    """The same text to a comparison without case and spacing."""
    return random.choice([text, text.upper(), text.lower(), "  " + text, text.replace(" ", "  "), text.replace(" ", "\u00a0")])


def same_shoe(stack, owners):
    brand, style = "Same " + new_token()[:12].replace("_", "x").replace("-", "x"), "Court Classic"
    answers = ask_all(stack, [
        {"path": f"/api/shops/{p.shop_id}/listings", "token": p.token, "key": "same-" + new_token()[:24],
         "body": {"brand": spelled(brand), "style": spelled(style), "color": "purple", "size": random.choice([8, 8.5, 9]),
                  "condition": "new", "audience": "unisex", "price_cents": 12345, "quantity": 3}}
        for p in owners])

    must_be_answered(answers, {201: None})
    must_equal("shoe_ids answered", len({a.json["shoe_id"] for a in answers}), 1)
    must_equal("listings answered", len({a.json["listing_id"] for a in answers}), SHOPS)
    must_equal("spellings shown", len({(a.json["brand"], a.json["style"]) for a in answers}), 1)
    must_equal("shops in the answers", [a.json["shop_id"] for a in answers], [p.shop_id for p in owners])
    where = f"s.brand_key = market.fold('{brand}')"
    rows = figures(stack, f"select count(*) from market.shoe s where {where}")
    must_equal("rows of the shoe", rows, [1])
    have = figures(stack, f"""select count(*), count(distinct l.shop_id), sum(k.available),
        (select sum(e.delta) from market.stock_ledger e join market.listing l using (listing_id)
            join market.shoe s using (shoe_id) where {where})
        from market.listing l join market.shoe s using (shoe_id) join market.stock k using (listing_id) where {where}""")
    must_equal("listings, shops, pairs, pairs in the ledger", have, [SHOPS, SHOPS, SHOPS * 3, SHOPS * 3])
    must(all(a.json["available"] == 3 for a in answers), "a listing was answered without its three pairs")


def new_shoes(stack, owners):
    """Many batches with the same new shoes in any order must not deadlock either."""
    sellers = owners[:SHOPS_OF_EACH]
    brands = ["New " + new_token()[:12].replace("_", "x").replace("-", "x") for _ in range(SHOES)]
    answers = ask_all(stack, [
        {"path": f"/api/shops/{p.shop_id}/listings", "token": p.token,
         "body": {"brand": spelled(brand), "style": "Ten at Once", "color": "grey", "size": 9, "condition": "new", "audience": "men",
                  "price_cents": 5000, "quantity": 1}}
        for brand in brands for p in sellers])

    must_be_answered(answers, {201: None})
    of_each = [answers[i:i + SHOPS_OF_EACH] for i in range(0, len(answers), SHOPS_OF_EACH)]
    must_equal("shoe_ids of each shoe", [len({a.json["shoe_id"] for a in one}) for one in of_each], [1] * SHOES)
    must_equal("shoe_ids of all", len({a.json["shoe_id"] for a in answers}), SHOES)
    must_equal("listings answered", len({a.json["listing_id"] for a in answers}), SHOES * SHOPS_OF_EACH)
    keys = ", ".join(f"market.fold('{brand}')" for brand in brands)
    have = figures(stack, f"""select count(distinct s.shoe_id), count(l.listing_id), count(distinct (l.shoe_id, l.shop_id))
        from market.shoe s left join market.listing l using (shoe_id) where s.brand_key in ({keys})""")
    must_equal("shoes, listings, shops of a shoe", have, [SHOES, SHOES * SHOPS_OF_EACH, SHOES * SHOPS_OF_EACH])


def twin():
    return Twin({"listing.sql": ["shoe"]}, nets=["market.shoe.shoe_same"], stays=True)


RACE_TESTS = [RaceTest("same_shoe", same_shoe, setup=setup, twin=twin()), RaceTest("new_shoes", new_shoes, setup=setup, twin=twin())]
