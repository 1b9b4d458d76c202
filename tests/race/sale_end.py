"""A sale that ends while buyers wait for its row: a purchase that gets the row after the end pays the full price.

24 purchases wait for a transaction that has locked the sale's row. Then the sale ends: in every other round because its time has passed (the row is
unchanged, so the wait does not re-check it), otherwise because the holder of the lock ends it. The row is released, all 24 are served, and
none gets the discount, although all of them arrived before the end.

What it guards against: reading the clock before the wait. The twin uses the time at which its transaction began.
"""
import itertools

from clients import Crowd, Holder, until, waiting
from fixtures import checkout, lines, list_pair, people, shops, start_sale
from race import RaceTest, Twin, figures, must_be_answered, must_equal

BUYERS = 24
EARLY = 3
PRICE = 3333

rounds = itertools.count()


def setup(stack):
    return people(stack, BUYERS + EARLY, "late")


def sale_end(stack, buyers):
    by_time = next(rounds) % 2 == 0
    owner = shops(stack, 1, "late.seller")[0]
    listing = list_pair(stack, owner, PRICE, 1000)
    sale_id = start_sale(stack, owner, 500, 50)
    early = Crowd(stack, [checkout(p, [(listing, 1)]) for p in buyers[:EARLY]]).answers()
    must_be_answered(early, {201: None})
    must_equal("discounts before the end", sum(lines(a.json)[0]["discounted"] for a in early), EARLY)

    holder = Holder(stack)
    crowd = None
    try:
        if by_time:
            holder.do(f"update market.sale set ends_at = clock_timestamp() + interval '900 ms' where sale_id = {sale_id}")
        holder.do("begin")
        holder.do(f"select 1 from market.sale where sale_id = {sale_id} for update")
        crowd = Crowd(stack, [checkout(p, [(listing, 1)]) for p in buyers[EARLY:]])
        until(lambda: waiting(stack) >= 2)
        if by_time:
            if holder.do(f"select clock_timestamp() < ends_at from market.sale where sale_id = {sale_id}") != "t":
                raise RuntimeError("the sale was over before the buyers waited: this machine is too slow for the test")
            until(lambda: holder.do(f"select clock_timestamp() > ends_at from market.sale where sale_id = {sale_id}") == "t")
        else:
            holder.do(f"update market.sale set ends_at = clock_timestamp() where sale_id = {sale_id}")
        holder.do("commit")
        answers = crowd.answers()
    finally:
        if crowd is not None:
            crowd.stop()
        holder.close()

    must_be_answered(answers, {201: None})
    must_equal("discounted pairs after the end", sum(lines(a.json)[0]["discounted"] for a in answers), 0)
    must_equal("totals", [a.json["total_cents"] for a in answers], [PRICE] * BUYERS)
    have = figures(stack, f"""select discounts_left, (select sum(delta) from market.discount_ledger e where e.sale_id = f.sale_id),
        (select balance_cents from market.balance b where b.shop_id = f.shop_id),
        (select available from market.stock k where k.listing_id = {listing})
        from market.sale f where sale_id = {sale_id}""")
    must_equal("discounts left, their ledger, balance, stock", have,
               [500 - EARLY, 500 - EARLY, BUYERS * PRICE + EARLY * (PRICE * 50 // 100), 1000 - BUYERS - EARLY])


EARLY_CLOCK = Twin({}, instead={"checkout.sql": [("v_now := market.clock();", "v_now := now();")]})
RACE_TESTS = [RaceTest("sale_end", sale_end, setup=setup, twin=EARLY_CLOCK)]
