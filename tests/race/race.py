"""What all storms share: the crowd, people and shops in bulk, the twin, and how an answer is judged.

A storm is a file NAME.py here with RACE_TESTS, a list of RaceTest: a name, a function `storm(stack, world)` that raises
Violation when the promise is broken (and may give words for the report), and its Twin: the guards that are taken out of the functions, and the constraints
that are dropped, on a stack where the same function must raise Violation. setup(stack), if there is one, makes once what
all rounds use, and is given to each round.
"""
import re
import subprocess

from stack import TOP

SPEED_COUNTS = True  # False in a build with sanitizers


class Violation(Exception):
    """The promise was broken."""


class RaceTest:
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
