"""Whether a listing with many earlier sales sells more slowly: its hot sale after 0, 20,000 and 200,000 earlier sales.

The earlier sales are made by api.checkout, in batches, so that orders, lines and ledgers are real. A measurement itself sells some thousand pairs, so
each round has a new listing for 0 and for 20,000; the largest one serves all rounds, which adds a few percent. All are in one marketplace, so its
tables are equally large for each of them.
"""
from .common import CLIENTS, buy, make_buyers, make_listing, ratio, say, sell_before, table, whole

EARLIER = (0, 20000, 200000)


def part(bench):
    with bench.market() as stack:
        make_buyers(stack)
        listings = {}
        for earlier in EARLIER:
            say(f"  making {whole(earlier)} earlier sales")
            for n in range(bench.rounds if earlier < EARLIER[-1] else 1):
                listing = make_listing(stack, f"earlier {earlier} {n}".replace(" ", "-"), 1000000)
                sell_before(stack, listing, earlier)
                listings.setdefault(earlier, []).append(listing)
        # As autovacuum would do soon; otherwise it would run during one of the measurements.
        stack.psql("vacuum (analyze); checkpoint", user="postgres")
        buy(stack, 1, make_listing(stack, "warm"))

        def once(earlier):
            if len(listings[earlier]) > 1:
                return buy(stack, bench.seconds, listings[earlier].pop()).rate
            return buy(stack, bench.seconds, listings[earlier][0]).rate

        seen = bench.paired({earlier: lambda earlier=earlier: once(earlier) for earlier in EARLIER})
    return table(["earlier sales of the listing", f"sales/s, {CLIENTS} clients", "to a new listing"],
                 [[whole(earlier), whole(rate), ratio(rate / seen[0])] for earlier, rate in seen.items()])
