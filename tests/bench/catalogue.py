"""Searches in the catalogue of a million rows (tests/catalogue/generate.sql), past nginx's cache.

An unknown token makes each request bypass nginx's cache, so that the program and the database compute the public answer. wrk measures
latencies; 1 client shows the latency of an answer, 16 clients the throughput. A second table compares the list of 24 shoes for a client that is
signed in with the rival's (rival.py).
"""
import json
import urllib.request

from .common import TOP, Failure, make_buyers, ratio, run, say, table, whole, wrk
from .rival import list_of_rival, make_rival
from searches import DEEP, PAGE, SEARCHES
from stack import newest_psql

UNKNOWN_TOKEN = "Authorization: Bearer " + "A" * 43
ASKED = (("everything", "everything"), ("brand", "brand"), ("five_filters", "five filters"), ("narrow_price", "a narrow price range, promoted order"),
         ("word_with_a_slip", "a word with a slip"), ("page_1000", "page 1,000"), ("facets", "facets"))
CROWDS = (1, 16)
SIGNED_IN = (1, 16, 64)
GENERATE_SECONDS = 300


def page_1000(stack):
    """The cursor of page 1,000, as a client gets it."""
    cursor, left = "", (DEEP - 1) * PAGE
    while left > 0:
        query = f"limit={min(left, 100)}" + (f"&cursor={cursor}" if cursor else "")
        with urllib.request.urlopen(f"{stack.url}/api/listings?{query}", timeout=30) as answer:
            cursor = json.load(answer)["next"]
        left -= 100
    return cursor


def beside_rival(bench, stack):
    """The list of 24 for clients that are signed in, beside the rival's, in turns."""
    header = "Authorization: Bearer " + make_buyers(stack)[0]
    make_rival(stack)

    def ours(clients):
        load = wrk(f"{stack.url}/api/listings?limit=24", bench.seconds, clients, headers=(header,))
        return load.rate, load.p50, load.p99

    measures = {}
    for clients in SIGNED_IN:
        measures["ours", clients] = lambda clients=clients: ours(clients)
        measures["rival", clients] = lambda clients=clients: list_of_rival(stack, bench.seconds, clients)
    seen = bench.paired(measures)
    rows = []
    for clients in SIGNED_IN:
        (rate, p50, p99), rival = seen["ours", clients], seen["rival", clients]
        rows.append([clients, whole(rate), f"{p50:.2f}", f"{p99:.2f}", whole(rival), ratio(rate / rival)])
    return table(["clients, signed in", "24 shoes, answers/s", "p50, ms", "p99, ms", "rival, lists/s", "Shoetopia/rival"], rows)


def part(bench):
    queries = {name: query for name, query, *_ in SEARCHES}
    with bench.market() as stack:
        say("  generating a million rows")
        run([newest_psql(), "-Xq", "-f", TOP / "tests/catalogue/generate.sql"], GENERATE_SECONDS,
            env=stack.program_env("shoetopia_owner"))
        stack.psql("checkpoint", user="postgres")
        queries["page_1000"] = queries["page_1000"].replace("{deep}", page_1000(stack))

        def ask(name, clients, seconds):
            load = wrk(f"{stack.url}/api/listings?{queries[name]}", seconds, clients, headers=(UNKNOWN_TOKEN,))
            return load.p50, load.p99, load.rate

        for name, _ in ASKED:  # warm-up: plans and pages
            if not ask(name, 16, 1)[2]:
                raise Failure(f"nothing was found by {name}")
        seconds = max(1, bench.seconds // 2)  # there are many searches
        seen = bench.paired({(name, clients): lambda name=name, clients=clients: ask(name, clients, seconds) for name, _ in ASKED for clients in CROWDS})
        beside = beside_rival(bench, stack)
    rows = []
    for name, words in ASKED:
        one, crowd = seen[name, 1], seen[name, 16]
        rows.append([words, f"`{queries[name]}`" if queries[name] else "", f"{one[0]:.2f}", f"{one[1]:.2f}", whole(one[2]),
                     f"{crowd[0]:.2f}", f"{crowd[1]:.2f}", whole(crowd[2]), ratio(crowd[2] / one[2])])
    searches = table(["search", "query", "1 client: p50, ms", "p99, ms", "answers/s", "16 clients: p50, ms", "p99, ms", "answers/s", "16 to 1"], rows, texts=2)
    return f"{searches}\n\n{beside}"
