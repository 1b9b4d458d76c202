"""Waiting, as all tests of this suite do it: nothing is waited for by the clock, every wait polls for its event and gives up loudly."""
import time

PATIENCE_SECONDS = 60
POLL_SECONDS = 0.05


def until(what, question, poll_seconds=POLL_SECONDS):
    """Asks until the answer is true; what it was."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        answer = question()
        if answer:
            return answer
        time.sleep(poll_seconds)
    raise AssertionError("in vain: " + what)
