"""A sale without a hot row: 10,000 listings of 10,000 shops, bought evenly. Batched calls share a transaction here too; does that cost anything if no
row is contended? Beside it the hot sale, for which calls are batched.

The other side is a second program, built by this benchmark, which differs in one statement file: checkout_alone.sql instead of schema/queries/checkout.sql.
Its checkout is not marked `batched`: each call is a transaction of its own on any free connection, eight at a time in each process, as
for every other statement. Everything else, including the function in PostgreSQL, is the same. A switch in src/db/batcher.c would have sufficed, but would
leave code in the program for the benchmark only; and BATCH_MAX = 1 alone would not be fair, since one batcher runs one batch at a time.

The third is the rival of rival.py with the same listings.
"""
import os
import pathlib
import re

from .common import CLIENTS, HERE, TOP, buy, make_buyers, make_listing, ratio, run, say, table, whole
from .rival import buy_of_rival, check_rival, make_rival
from people import accounts_sql, digest, new_token

LISTINGS = 10000
BATCH = 500
STATEMENT, ALONE = "schema/queries/checkout.sql", HERE / "checkout_alone.sql"
MAKE_SECONDS = 600


def build_alone(build):
    """Builds the second program in a folder below the build, with the same configuration; returns the folder."""
    folder = pathlib.Path(build) / "alone"
    folder.mkdir(exist_ok=True)
    if not (folder / "Makefile").exists():
        run(["sh", "-c", 'eval "exec \\"\\$1\\" -q $("$2" --config)"', "sh", os.path.relpath(TOP / "configure", folder), f"{build}/config.status"],
            MAKE_SECONDS, cwd=folder)
    run(["make", "-s", "Makefile"], MAKE_SECONDS, cwd=folder)  # which prints what it does if it is out of date
    shown = run(["make", "-s", "-f", "Makefile", "-f", "-", "show-queries"], cwd=folder, input="show-queries:\n\t@echo queries: $(QUERIES)\n")
    queries = re.search(r"^queries: (.*)$", shown, re.M)[1].split()
    queries[queries.index(STATEMENT)] = str(ALONE.relative_to(TOP))
    make = ["make", "-s", "-C", folder, "-j", os.cpu_count(), "QUERIES=" + " ".join(queries)]
    run([*make, "src/db/statements.h"], MAKE_SECONDS)
    run([*make, "cgi-bin/shoetopia"], MAKE_SECONDS)
    return str(folder)


def make_listings(stack):
    """Creates 10,000 sellers with a shop each that lists a thousand pairs of one shoe; returns a file of the listings."""
    tokens = [new_token() for _ in range(LISTINGS)]
    stack.psql(accounts_sql([(f"Seller {i}", f"seller{i}@example.com", t) for i, t in enumerate(tokens)]))
    stack.psql("create table bench.seller (n int primary key, session text not null, shop_id bigint); grant select, update on bench.seller to shoetopia_app;"
               "insert into bench.seller values " + ",".join(f"({i}, '\\x{digest(t)}')" for i, t in enumerate(tokens)), user="postgres")
    stack.psql(f"""set statement_timeout = 0;
        do $$
        declare
            v_n int := 0;
        begin
            while v_n < {LISTINGS} loop
                update bench.seller s set shop_id = (select (c.answer ->> 'shop_id')::bigint
                    from api.create_shop(s.session::bytea, 'Shop ' || s.n, null, null) c)
                where s.n between v_n and v_n + {BATCH} - 1;
                perform count(*) from api.create_listing((
                    select jsonb_agg(jsonb_build_object('session', s.session, 'shop_id', s.shop_id, 'brand', 'Aero', 'style', 'Spread',
                        'color', 'red', 'size', 9, 'condition', 'new', 'audience', 'men', 'price_cents', 1999, 'quantity', 1000) order by s.n)
                    from bench.seller s where s.n between v_n and v_n + {BATCH} - 1));
                commit;
                v_n := v_n + {BATCH};
            end loop;
        end $$""", user="shoetopia_app")
    listings = stack.psql("select l.listing_id from market.listing l join bench.seller s using (shop_id) order by 1", user="postgres").split()
    assert len(listings) == LISTINGS == int(listings[-1]) - int(listings[0]) + 1, listings[:1] + listings[-1:]
    path = stack.folder / "listings"
    path.write_text("\n".join(listings) + "\n")
    return path


def prepare(stack):
    """The listings of the spread sale and of the hot one."""
    say("  making 10,000 shops and their listings")
    make_buyers(stack)
    offers = {"spread": make_listings(stack), "hot": make_listing(stack, "hot", 1000000)}
    stack.psql("vacuum (analyze); checkpoint", user="postgres")
    for listings in offers.values():
        buy(stack, 1, listings)
    return offers


def part(bench):
    say("building the second program")
    alone = build_alone(bench.build)
    with bench.market() as batched_stack, bench.market(build=alone) as alone_stack:
        offers = {stack: prepare(stack) for stack in (batched_stack, alone_stack)}
        make_rival(batched_stack)
        numbers = offers[batched_stack]["spread"].read_text().split()
        ranges = {"spread": (int(numbers[0]), int(numbers[-1])), "hot": (offers[batched_stack]["hot"],) * 2}
        measures = {(sale, way): lambda stack=stack, sale=sale: buy(stack, bench.seconds, offers[stack][sale]).rate
                    for sale in ranges for way, stack in (("batched", batched_stack), ("alone", alone_stack))}
        measures |= {(sale, "rival"): lambda sale=sale: buy_of_rival(batched_stack, bench.seconds, CLIENTS, *ranges[sale]) for sale in ranges}
        seen = bench.paired(measures)
        check_rival(batched_stack)
    rows = []
    for sale, words in (("spread", f"spread over {whole(LISTINGS)} listings"), ("hot", "one hot listing")):
        ours, without, rival = (seen[sale, way] for way in ("batched", "alone", "rival"))
        rows.append([words, whole(ours), whole(without), ratio(ours / without), whole(rival), ratio(ours / rival)])
    return table([f"sale, {CLIENTS} clients", "as it is, sales/s", "without `batched`, sales/s", "ratio", "rival, sales/s", "Shoetopia/rival"], rows)
