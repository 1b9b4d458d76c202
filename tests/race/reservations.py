"""Reservations (holds) of pairs. Answers equal the database, and live holds plus sold pairs are never more than there are.

    hold_one       one account requests one pair 10,000 times over 16 connections: it is held once
    hold_fifty     64 accounts request each of 50 single pairs: 50 are held, each by one account
    hold_some      2 accounts request random ones of 100 pairs 5,000 times each: each pair has one holder, and both accounts get answers that say so
    hold_race      2 accounts request the same 100 pairs, each in its own order: all are held, and neither account gets only a few
    hold_to_fro    2 accounts hold and cancel, 5,000 requests each, each cancellation sent twice, and old ones again later by both accounts: none
                   ends a hold of another account or a later one
    hold_expires   50 pairs are held, and the holds expire while their holders and others buy: each pair is sold once
    hold_limit     one account requests 300 pairs, four in each of 75 calls: it holds 100; and pairs that it lets expire twice it cannot hold again

What they guard against: two calls both find a pair available (or find that they hold none yet, or that a hold can be used), and both take it. The twins
read without the lock of the listing's stock; their counters may fall below zero, and an account may hold a listing twice.
"""
import random

import race
from clients import PROGRAMS, ask_all, until
from fixtures import checkout, list_pair, people, shops
from race import RaceTest, Twin, figures, must, must_be_answered, must_equal

MINUTES = 15
RACE_LEAST = 25  # of 100 pairs, for each of two accounts


def requests():
    """The number of requests of the large tests; fewer in a build with sanitizers."""
    return 10000 if race.SPEED_COUNTS else 2000


def reserve(person, listings):
    return {"path": "/api/reservations", "token": person.token, "body": {"listing_ids": listings}}


def let_go(person, reservation):
    return {"method": "DELETE", "path": f"/api/reservations/{reservation}", "token": person.token}


def single_pairs(stack, owner, count):
    """Listings of one pair each of one shoe, copied from the first in one statement."""
    first = list_pair(stack, owner, 5000, 1)
    more = stack.psql(f"""with made as (
            insert into market.listing (shop_id, shoe_id, brand_key, color, size, condition, audience, price_cents, in_stock, promotion_tier, created_at)
            select shop_id, shoe_id, brand_key, color, size, condition, audience, price_cents, true, promotion_tier, clock_timestamp()
            from market.listing cross join generate_series(2, {count}) where listing_id = {first}
            returning shop_id, listing_id
        ), stocked as (insert into market.stock (shop_id, listing_id, available) select shop_id, listing_id, 1 from made
        ), entered as (insert into market.stock_entry (shop_id, listing_id, delta, reason, at) select shop_id, listing_id, 1, 'listed', clock_timestamp() from made)
        select listing_id from made""")
    return [first, *map(int, more.split())]


def lock_of(listings):
    return f"select from market.stock where listing_id in ({','.join(map(str, listings))}) order by shop_id, listing_id for update"


def held(stack, listings):
    """The holds in the database: {(listing, account, reservation)}."""
    return {tuple(map(int, row)) for row in stack.rows(
        f"select listing_id, account_id, reservation_id from market.reservation where listing_id in ({','.join(map(str, listings))})")}


def must_add_up(stack, listings, holds):
    have = figures(stack, f"""select sum(k.available), sum(k.held), min(k.available), min(k.held), count(*) filter (where l.in_stock <> (k.available > 0))
        from market.stock k join market.listing l using (listing_id) where k.listing_id in ({','.join(map(str, listings))})""")
    must_equal("pairs left, pairs held, the fewest of both, listings that say otherwise", have,
               [len(listings) - holds, holds, 0 if holds else 1, 0 if holds < len(listings) else 1, 0])


def answered(answers, whose):
    """{(listing, account, reservation)} of the answers of reserve(); whose: the accounts that sent them, in the same order."""
    got = [(r["listing_id"], p.account_id, r["reservation_id"]) for a, p in zip(answers, whose) if a.status == 201 for r in a.json["reserved"]]
    must_equal("pairs answered as held twice", len(got) - len({listing for listing, _, _ in got}), 0)
    return set(got)


def setup_shop(stack):
    return shops(stack, 1, "holds.seller")[0]


def hold_one(stack, owner):
    one = people(stack, 1, "holder")[0]
    listings = single_pairs(stack, owner, 1)
    answers = ask_all(stack, [reserve(one, listings)] * requests(), held=lock_of(listings), flight=16)
    must_be_answered(answers, {201: None, 409: "already_reserved"})
    must_equal("holds answered", answered(answers, [one] * len(answers)), held(stack, listings))
    must_equal("answers that it is held", sum(a.status == 201 for a in answers), 1)
    must_add_up(stack, listings, 1)
    have = figures(stack, f"select count(*), count(*) filter (where expires_at = created_at + interval '{MINUTES} minutes')"
                          f" from market.reservation where listing_id = {listings[0]}")
    must_equal("holds, and those that last as long as they should", have, [1, 1])


