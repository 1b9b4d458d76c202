"""What all benchmarks share: a marketplace to measure, the load (wrk, pgbench), paired rounds, tables in Markdown.

Load goes to loopback alone, is bounded in clients and seconds, and comes from one process of wrk or pgbench at a time.
"""
import collections
import contextlib
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE.parent / "catalogue")]

from people import accounts_sql, digest, new_token  # noqa: E402
from stack import Stack  # noqa: E402

SECONDS, ROUNDS = 4, 3  # of published figures
SALES = 200000
CLIENTS = 64
BUYERS = 512  # many more than clients, so that no two concurrent requests belong to one account
SESSIONS = 128  # of PostgreSQL: the program's, and 64 of pgbench's
WARM_SECONDS = 3  # of pgbench, when it calls a large function
LATE_SECONDS = 60  # how much longer than asked for a load may take before it is ended

# One call of the checkout as src/db/batch.c encodes it; `listing` and a row `b` of bench.buyer are in scope.
CALL = """jsonb_build_object('session', b.session, 'key', gen_random_uuid()::text, 'digest', '\\x' || repeat('00', 32),
    'items', jsonb_build_array(jsonb_build_object('listing_id', {listing}::bigint, 'quantity', 1)))"""

Load = collections.namedtuple("Load", "rate p50 p99 count cpu_seconds")
Pgbench = collections.namedtuple("Pgbench", "rate count retries seconds")


class Failure(Exception):
    """The measured program misbehaved, so there is no figure."""


def say(text):
    print(time.strftime("%H:%M:%S ") + text, file=sys.stderr, flush=True)


