"""What all storms share: the crowd, people and shops in bulk, the twin, and how an answer is judged.

A storm is a file NAME.py here with STORMS, a list of Storm: a name, a function `storm(stack, world)` that raises
Violation when the promise is broken (and may give words for the report), and its Twin: the guards that are taken out of the functions, and the constraints
that are dropped, on a stack where the same function must raise Violation. setup(stack), if there is one, makes once what
all rounds use, and is given to each round.
"""
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "http")]

from people import accounts_sql, new_token  # noqa: E402
from stack import newest_psql  # noqa: E402

SPEED_COUNTS = True  # not in a build with sanitizers
PROCESSES = 2  # of the program; one batch of each waits where two want the same
ENOUGH = 20  # seconds in which anything that is waited for has to happen


class Violation(Exception):
    """The promise was broken."""


class Storm:
    """few: its rounds are long, so there are few of them unless more are asked for; a number: so few. A twin is a Twin, or anything else with
    apply(stack) and take_back(stack)."""

    def __init__(self, name, run, twin, setup=None, few=False):
        self.name, self.run, self.twin, self.setup, self.few = name, run, twin, setup, few


class Twin:
    """guards: {file of schema/functions: names of the guards taken out}. nets: constraints dropped, as TABLE.CONSTRAINT.
    instead: {file: [(text, other text), ...]}: where a guard is not a line of its own. A twin that stays is not put
    right again before the next one (its nets would no longer fit); it must touch nothing that other storms look at."""

    def __init__(self, guards, nets=(), instead=None, stays=False):
        self.guards, self.nets, self.instead, self.stays = guards, nets, instead or {}, stays

    def files(self):
        return set(self.guards) | set(self.instead)

    def text(self, name, whole=False):
        """The file, made to be run over the present functions; less its guards, or whole."""
        text = (TOP / "schema" / "functions" / name).read_text(encoding="utf-8")
        if not whole:
            for guard in self.guards.get(name, ()):
                mark = re.compile(rf"^.*-- guard: {guard}\b.*\n", re.M)
                if not mark.search(text):
                    raise RuntimeError(f"{name} has no line with -- guard: {guard}")
                text = mark.sub("", text)
            for old, new in self.instead.get(name, ()):
                if old not in text:
                    raise RuntimeError(f"{name} has no text: {old}")
                text = text.replace(old, new)
        return re.sub(r"^create (function|view)\b", r"create or replace \1", text, flags=re.M)

    def apply(self, stack):
        for name in sorted(self.files()):
            stack.psql("begin;\n" + self.text(name) + "\ncommit;", user="postgres")
        for net in self.nets:
            table, constraint = net.rsplit(".", 1)
            stack.psql(f"alter table {table} drop constraint if exists {constraint} cascade", user="postgres")

    def take_back(self, stack):
        if not self.stays:
            for name in sorted(self.files()):
                stack.psql("begin;\n" + self.text(name, whole=True) + "\ncommit;", user="postgres")


# ---- the crowd ----

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
    return str(pathlib.Path(build) / "tests" / "storm" / "crowd")


class Crowd:
    """Requests that are asked at once; answers() waits for all of them, wait_for() for some. With `persist` those who were not told the
    outcome ask again for so many seconds."""

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
        """Until there are so many answers, or all that will ever come; gives those that there are, in the order in which they came."""
        while len(self.got) < count and (line := self.process.stdout.readline()):
            self.got.append(Answer(json.loads(line)))
        return self.got

    def answers(self):
        """In the order of the requests."""
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
    """All at once (or `flight` of them at a time), in a new order each time; the answers in the order of the requests. `held` is SQL
    that locks what they want: it is let go only when several transactions wait for it, so that these run into each other."""
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
                until(lambda: waiting(stack) >= PROCESSES)
                holder.do("commit")
                got = crowd.answers()
            finally:
                crowd.stop()
    return [a for _, a in sorted(zip(order, got), key=lambda pair: pair[0])]


def ask(stack, method, path, token=None, body=None, key=None):
    """One request that has to succeed; its JSON."""
    request = {"method": method, "path": path}
    request.update({k: v for k, v in (("token", token), ("body", body), ("key", key)) if v is not None})
    answer = Crowd(stack, [request]).answers()[0]
    if not 200 <= answer.status < 300:
        raise RuntimeError(f"{method} {path} {body}: {answer}")
    return answer.json


# ---- locks ----

