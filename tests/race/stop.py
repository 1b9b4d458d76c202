"""A process of the program is stopped (SIGTERM) in the middle of a sale, as when an operator installs a new version.

    stop_answers_all   every call is answered by the program, up to LOST_MAX exceptions; and the process ends soon

What it guards against: a shutdown that closes connections on which the next call has already arrived (40 to 60 of 64 calls were lost that way), or
that drops calls in the listen backlog. No call is sent again here, as a browser would not either. The exceptions: when a connection is closed
behind a response, nginx may just have sent the next call on it; that happened to one call in ten thousand. A twin would be another program; there is none.
"""
import os
import random
import signal
import socket

from clients import Crowd, until
from fixtures import checkout, list_pair, people, shops
from race import RaceTest, figures, must, must_be_answered, must_equal

BUYERS = 300
ORDERS = 6  # of each
FLIGHT = 96
STOP_SECONDS = 5
LOST_MAX = 4
PATIENCE = 60


class World:
    def __init__(self, stack):
        self.buyers = people(stack, BUYERS, "stop")
        self.seller = shops(stack, 1, "stop.seller")[0]


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def all_listen(stack):
    """Both processes listen; one that was stopped before may still be starting."""
    for path in stack.sockets():
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(path)
            except OSError:
                return False
    return len(stack.program_pids()) == 2


def stop_answers_all(stack, world):
    until(lambda: all_listen(stack), PATIENCE)
    calls = BUYERS * ORDERS
    listing = list_pair(stack, world.seller, 1500, calls)
    crowd = Crowd(stack, [checkout(b, [(listing, 1)]) for _ in range(ORDERS) for b in world.buyers], flight=FLIGHT, timeout=PATIENCE)
    try:
        crowd.wait_for(calls // 3)
        pid = random.choice(stack.program_pids())
        os.kill(pid, signal.SIGTERM)
        until(lambda: is_gone(pid), STOP_SECONDS)
        answers = crowd.answers()
    finally:
        crowd.stop()
    must_be_answered(answers, {201: None, 503: "busy"})
    lost = sum(a.status == 503 for a in answers)
    must(lost <= LOST_MAX, f"{lost} calls were refused")
    must_equal("available", figures(stack, f"select available from market.stock where listing_id = {listing}"), [lost])
    return f"{lost} refused" if lost else None


RACE_TESTS = [RaceTest("stop_answers_all", stop_answers_all, setup=World, few=1, twin=None)]
