"""2,000 buyers at once for half as many pairs; then the same 2,000 again and again, each as soon as it has its answer.

    crowd   each gets 201 or 409, or 503 with Retry-After if the queue is full: no 502, no 504, no reset, no missing answer

No starvation: the 99th percentile of the latency of answered calls is at most SLOWEST times the median. A refused call buys nothing, and at least
as many calls are answered as the queues hold (deploy/nginx/shoetopia.conf.in says which).

What it guards against: a web server that gives up on a socket whose backlog is full and sends its own error page. The twin has a short backlog
and no error page of ours.
"""
import math
import os
import random
import signal

import race
from clients import Crowd, until
from fixtures import checkout, lines, list_pair, people, shops
from race import RaceTest, figures, must, must_be_answered, must_equal

BUYERS = 2000
TURNS = 3  # of the second crowd
PRICE = 3300
SLOWEST = 10
PLACES = 512  # for connections, of each program
BACKLOG = 4096


def capacity():
    """The number of calls that can be in progress or queued."""
    with open("/proc/sys/net/core/somaxconn", encoding="ascii") as file:
        line = min(BACKLOG, int(file.read()))
    return 2 * (PLACES + line)


def come(stack, requests, pairs, listing):
    answers = Crowd(stack, requests, flight=BUYERS).answers()
    must_be_answered(answers, {201: None, 409: "out_of_stock", 503: "busy"})
    away = [a for a in answers if a.status == 503]
    must_equal("refused without Retry-After", [a for a in away if not a.headers.get("Retry-After", "").isdigit()], [])
    sold = [a for a in answers if a.status == 201]
    must_equal("pairs sold", len(sold), min(pairs, len(answers) - len(away)))
    must_equal("different orders, pairs in them", [len({a.json["order_id"] for a in sold}), sum(i["quantity"] for a in sold for i in lines(a.json))],
               [len(sold)] * 2)
    must_equal("available, sales", figures(stack, f"""select k.available, (select count(*) from market.order_line i
        where i.listing_id = k.listing_id) from market.stock k where k.listing_id = {listing}"""), [pairs - len(sold), len(sold)])
    answered = sorted(a.latency_ms for a in answers if a.status != 503)
    must(len(answered) >= min(len(answers), capacity()) / 2, "only", len(answered), "of", len(answers), "were answered")
    middle, slow = answered[len(answered) // 2], answered[math.ceil(len(answered) * 0.99) - 1]
    race.must_be_quick(slow <= SLOWEST * middle, f"the slowest hundredth waits {slow:.0f} ms, the middle {middle:.0f} ms")
    return f"{len(away)} of {len(answers)} refused, p50 {middle:.0f} ms, p99 {slow:.0f} ms"


def crowd(stack, buyers):
    reports = []
    for turns in (1, TURNS):
        pairs = BUYERS * turns // 2
        listing = list_pair(stack, shops(stack, 1, "crowd.seller")[0], PRICE, pairs)
        requests = [checkout(b, [(listing, 1)]) for b in buyers for _ in range(turns)]
        random.shuffle(requests)
        reports.append(come(stack, requests, pairs, listing))
    return "; ".join(reports)


class ShortLine:
    """The twin: nginx passes on a few calls at a time, and answers the others with its own error page."""

    def apply(self, stack):
        path = os.path.join(stack.state, "web", "shoetopia.conf")
        with open(path, encoding="utf-8") as file:
            self.whole = file.read()
        text = self.whole.replace("max_fails=0;", "max_fails=0 max_conns=4;").replace("error_page 502 503 504 ", "error_page 504 ")
        if text.count("max_conns") < 2 or "error_page 502" in text:
            raise RuntimeError("the settings of nginx are others than the twin knows")
        self.set(stack, path, text)

    def take_back(self, stack):
        self.set(stack, os.path.join(stack.state, "web", "shoetopia.conf"), self.whole)

    @staticmethod
    def set(stack, path, text):
        def workers():
            with open(f"/proc/{web}/task/{web}/children", encoding="ascii") as file:
                return set(file.read().split())

        web = stack.web_pid()
        before = workers()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.kill(web, signal.SIGHUP)
        until(lambda: workers() and not workers() & before)


RACE_TESTS = [RaceTest("crowd", race.tried(crowd), setup=lambda stack: people(stack, BUYERS, "crowd"), twin=ShortLine(), few=True)]