class Holder:
    """A psql session of the tables' owner, which holds locks as long as it is told to."""

    def __init__(self, stack):
        self.process = subprocess.Popen([newest_psql(), "-XqAt", "-v", "ON_ERROR_STOP=1"], text=True, bufsize=1,
                                        env=stack.program_env("shoetopia_owner"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.watch = threading.Timer(3 * ENOUGH, self.process.kill)
        self.watch.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def do(self, sql):
        """Runs it, and gives the last line that it answers."""
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
    """How many of the program's transactions wait for a lock of another."""
    return int(stack.psql("select count(*) from pg_stat_activity where datname = current_database()"
                          " and wait_event_type = 'Lock' and usename = 'shoetopia_app'", user="postgres"))


def until(happened, seconds=ENOUGH):
    give_up = time.monotonic() + seconds
    while not (what := happened()):
        if time.monotonic() > give_up:
            raise RuntimeError("what was waited for did not happen")
    return what


# ---- judging ----

def audit(stack):
    """The program's own judgement of its database."""
    done = subprocess.run([stack.program(), "--audit"], env=stack.program_env("shoetopia_owner"), capture_output=True, text=True, check=False)
    must(done.returncode == 0, f"--audit ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def must(fact, *words):
    if not fact:
        raise Violation(" ".join(str(w) for w in words))


def must_equal(what, have, want):
    if have != want:
        raise Violation(f"{what}: {have}, not {want}")


def must_be_answered(answers, allowed):
    """Every answer is one of those allowed: {status: code or None}. Nothing else, and no 5xx, counts as an answer."""
    for a in answers:
        if a.error or a.status not in allowed or a.code != allowed[a.status]:
            raise Violation(f"an answer that must not be: {a}")


def figures(stack, sql):
    """The one row of numbers that a query gives."""
    rows = stack.rows(sql)
    if len(rows) != 1:
        raise RuntimeError(f"{len(rows)} rows from {sql}")
    return [int(v) if v not in ("t", "f", "") else {"t": True, "f": False, "": None}[v] for v in rows[0]]


# ---- people and shops ----

class Person:
    def __init__(self, account_id, token, email):
        self.account_id, self.token, self.email = account_id, token, email
        self.shop_id = None


def people(stack, count, label):
    """Accounts with sessions, written into the database at one go: passwords are not what a storm is about."""
    unique = new_token()[:12].lower()
    told = [(f"{label} {i}", f"{label}.{i}.{unique}@example.com", new_token()) for i in range(count)]
    ids = stack.psql(accounts_sql(told)).split("\n")
    return [Person(int(i), token, email) for i, (_, email, token) in zip(ids, told)]


def shops(stack, count, label):
    """People with shops."""
    owners = people(stack, count, label)
    unique = new_token()[:12].lower()
    values = ",".join(f"({p.account_id}, 'Shop {unique} {i}', clock_timestamp())" for i, p in enumerate(owners))
    made = stack.rows(f"with made as (insert into market.shop (account_id, name, created_at) values {values}"
                      " returning shop_id, account_id), owed as (insert into market.balance (shop_id)"
                      " select shop_id from made) select account_id, shop_id from made")
    by_account = {int(a): int(s) for a, s in made}
    for p in owners:
        p.shop_id = by_account[p.account_id]
    return owners


def list_pair(stack, owner, price_cents, quantity, **more):
    body = {"brand": "Storm " + new_token()[:12], "style": "Gale", "color": "grey", "size": 9.5, "condition": "new",
            "audience": "unisex", "price_cents": price_cents, "quantity": quantity, **more}
    return ask(stack, "POST", f"/api/shops/{owner.shop_id}/listings", owner.token, body)["listing_id"]


def start_sale(stack, owner, discounts, percent_off, **more):
    body = {"discounts": discounts, "percent_off": percent_off, **more}
    return ask(stack, "POST", f"/api/shops/{owner.shop_id}/sales", owner.token, body)["sale_id"]


def checkout(person, items, key=None, **more):
    """The request by which a person buys items, [(listing_id, quantity)]; None: the cart."""
    body = dict(more)
    if items is not None:
        body["items"] = [{"listing_id": i, "quantity": q} for i, q in items]
    return {"path": "/api/checkout", "token": person.token, "key": key or "storm-" + new_token()[:24], "body": body}


def lines(order):
    return [line for shipment in order["shipments"] for line in shipment["lines"]]
