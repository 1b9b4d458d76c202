"""Waiting in the tests of this suite: no test sleeps for an event; every wait polls for it, and fails after PATIENCE_SECONDS."""
import time

PATIENCE_SECONDS = 60
POLL_SECONDS = 0.05


def until(what, question, poll_seconds=POLL_SECONDS):
    """Polls until the result of question() is true, and returns it."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        answer = question()
        if answer:
            return answer
        time.sleep(poll_seconds)
    raise AssertionError("in vain: " + what)
