"""Memory with 2,000 concurrent clients: tests/tools/crowd keeps 2,000 connections open that buy again and again.

Resident memory (VmRSS) of each process of the program and of nginx, sampled many times a second; of PostgreSQL the proportional set of all its processes,
in which the memory that they share counts once.
"""
import json
import pathlib
import random
import re
import subprocess
import threading

from .common import CLIENTS, Failure, buy, make_buyers, make_listing, say, table, whole

CROWD = 2000
TURNS = 4
LOOK_SECONDS = 0.02
PATIENCE_SECONDS = 60


def field_mib(pid, file, name):
    try:
        return int(re.search(rf"^{name}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/{file}").read_text(), re.M)[1]) / 1024
    except (OSError, TypeError):
        return 0.0  # it has ended, or belongs to another user


def family(pid):
    try:
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid] + [each for child in children for each in family(int(child))]


class Look:
    """Samples the largest memory of each process."""

    def __init__(self, stack):
        self.stack, self.rss, self.pss = stack, {}, 0.0
        self.programs, self.web = stack.program_pids(), family(stack.web_pid())
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def once(self):
        for pid in self.programs + self.web:
            self.rss[pid] = max(self.rss.get(pid, 0.0), field_mib(pid, "status", "VmRSS"))

    def watch(self):
        while not self.over.wait(LOOK_SECONDS):
            self.once()

    def __enter__(self):
        self.once()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.pss = sum(field_mib(pid, "smaps_rollup", "Pss") for pid in family(self.stack.postgres_pid()))

    def figures(self):
        return max(self.rss[pid] for pid in self.programs), max(self.rss[pid] for pid in self.web), self.pss


def idle(stack):
    with Look(stack) as look:
        pass
    return look.figures()


def crowd(bench, stack, tokens, listing):
    """2,000 clients that buy several times each; returns the figures, and the number of 201 answers."""
    requests = [{"path": "/api/checkout", "token": token, "key": f"memory-{turn}-{i}", "body": {"items": [{"listing_id": listing, "quantity": 1}]}}
                for turn in range(TURNS) for i, token in enumerate(tokens)]
    random.shuffle(requests)
    with Look(stack) as look:
        done = subprocess.run([f"{bench.build}/tests/tools/crowd", "--flight", str(CROWD), "--timeout", str(PATIENCE_SECONDS), stack.url],
                              input="".join(json.dumps(r) + "\n" for r in requests), capture_output=True, text=True, timeout=3 * PATIENCE_SECONDS, check=False)
    codes = [json.loads(line)["status"] for line in done.stdout.splitlines()]
    if done.returncode != 0 or set(codes) - {201, 503} or len(codes) != len(requests):
        raise Failure(f"the crowd: {sorted(set(codes))} {done.stderr}")
    return look.figures(), codes.count(201)


def part(bench):
    with bench.market() as stack:
        tokens = make_buyers(stack, CROWD)
        listing = make_listing(stack, "crowd", 1000000)
        rows = [["idle", idle(stack)]]
        buy(stack, bench.seconds, listing)
        rows.append([f"after {bench.seconds} s of {CLIENTS} clients who buy", idle(stack)])
        say(f"  {CROWD} clients, {TURNS} times each")
        figures, sold = crowd(bench, stack, tokens, listing)
        rows.append([f"at most, while {whole(CROWD)} clients at once buy {TURNS} times each ({whole(sold)} of {whole(CROWD * TURNS)} answered 201)", figures])
    return table(["", "a process of the program, MiB", "a worker of nginx, MiB", "all of PostgreSQL, MiB"],
                 [[words, *(f"{each:.0f}" for each in sizes)] for words, sizes in rows])