def run(command, seconds=LATE_SECONDS, **more):
    """The output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=seconds, check=False, **more)
    if done.returncode != 0:
        raise Failure(f"{pathlib.Path(command[0]).name}: {(done.stderr + done.stdout)[-2000:]}")
    return done.stdout + done.stderr


# ---- tables ----


def table(head, rows, texts=1):
    """Markdown; the first columns are text, the others are figures."""
    lines = [head, ["---"] * texts + ["---:"] * (len(head) - texts), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def whole(number):
    return f"{number:,.0f}"


def ratio(number):
    return f"{number:.2f}" if number < 9.95 else f"{number:.1f}"


# ---- load ----


def milliseconds(text):
    found = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    return float(found[1]) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[found[2]]


def wrk(url, seconds, clients=CLIENTS, script=None, arguments=(), good=201, headers=()):
    """One run of wrk. All answers must be 2xx; where the script counts them by code, all must be `good`."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "--latency"]
    command += [word for header in headers for word in ("-H", header)]
    command += ["-s", script] if script else []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = run([*command, url, *(["--", *arguments] if arguments else [])], seconds + LATE_SECONDS)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    codes = {int(code): int(count) for code, count in re.findall(r"^code (\d+) (\d+)$", out, re.M)}
    if set(codes) - {good} or "Non-2xx" in out or "Socket errors" in out:
        raise Failure(f"{url}: not only good answers: {codes}\n{out}")
    spread = dict(re.findall(r"^\s+(\d+)%\s+(\S+)\s*$", out, re.M))
    return Load(rate=float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), p50=milliseconds(spread["50"]), p99=milliseconds(spread["99"]),
                count=int(re.search(r"(\d+) requests in", out)[1]),
                cpu_seconds=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def newest_pgbench():
    return max(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench"), key=lambda path: int(path.parts[4]), default=None)


def pgbench(stack, script, seconds=0, clients=CLIENTS, variables=None, times=0, tries=1, warm=0, threads=1):
    """One run of pgbench as the program's role: for so many seconds, or so many `times` each client. The first `warm` seconds come on top and do
    not count: a new connection has yet to plan every statement of a function, which the program's connections did long ago. The role's limits on how
    long one waits are lifted: 128 connections in one queue may pass them, and that is to be a slow figure, not a failure."""
    command = [newest_pgbench(), "-n", "-M", "prepared", "-c", clients, "-j", threads, "--max-tries", tries, "-f", script]
    command += ["-t", times] if times else ["-T", seconds + warm, "-P", 1]
    for name, value in (variables or {}).items():
        command += ["-D", f"{name}={value}"]
    out = run(command, seconds + warm + LATE_SECONDS, env={**stack.program_env(), "PGOPTIONS": "-c lock_timeout=0 -c statement_timeout=1min"})
    rate = float(re.search(r"^tps = ([\d.]+)", out, re.M)[1])
    if warm:
        rate = statistics.mean(float(each) for each in re.findall(r"^progress: [\d.]+ s, ([\d.]+) tps", out, re.M)[warm:])
    count = int(re.search(r"transactions actually processed: (\d+)", out)[1])
    failed = re.search(r"number of failed transactions: (\d+)", out)
    if failed and int(failed[1]) or "aborted" in out:
        raise Failure(f"{script}: {out}")
    retries = re.search(r"total number of retries: (\d+)", out)
    return Pgbench(rate=rate, count=count, retries=int(retries[1]) if retries else 0, seconds=count / rate)


# ---- what is measured ----


class Bench:
    """Duration and number of rounds, the sales of growth, the build, and the observed conditions."""

    def __init__(self, seconds, rounds, sales, build):
        self.seconds, self.rounds, self.sales, self.build = seconds, rounds, sales, build
        self.commit = version(["git", "-C", TOP, "describe", "--always", "--dirty"], r"(\S+)")  # before anything is written into the tree
        self.pictures = {}  # SVG by file name
        self.settings = {}  # of PostgreSQL, as the program's role sees them

    @contextlib.contextmanager
    def market(self, build=None, sessions=SESSIONS):
        """A marketplace of its own, by ./start, with enough PostgreSQL connections for pgbench beside the program. Its audit must find nothing at the end."""
        say("starting a marketplace")
        with Stack(build=build or self.build, env={"SHOETOPIA_ONE_LINE": "1"}) as stack:  # as ./start runs it
            # ./start sets max_connections for the program only. Overriding it takes a restart.
            stack.psql(f"alter system set max_connections = {sessions}", user="postgres")
            stack.stop(keep_state=True)
            stack.start()
            stack.folder = pathlib.Path(stack.state) / "bench"
            stack.folder.mkdir()
            if not self.settings:
                self.settings = settings_of(stack)
            yield stack
            say("auditing")
            run([stack.program(), "--audit"], 300, env=stack.program_env("shoetopia_owner"))

    def paired(self, measures):
        """{name: medians}: each round takes every measure once, one right after the other, and begins with another one each time, so that
        noise affects all of them. A measure returns a number or a tuple of numbers."""
        seen = {name: [] for name in measures}
        names = list(measures)
        for n in range(self.rounds):
            say(f"  round {n + 1} of {self.rounds}: {', '.join(map(str, names))}")
            for name in names:
                seen[name].append(measures[name]())
            names = names[1:] + names[:1]
        return {name: median(values) for name, values in seen.items()}


def median(values):
    if isinstance(values[0], tuple):
        return tuple(statistics.median(column) for column in zip(*values))
    return statistics.median(values)


def settings_of(stack):
    names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_compression", "shared_buffers", "max_connections")
    rows = stack.rows("select name, current_setting(name) from unnest(array['%s']) as s(name)" % "','".join(names), user="shoetopia_app")
    return {name: value for name, value in rows}


def make_buyers(stack, number=BUYERS):
    """Accounts with sessions: their tokens are in stack.folder/tokens, for wrk, and the digests of these in bench.buyer, for SQL."""
    tokens = [new_token() for _ in range(number)]
    stack.psql(accounts_sql([(f"Buyer {i}", f"buyer{i}@example.com", t) for i, t in enumerate(tokens)]))
    stack.psql("create schema bench; create table bench.buyer (n int primary key, session text not null);"
               "grant usage on schema bench to shoetopia_app; grant select on bench.buyer to shoetopia_app;"
               "insert into bench.buyer values " + ",".join(f"({i}, '\\x{digest(t)}')" for i, t in enumerate(tokens, 1)), user="postgres")
    stack.tokens = stack.folder / "tokens"
    stack.tokens.write_text("\n".join(tokens) + "\n")
    return tokens


def make_listing(stack, name, pairs=100000):
    """Creates a shop with one listing; returns the listing. More than 100,000 pairs are added in steps."""
    token = new_token()
    stack.psql(accounts_sql([("Seller " + name, f"{name}@example.com", token)]))

    def post(path, body):
        return run(["curl", "-sS", "--fail-with-body", stack.url + "/api" + path, "-H", "Content-Type: application/json", "-H",
                    "Authorization: Bearer " + token, "-d", body])

    shop = re.search(r'"shop_id" ?: ?(\d+)', post("/shops", f'{{"name":"Shop {name}"}}'))[1]
    listing = re.search(r'"listing_id" ?: ?(\d+)', post(f"/shops/{shop}/listings", f'{{"brand":"Aero","style":"{name}","color":"red","size":9,'
                        f'"condition":"new","audience":"men","price_cents":1999,"quantity":{min(pairs, 100000)}}}'))[1]
    for begun in range(100000, pairs, 100000):
        post(f"/shops/{shop}/listings/{listing}/stock", f'{{"delta":{min(100000, pairs - begun)}}}')
    return int(listing)


def buy(stack, seconds, listings, clients=CLIENTS, url=None):
    """Checkouts through nginx: of one listing, or spread over a file of them. Or the same requests to another address."""
    return wrk(url or stack.url, seconds, clients, HERE / "buy.lua", (stack.tokens, listings))


def sell_before(stack, listing, pairs, batch=256):
    """Sells that many pairs by api.checkout, batch by batch."""
    stack.psql(f"""set statement_timeout = 0;
        do $$
        declare
            v_left int := {pairs};
        begin
            while v_left > 0 loop
                perform count(*) from api.checkout((select jsonb_agg({CALL.format(listing=listing)})
                    from (select s.session from bench.buyer s order by s.n limit least(v_left, {batch})) b));
                commit;
                v_left := v_left - {batch};
            end loop;
        end $$""", user="shoetopia_app")
    sold = int(stack.psql(f"select -coalesce(sum(delta), 0) from market.stock_ledger where listing_id = {listing} and reason = 'sold'"))
    if sold != pairs:
        raise Failure(f"{sold} pairs were sold before, not {pairs}")


# ---- the machine ----


def version(command, pattern):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else "?"


def commits_to_disk(seconds=0.5):
    """Writes of 8 KiB with fsync per second, one after the other, on the file system of the marketplaces' data."""
    with tempfile.TemporaryFile() as file:
        file.write(b"\0" * 8192 * 256)
        file.flush()
        os.fsync(file.fileno())
        count, began = 0, time.monotonic()
        while time.monotonic() - began < seconds:
            os.pwrite(file.fileno(), b"x" * 8192, count % 256 * 8192)
            os.fdatasync(file.fileno())
            count += 1
        return count / (time.monotonic() - began)


def file_system(path):
    best = ("", "?")
    for line in pathlib.Path("/proc/mounts").read_text().splitlines():
        _, place, kind = line.split()[:3]
        if (path + "/").startswith(place.rstrip("/") + "/") and len(place) >= len(best[0]):
            best = (place, kind)
    return best[1]


def how(bench):
    """The line below each table: how it was measured, and which commit."""
    short = bench.seconds < SECONDS or bench.rounds < ROUNDS
    rounds = f"Medians of {bench.rounds} paired rounds" if bench.rounds > 1 else "One round"
    return (f"{'**A short try, not to be quoted.** ' if short else ''}{rounds}, {bench.seconds} s for each measurement;"
            f" {time.strftime('%Y-%m-%d')}, at {bench.commit}.")


def conditions(bench, load_before):
    """The machine, its software and its settings, as rows."""
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]) / 1024**2
    virtual = "hypervisor" in pathlib.Path("/proc/cpuinfo").read_text()
    system = re.search(r'PRETTY_NAME="(.*)"', pathlib.Path("/etc/os-release").read_text())
    s = bench.settings
    libfcgi = version(["dpkg-query", "-W", "-f", "${Version}", "libfcgi-dev"], r"(.+)")
    nginx, wrk_is = version(["nginx", "-v"], r"nginx/(\S+)"), version(["wrk", "-v"], r"wrk (?:debian/)?(\S+)")
    versions = f"PostgreSQL {s['server_version'].split()[0]}, nginx {nginx}, libfcgi {libfcgi}, wrk {wrk_is}, Linux {os.uname().release}"
    return [
        ["machine", f"{os.cpu_count()} cores{' of a virtual machine' if virtual else ''} ({cpu[1].strip() if cpu else os.uname().machine}),"
                    f" {memory:.0f} GiB; load, program and database all on it; load average before: {load_before:.2f}"],
        ["disk", f"{file_system(tempfile.gettempdir())}; 8 KiB written and fdatasync'ed {whole(commits_to_disk())} times a second, one after the other"],
        ["system", f"{system[1] if system else '?'}; {versions}"],
        ["PostgreSQL", ", ".join(f"`{name} = {s[name]}`" for name in s if name != "server_version")],
        ["Shoetopia", f"2 processes of {os.environ.get('SHOETOPIA_THREADS', 256)} threads and"
                      f" {os.environ.get('SHOETOPIA_CONNECTIONS', 10)} connections to PostgreSQL each, as `./start` runs it"],
    ]
