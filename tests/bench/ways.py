"""Eight ways to sell the last pair, in SQL: one .sql file each in tests/bench/ways, with a comment on what is right or wrong with it.

First 64 clients ask 16 times each for one of 500 pairs: a way that sells more than 500 is wrong, and no speed makes up for it. The races are
natural ones: no statement sleeps; 64 connections on a few cores are enough. Then the stock is large, and the speed is
measured. Sales are counted in the ledger, line by line, not in the output of a way.

`batched` runs over the same two small tables as the other seven, with a function built like api.checkout: this compares the ways, not how much
a checkout writes. The last row is api.checkout itself, which writes orders, shipments, lines and the key besides.
"""
from .common import CALL, CLIENTS, HERE, Failure, make_buyers, make_listing, median, pgbench, ratio, say, table, whole

FOLDER = HERE / "ways"
FEW, MANY = 500, 10000000
ASKS = 16  # of each client, in the sale of few pairs
TRIES = 100000  # of one transaction: enough

# file, in words, whether it may sell more than there are, whether one client comes with 64 calls
WAYS = (
    ("read_then_write", "read, then write", True, 1),
    ("ledger_sum", "sum of the ledger, no lock", True, 1),
    ("for_update", "`SELECT FOR UPDATE`", False, 1),
    ("advisory_lock", "`pg_advisory_xact_lock`", False, 1),
    ("conditional_update", "conditional `UPDATE`", False, 1),
    ("version", "optimistic: version, retry", False, 1),
    ("serializable", "`SERIALIZABLE`, retry", False, 1),
    ("batched", "batched: 64 in one transaction", False, CLIENTS),
)


def shop(stack, pairs):
    """Creates the small shop, with nothing sold yet."""
    stack.psql(f"\\set pairs {pairs}\n" + (FOLDER / "schema.sql").read_text(), user="postgres")


def sold(stack):
    """(lines of the ledger, pairs left by the counter)"""
    return tuple(map(int, stack.rows("select (select count(*) from ways.sale), available from ways.stock", user="postgres")[0]))


def few(stack, way):
    """(pairs sold, pairs left by the counter) of 500, when 64 clients asked 16 times each."""
    name, _, _, calls = way
    shop(stack, FEW)
    pgbench(stack, FOLDER / f"{name}.sql", clients=CLIENTS // calls, times=ASKS, tries=TRIES)
    return sold(stack)


def many(stack, way, seconds):
    """(sales a second, failed tries for each sale)"""
    name, _, _, calls = way
    shop(stack, MANY)
    done = pgbench(stack, FOLDER / f"{name}.sql", seconds, CLIENTS // calls, tries=TRIES)
    lines = sold(stack)[0]
    return lines / done.seconds, done.retries / lines


def checkout_script(stack):
    """api.checkout with 64 calls in one transaction, each of another buyer."""
    path = stack.folder / "batched.sql"
    listing = make_listing(stack, "batched", 1000000)
    path.write_text(f"select count(*) from api.checkout((select jsonb_agg({CALL.format(listing=listing)})"
                    f" from (select s.session from bench.buyer s order by s.n limit {CLIENTS}) b));\n")
    return path


def part(bench):
    with bench.market() as stack:
        make_buyers(stack)
        script = checkout_script(stack)
        of_few = {way[0]: [] for way in WAYS}
        for n in range(bench.rounds):
            say(f"  {FEW} pairs, round {n + 1} of {bench.rounds}")
            for way in WAYS:
                of_few[way[0]].append(few(stack, way))
        for name, words, oversells, _ in WAYS:
            if any(lines != FEW for lines, _ in of_few[name]) and not oversells:
                raise Failure(f"{words} sold {of_few[name]} of {FEW}")
        say("  a large stock")
        measures = {way[0]: lambda way=way: many(stack, way, bench.seconds) for way in WAYS}
        measures["checkout"] = lambda: pgbench(stack, script, bench.seconds, clients=1, warm=1).rate * CLIENTS
        seen = bench.paired(measures)
    rows = []
    best = seen["conditional_update"][0]
    for name, words, _, _ in WAYS:
        lines, left = median(of_few[name])
        rate, retries = seen[name]
        rows.append([f"[{words}](../tests/bench/ways/{name}.sql)", f"**{whole(lines)}**" if lines > FEW else whole(lines), whole(left), whole(rate),
                     ratio(rate / best), f"{retries:.1f}" if retries else "0"])
    rows.append(["the whole `api.checkout`, 64 in one transaction", "", "", whole(seen["checkout"]), ratio(seen["checkout"] / best), "0"])
    return table(["way", f"sold of {FEW}", "left, says the counter", "sales/s", "to conditional `UPDATE`", "tries in vain for each sale"], rows)
