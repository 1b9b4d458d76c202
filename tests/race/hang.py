"""The process of the program that batches the purchases is stopped (SIGSTOP) in the middle of a hot sale, and never continues: it accepts connections,
reads nothing, and does not end. Each client sends a call whose outcome it does not know again with the same key.

    hang_program   ./start ends the process and starts another; purchases go on within RESUME_SECONDS, and none is lost or doubled

What it guards against: a hung program that is not noticed. nginx notices nothing by itself: its connections wait in the listen backlog of the socket,
without an error. At the twin the reports of progress, by which ./start notices, are written by this test instead.
"""
import os
import signal
import threading
import time

from clients import until
from crash import PATIENCE, World, crash, is_whole
from race import RaceTest, must

PAIRS = 12000  # more than are sold until the process is stopped
RESUME_SECONDS = 5
SETTLE_SECONDS = 0.5  # for batches that had reached the database
TWIN_SECONDS = 8


def batching_pid(stack):
    """nginx sends batched calls to the first process while it runs."""
    with open(os.path.join(stack.state, "run", "app-1.pid"), encoding="ascii") as file:
        return int(file.readline())


def orders(stack):
    return int(stack.psql("select count(*) from market.orders"))


class Gap(threading.Thread):
    """Measures how long no purchase is made after the process was stopped; the clients are read meanwhile. Lets it continue in the end."""

    def __init__(self, stack):
        super().__init__()
        self.stack, self.pid = stack, batching_pid(stack)
        os.kill(self.pid, signal.SIGSTOP)
        self.since = time.monotonic()
        self.seconds = None
        self.start()

    def run(self):
        try:
            time.sleep(SETTLE_SECONDS)
            count = orders(self.stack)
            while self.seconds is None and time.monotonic() - self.since < TWIN_SECONDS:
                time.sleep(0.02)
                if orders(self.stack) > count:
                    self.seconds = time.monotonic() - self.since
        finally:
            try:
                os.kill(self.pid, signal.SIGCONT)
            except ProcessLookupError:
                pass


def hang_program(stack, world):
    gaps = []
    until(lambda: is_whole(stack), PATIENCE)
    try:
        crash(stack, world, lambda _: gaps.append(Gap(stack)), PAIRS)
    finally:
        for gap in gaps:
            gap.join()
    gap = gaps[0]
    must(gap.seconds is not None and gap.seconds < RESUME_SECONDS, f"no purchase for {gap.seconds or TWIN_SECONDS:.1f} s")
    must(batching_pid(stack) != gap.pid, "the stopped process was not replaced")
    return f"resumed after {gap.seconds:.1f} s"


class Deceived:
    """A twin that reports progress in the place of the process."""

    def apply(self, stack):
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._report, args=(os.path.join(stack.state, "run", "app-1.beat"),))
        self.thread.start()

    def _report(self, path):
        with open(path, "wb", buffering=0) as pipe:
            while not self.ended.wait(0.2):
                pipe.write(b"\n")

    def take_back(self, _):
        self.ended.set()
        self.thread.join()


RACE_TESTS = [RaceTest("hang_program", hang_program, setup=World, few=True, twin=Deceived())]