def hold_fifty(stack, owner):
    crowd = people(stack, 64, "holder")
    listings = single_pairs(stack, owner, 50)
    asked = [(p, listing) for listing in listings for p in crowd]
    answers = ask_all(stack, [reserve(p, [listing]) for p, listing in asked], held=lock_of(listings), flight=64)
    must_be_answered(answers, {201: None, 409: "out_of_stock"})
    got = answered(answers, [p for p, _ in asked])
    must_equal("pairs held", len(got), 50)
    must_equal("holds answered", got, held(stack, listings))
    must_add_up(stack, listings, 50)


def judge_shared(stack, listings, asked, answers):
    """Two accounts, and more requests than pairs: every pair is held in the end, and each answer names the right reason."""
    for a in answers:
        must(not a.error and (a.status == 201 or a.status == 409 and a.code in ("already_reserved", "out_of_stock")), "an answer that must not be:", a)
    got = answered(answers, [p for p, _ in asked])
    must_equal("pairs held", len(got), len(listings))
    must_equal("holds answered", got, held(stack, listings))
    must_add_up(stack, listings, len(listings))
    mine = {(listing, account) for listing, account, _ in got}
    for (p, wanted), a in zip(asked, answers):
        refused = [(r["listing_id"], r["code"]) for r in a.json["refused"]]
        taken = [r["listing_id"] for r in a.json.get("reserved", [])]
        must_equal("listings in an answer", sorted([listing for listing, _ in refused] + taken), sorted(wanted))
        wrong = [r for r in refused if (r[1] == "already_reserved") != ((r[0], p.account_id) in mine)]
        must(not wrong, "refused with another reason than the truth:", wrong[:3], a)
    return got


def hold_some(stack, owner):
    two = people(stack, 2, "holder")
    listings = single_pairs(stack, owner, 100)
    asked = [(two[i % 2], random.sample(listings, random.randint(1, 8))) for i in range(requests())]
    answers = ask_all(stack, [reserve(p, wanted) for p, wanted in asked], held=lock_of(listings), flight=32)
    judge_shared(stack, listings, asked, answers)


def hold_race(stack, owner):
    two = people(stack, 2, "racer")
    listings = single_pairs(stack, owner, 100)
    orders = [random.sample(listings, len(listings)) for _ in two]
    asked = [(p, [wanted]) for pair in zip(*orders) for p, wanted in zip(two, pair)]
    answers = ask_all(stack, [reserve(p, wanted) for p, wanted in asked], held=lock_of(listings), flight=32, shuffle=False)
    got = judge_shared(stack, listings, asked, answers)
    shares = [sum(account == p.account_id for _, account, _ in got) for p in two]
    must(min(shares) >= RACE_LEAST, "one has nearly all:", shares)
    return f"{shares[0]} and {shares[1]} of 100"


