"""Waiting in the tests of this suite: no test sleeps for an event; every wait polls for it, and fails after PATIENCE_SECONDS."""
import os
import subprocess
import time

PATIENCE_SECONDS = 60
POLL_SECONDS = 0.05


class TooSlow(AssertionError):
    """A limit of time was missed. Such a test is run once more: that may be the machine, which is shared."""


def must_take_less(seconds, began, *about):
    """`began`: a value of time.monotonic()."""
    took = time.monotonic() - began
    if took >= seconds:
        raise TooSlow(f"it took {took:.2f} s, not less than {seconds} s", *about)


def may_mount():
    """Whether this user may make namespaces and mount: root of a machine may, root of most containers may not. A test that needs it says so and passes."""
    can = os.geteuid() == 0 and subprocess.run(["unshare", "-m", "-n", "-p", "--fork", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True,
                                               check=False).returncode == 0
    if not can:
        print("   skipped: it needs the right to mount", flush=True)
    return can


def until(what, question, poll_seconds=POLL_SECONDS):
    """Polls until the result of question() is true, and returns it."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up:
        answer = question()
        if answer:
            return answer
        time.sleep(poll_seconds)
    raise AssertionError("in vain: " + what)
