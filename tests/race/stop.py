"""A process of the program is asked to stop in the middle of a sale, as an operator does who brings a new version.

    stop_turns_nobody_away   every call is answered, by the program but for a handful; and it ends soon

What it guards against: a stop that closes connections on which the next call has come already (40 to 60 of 64 did so), or leaves those alone that wait
in the line of its socket. Nobody asks twice here, as a browser does not. The handful: when a connection is closed behind an answer, nginx may have
sent the next call just before it hears of that; one in ten thousand calls did. The twin of a stop would be another program; so it has none.
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
    """Both programs are there; one that was stopped before is begun again, and may still be about to listen."""
    for path in stack.sockets():
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(path)
            except OSError:
                return False
    return len(stack.program_pids()) == 2


def stop_turns_nobody_away(stack, world):
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
    must(lost <= LOST_MAX, f"{lost} calls found no program")
    must_equal("available", figures(stack, f"select available from market.stock where listing_id = {listing}"), [lost])
    return f"{lost} found no program" if lost else None


RACE_TESTS = [RaceTest("stop_turns_nobody_away", stop_turns_nobody_away, setup=World, few=1, twin=None)]
