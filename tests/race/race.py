"""What race tests share: RaceTest, Twin, and assertions that raise Violation.

A file NAME.py of this folder has RACE_TESTS, a list of RaceTest. Its function run(stack, world) is one round: it raises Violation if an invariant does
not hold, and may return text for the report. setup(stack), if given, runs once; its result is passed to each round as `world`. The twin is a stack
with guards removed from SQL functions and constraints dropped, where the same function must raise Violation.
"""
import re
import subprocess

from stack import TOP

SPEED_COUNTS = True  # False in a build with sanitizers
OWN_STACKS = []  # that a test has started for itself and keeps for its rounds
TRIES = 3  # of a round that was slow, but for twins: those have to be slow
IS_TWIN = False


class Violation(Exception):
    """An invariant did not hold."""


class Slow(Violation):
    """Something took longer than it should."""


def tried(run):
    """A round that is run again if it was Slow: that may be the machine, which is shared."""
    def run_tried(stack, world):
        for _ in range(0 if IS_TWIN else TRIES - 1):
            try:
                return run(stack, world)
            except Slow:
                pass
        return run(stack, world)
    return run_tried


class RaceTest:
    """few: True if a round is long, so that few are run; a number is a limit of its own. twin: a Twin, any object with apply(stack) and
    take_back(stack), or None."""

    def __init__(self, name, run, twin, setup=None, few=False):
        self.name, self.run, self.twin, self.setup, self.few = name, run, twin, setup, few


class Twin:
    """guards: {file of schema/functions: names of the guards to remove}. nets: constraints to drop, as TABLE.CONSTRAINT.
    instead: {file: [(text, replacement), ...]}, where a guard is not a line of its own. stays: the functions are not restored afterwards
    (data that violates the dropped constraints stays, too), so the twin must change nothing that other race tests read."""

    def __init__(self, guards, nets=(), instead=None, stays=False):
        self.guards, self.nets, self.instead, self.stays = guards, nets, instead or {}, stays

    def files(self):
        return set(self.guards) | set(self.instead)

    def text(self, name, whole=False):
        """The file as create or replace statements, without its guards unless `whole`."""
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


def must_be_quick(fact, *words):
    """A limit of time or speed; builds with sanitizers prove none."""
    if SPEED_COUNTS and not fact:
        raise Slow(" ".join(str(word) for word in words))


def audit(stack):
    """shoetopia --audit must find nothing."""
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