def hold_to_fro(stack, owner):
    two = people(stack, 2, "holder")
    by_account = {p.account_id: p for p in two}
    listings = single_pairs(stack, owner, 100)
    now, over, ended, sent = set(), [], 0, 0
    while sent < requests():
        takes = [(p, listing) for p in two for listing in listings]
        ends = [(by_account[account], hold) for _, account, hold in now for _ in range(2)]
        stale = [(random.choice(two), hold) for hold in random.sample(over, min(len(over), 100))]
        stale += [(two[0] if account == two[1].account_id else two[1], hold) for _, account, hold in random.sample(sorted(now), len(now) // 4)]
        answers = ask_all(stack, [reserve(p, [listing]) for p, listing in takes] + [let_go(p, hold) for p, hold in ends + stale],
                          held=lock_of(random.sample(listings, 10)), flight=32)
        sent += len(answers)
        took, freed = answers[:len(takes)], answers[len(takes):]
        for a in took:
            must(not a.error and (a.status == 201 or a.status == 409 and a.code in ("already_reserved", "out_of_stock")), "an answer that must not be:", a)
        must_be_answered(freed, {204: None, 404: "not_found"})
        gone = [hold for (_, hold), a in zip(ends + stale, freed) if a.status == 204]
        must_equal("holds that were let go, and once each", sorted(gone), sorted(hold for _, _, hold in now))
        over += gone
        ended += len(gone)
        now = answered(took, [p for p, _ in takes])
        must_equal("holds answered", now, held(stack, listings))
        must_add_up(stack, listings, len(now))
    must(ended >= sent // 10, "let go were only", ended)
    return f"{ended} let go"


def hold_expires(stack, owner):
    """The holds expire one after the other during the requests. Each holder buys its pair with a few calls, some of them in both
    processes at once; five other accounts try to buy all pairs repeatedly."""
    holders, others = people(stack, 50, "holder"), people(stack, 5, "other")
    listings = single_pairs(stack, owner, 50)
    pairs = list(zip(holders, listings))
    first = ask_all(stack, [reserve(p, [listing]) for p, listing in pairs])
    must_equal("holds", answered(first, holders), held(stack, listings))
    random.shuffle(pairs)
    rest = [pair for pair in pairs for _ in range(2)] + [(p, listing) for listing in listings for p in others for _ in range(4)]
    random.shuffle(rest)
    asked = [pair for pair in pairs[:16] for _ in range(PROGRAMS)] + rest
    ids = ",".join(map(str, listings))
    stack.psql(f"""update market.reservation set created_at = created_at - interval '1 hour', expires_at = clock_timestamp() + interval '0.6 s' * random()
        where listing_id in ({ids})""")
    answers = ask_all(stack, [checkout(p, [(listing, 1)]) for p, listing in asked], held=lock_of([listing for _, listing in pairs[:16]]), flight=32,
                      shuffle=False)
    must_be_answered(answers, {201: None, 409: "out_of_stock"})
    until(lambda: stack.psql(f"select count(*) from market.reservation where listing_id in ({ids})") == "0", seconds=4)
    sold = sorted(listing for (_, listing), a in zip(asked, answers) if a.status == 201)
    must_equal("pairs sold twice", len(sold) - len(set(sold)), 0)
    have = figures(stack, f"""select sum(k.available), sum(k.held), sum(k.available + k.held + s.sold), min(k.available + k.held + s.sold), sum(s.sold),
            count(*) filter (where l.in_stock <> (k.available = 1)),
            sum(k.available + k.held - (select sum(e.delta) from market.stock_ledger e where e.listing_id = k.listing_id))
        from market.stock k
        join market.listing l using (listing_id)
        cross join lateral (select coalesce(sum(i.quantity), 0) as sold from market.order_line i where i.shop_id = k.shop_id and i.listing_id = k.listing_id) s
        where k.listing_id in ({ids})""")
    must_equal("left, held, all, the fewest of a listing, sold, listings that say otherwise, pairs that the ledger does not know", have,
               [50 - len(sold), 0, 50, 1, len(sold), 0, 0])
    by_holders = sum(a.status == 201 and p in holders for (p, _), a in zip(asked, answers))
    return f"{by_holders} holders and {len(sold) - by_holders} others bought"


def hold_limit(stack, owner):
    one = people(stack, 1, "hoarder")[0]
    listings = single_pairs(stack, owner, 300)
    calls = [reserve(one, listings[i:i + 4]) for i in range(0, 300, 4)]
    answers = ask_all(stack, calls, held=lock_of(listings), flight=75)
    must_be_answered(answers, {201: None, 429: "too_many_requests"})
    must_equal("holds answered", answered(answers, [one] * len(answers)), held(stack, listings))
    must_equal("pairs held", len(held(stack, listings)), 100)
    must_add_up(stack, listings, 100)
    refused = {r["code"] for a in answers for r in a.json["refused"]}
    must_equal("refused with", refused, {"too_many_requests"})
    ids = ",".join(map(str, listings))
    pair = next(iter(held(stack, listings)))[0]
    for _ in range(2):
        stack.psql(f"update market.reservation set created_at = created_at - interval '1 hour', expires_at = clock_timestamp() where listing_id in ({ids})")
        until(lambda: stack.psql(f"select count(*) from market.reservation where listing_id in ({ids})") == "0", seconds=4)
        last = ask_all(stack, [reserve(one, [pair])])[0]
    must(last.status == 429 and last.code == "too_many_requests", "held a third time:", last)
    must_be_answered(ask_all(stack, [reserve(people(stack, 1, "other")[0], [pair])]), {201: None})
    return "100 of 300"


NETS = ["market.reservation.reservation_once", "market.stock.stock_not_negative", "market.stock.stock_held_not_negative"]
UNLOCKED = Twin({"reservation.sql": ["stock"]}, nets=NETS)
UNLOCKED_ACCOUNT = Twin({"batch.sql": ["cart"]}, nets=NETS)
# The lock of the account alone lets one account hold a pair once.
UNLOCKED_BOTH = Twin({"batch.sql": ["cart"], "reservation.sql": ["stock"]}, nets=NETS)
UNLOCKED_END = Twin({"reservation.sql": ["cancel"]}, nets=NETS)
UNLOCKED_SALE = Twin({"batch.sql": ["cart"], "checkout.sql": ["stock", "balance"]}, nets=NETS)
RACE_TESTS = [RaceTest("hold_one", hold_one, setup=setup_shop, twin=UNLOCKED_BOTH, few=1), RaceTest("hold_fifty", hold_fifty, setup=setup_shop, twin=UNLOCKED, few=True),
              RaceTest("hold_some", hold_some, setup=setup_shop, twin=UNLOCKED, few=1), RaceTest("hold_race", hold_race, setup=setup_shop, twin=UNLOCKED),
              RaceTest("hold_to_fro", hold_to_fro, setup=setup_shop, twin=UNLOCKED_END, few=1),
              RaceTest("hold_expires", hold_expires, setup=setup_shop, twin=UNLOCKED_SALE, few=True),
              RaceTest("hold_limit", hold_limit, setup=setup_shop, twin=UNLOCKED_ACCOUNT)]
