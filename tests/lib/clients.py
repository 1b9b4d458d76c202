"""Concurrent requests to a stack, by the program tests/tools/crowd, and transactions that hold locks meanwhile."""
import json
import os
import pathlib
import random
import subprocess
import tempfile
import threading
import time

from stack import TOP, newest_psql

PROGRAMS = 2  # processes of the program; each has at most one batch of a statement waiting for a lock
WAIT_SECONDS = 20  # within which anything that a test waits for must happen


class Answer:
    def __init__(self, line):
        self.index, self.status, self.error = line["index"], line["status"], line["error"]
        self.headers, self.text = line["headers"], line["body"] or ""
        self.latency_ms, self.done_ms, self.unknown = line["latency_ms"], line["done_ms"], line["unknown"]
        try:
            self.json = json.loads(self.text)
        except ValueError:
            self.json = None

    @property
    def code(self):
        return self.json.get("code") if isinstance(self.json, dict) else None

    def __repr__(self):
        return f"[{self.index}] {self.status} {self.error or self.text[:400]}"


def crowd_program(stack):
    build = os.environ.get("SHOETOPIA_BUILD") or TOP / "build"
    return str(pathlib.Path(build) / "tests" / "tools" / "crowd")


class Crowd:
    """Requests that are sent at once; answers() waits for all of them, wait_for() for some. With `persist`, requests whose outcome is unknown are sent
    again for that many seconds."""

    def __init__(self, stack, requests, flight=None, timeout=60, persist=None):
        command = [crowd_program(stack), "--timeout", str(timeout)]
        command += ["--flight", str(flight)] if flight else []
        command += ["--persist", str(persist)] if persist else []
        self.count, self.got = len(requests), []
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([*command, stack.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True)
        self.process.stdin.write("".join(json.dumps(r) + "\n" for r in requests))
        self.process.stdin.close()

    def wait_for(self, count):
        """Waits for `count` answers, or for all if there are fewer; returns those that have come, in order of arrival."""
        while len(self.got) < count and (line := self.process.stdout.readline()):
            self.got.append(Answer(json.loads(line)))
        return self.got

    def answers(self):
        """All answers, in the order of the requests."""
        self.wait_for(self.count + 1)
        if self.process.wait() != 0:
            self.errors.seek(0)
            raise RuntimeError(f"crowd ended with {self.process.returncode}: {self.errors.read()}")
        self.stop()
        got = sorted(self.got, key=lambda a: a.index)
        if [a.index for a in got] != list(range(self.count)):
            raise RuntimeError(f"crowd gave {len(got)} answers to {self.count} requests")
        return got

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def ask_all(stack, requests, held=None, flight=None, shuffle=True):
    """Sends all at once (or `flight` at a time), shuffled; returns the answers in the order of the requests. `held` is SQL that locks what they
    need: the lock is released only when several transactions wait for it, so that they collide."""
    order = list(range(len(requests)))
    if shuffle:
        random.shuffle(order)
    mixed = [requests[i] for i in order]
    if held is None:
        got = Crowd(stack, mixed, flight=flight).answers()
    else:
        with Holder(stack) as holder:
            holder.do("begin")
            holder.do(held)
            crowd = Crowd(stack, mixed, flight=flight)
            try:
                until(lambda: waiting(stack) >= PROGRAMS)
                holder.do("commit")
                got = crowd.answers()
            finally:
                crowd.stop()
    return [a for _, a in sorted(zip(order, got), key=lambda pair: pair[0])]


def ask(stack, method, path, token=None, body=None, key=None):
    """Sends one request, which must succeed; returns its JSON."""
    request = {"method": method, "path": path}
    request.update({k: v for k, v in (("token", token), ("body", body), ("key", key)) if v is not None})
    answer = Crowd(stack, [request]).answers()[0]
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{method} {path} {body}: {answer}")
    return answer.json


class Holder:
    """A psql session as the owner of the tables, to hold locks."""

    def __init__(self, stack):
        self.process = subprocess.Popen([newest_psql(), "-XqAt", "-v", "ON_ERROR_STOP=1"], text=True, bufsize=1,
                                        env=stack.program_env("shoetopia_owner"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.watch = threading.Timer(3 * WAIT_SECONDS, self.process.kill)
        self.watch.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def do(self, sql):
        """Runs a statement and returns the last line of its output."""
        self.process.stdin.write(sql + ";\n\\echo done\n")
        answer = None
        for line in self.process.stdout:
            if line == "done\n":
                return answer
            answer = line.strip()
        raise RuntimeError("the holder's psql ended")

    def close(self):
        self.watch.cancel()
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def waiting(stack):
    """The number of the program's transactions that wait for a lock."""
    return int(stack.psql("select count(*) from pg_stat_activity where datname = current_database()"
                          " and wait_event_type = 'Lock' and usename = 'shoetopia_app'", user="postgres"))


def until(happened, seconds=WAIT_SECONDS):
    give_up = time.monotonic() + seconds
    while not (what := happened()):
        if time.monotonic() > give_up:
            raise RuntimeError("what was waited for did not happen")
    return what
