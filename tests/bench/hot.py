"""The hot sale: all clients buy one listing. Sales through the whole stack, compared with a lean rival and with the maximum rate of libfcgi; and
the processor time of each process.

    Shoetopia   wrk, nginx, the program, PostgreSQL: a POST /api/checkout for each pair
    rival       rival.py: one lean function for each sale, over a pool of 8 connections
    empty       the same requests with empty answers by hello.c behind the same nginx with the same settings: the maximum for a program with libfcgi
    bare        the minimum: GET requests without own headers or body, with empty answers
"""
import os
import pathlib
import re
import shutil
import subprocess
import time

from . import plot
from .common import CLIENTS, Failure, buy, how, make_buyers, make_listing, median, ratio, say, table, whole, wrk
from .rival import buy_of_rival, check_rival, make_rival
from stack import free_port

CROWDS = (1, 4, 16, 64, 128, 256)
PAIRS = 3000000
TICK = os.sysconf("SC_CLK_TCK")
PICTURE = "hot-sale.svg"


class Hello:
    """hello.c behind an nginx with the stack's configuration, except for sockets and port."""

    def __init__(self, stack, build, threads=256):
        self.port, self.folder = free_port(), stack.folder / "hello"
        self.processes = []
        shutil.copytree(pathlib.Path(stack.state) / "web", self.folder)
        sockets = [f"{stack.state}/run/app/hello-{i}.sock" for i in (1, 2)]
        for path in self.folder.glob("*.conf"):
            text = path.read_text()
            text = text.replace(f"{stack.state}/web", str(self.folder)).replace(f"127.0.0.1:{stack.port}", f"127.0.0.1:{self.port}")
            for i, socket in enumerate(sockets, 1):
                text = re.sub(rf"unix:\S+/app/{i}\.sock", f"unix:{socket}", text)
            path.write_text(text.replace("nginx-access.log", "hello-access.log").replace("nginx-error.log", "hello-error.log"))
        try:
            self.start(stack, f"{build}/tests/tools/hello", sockets, threads)
        except BaseException:
            self.stop()
            raise

    def start(self, stack, program, sockets, threads):
        environment = os.environ | {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=32"}  # as ./start gives it to the program
        for socket in sockets:
            self.processes.append(subprocess.Popen([program, socket, str(threads)], stdin=subprocess.DEVNULL, env=environment))
        self.until("hello listens", lambda: all(os.path.exists(socket) for socket in sockets))
        for socket in sockets:
            os.chmod(socket, 0o666)
        self.processes.append(subprocess.Popen(["nginx", "-p", str(self.folder), "-e", f"{stack.state}/log/hello-error.log",
                                                "-c", str(self.folder / "nginx.conf"), "-g", "daemon off;"]))
        self.url = f"http://127.0.0.1:{self.port}"
        self.until("hello answers", lambda: subprocess.run(["curl", "-sf", "-o", "/dev/null", self.url + "/api/health"], check=False).returncode == 0)

    @staticmethod
    def until(what, question):
        for _ in range(500):
            if question():
                return
            time.sleep(0.02)
        raise Failure("in vain: " + what)

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            process.wait()


# ---- processor time by process ----


def ticks_of_tree(pid):
    """Processor time of a process and its descendants, ended ones included, in clock ticks."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    return sum(map(int, stat[11:15])) + sum(map(ticks_of_tree, children))


def ticks_of_machine():
    """(busy, idle); time stolen by the host counts as neither."""
    user, nice, system, idle, iowait, irq, softirq = map(int, pathlib.Path("/proc/stat").read_text().split("\n")[0].split()[1:8])
    return user + nice + system + irq + softirq, idle + iowait


def processors(stack):
    """Seconds used so far by each."""
    busy, idle = ticks_of_machine()
    return {"nginx": ticks_of_tree(stack.web_pid()) / TICK, "Shoetopia": sum(map(ticks_of_tree, stack.program_pids())) / TICK,
            "PostgreSQL": ticks_of_tree(stack.postgres_pid()) / TICK, "busy": busy / TICK, "idle": idle / TICK}


WHO = ("nginx", "Shoetopia", "PostgreSQL", "the load (wrk)", "others and the kernel by itself", "idle")


def watched(stack, seconds, listing):
    """A run of the 64 clients, and what was watched: its rate, then for each of WHO the share of the processors' time, then the microseconds for each sale."""
    before = processors(stack)
    load = buy(stack, seconds, listing)
    used = {name: at - before[name] for name, at in processors(stack).items()}
    busy = used.pop("busy")
    used["the load (wrk)"] = load.cpu_seconds
    used["others and the kernel by itself"] = max(0.0, busy - sum(used[name] for name in WHO[:4]))
    shares = [used[name] / (busy + used["idle"]) for name in WHO]
    return load, (load.rate, *shares, *(1e6 * used[name] / load.count for name in WHO))


# ---- the part ----


def measure(bench, stack, hello, listing):
    """{clients: (rate, p50, p99, rival, empty, bare)}, and what was watched. All crowds have their turn in each round, from the smallest to the largest."""
    seen, watches = {clients: [] for clients in CROWDS}, []

    def shoetopia(clients):
        if clients != CLIENTS:
            return buy(stack, bench.seconds, listing, clients)
        load, watch = watched(stack, bench.seconds, listing)
        watches.append(watch)
        return load

    measures = {"Shoetopia": shoetopia, "rival": lambda clients: buy_of_rival(stack, bench.seconds, clients, listing, listing),
                "empty": lambda clients: buy(stack, bench.seconds, listing, clients, url=hello.url).rate,
                "bare": lambda clients: wrk(hello.url + "/api/health", bench.seconds, clients).rate}
    buy(stack, 1, listing)  # the program's connections plan their statements
    for n in range(bench.rounds):
        for clients in CROWDS:
            order = list(measures)[n % len(measures):] + list(measures)[:n % len(measures)]
            got = {name: measures[name](clients) for name in order}
            ours = got["Shoetopia"]
            got["Shoetopia"] = ours.rate
            seen[clients].append((ours.rate, ours.p50, ours.p99, *(got[name] for name in measures if name != "Shoetopia")))
            say(f"  round {n + 1} of {bench.rounds}, {clients} clients: " + ", ".join(f"{name} {whole(got[name])}/s" for name in order))
    return {clients: median(figures) for clients, figures in seen.items()}, median(watches)


def picture(bench, figures):
    words = ("Sales a second of one listing over the number of clients, on logarithmic scales: Shoetopia through nginx, a lean function for each sale"
             " over 8 connections of pgbench, and the empty libfcgi answer to the same requests behind the same nginx.")
    for clients, (ours, _, _, rival, empty, _) in figures.items():
        words += f" {clients} clients: {whole(ours)}, {whole(rival)}, {whole(empty)}."
    ours, _, _, rival, empty, _ = zip(*figures.values())
    return plot.curves("The hot sale: everyone wants one listing", how(bench).replace("**", ""), words, "clients at once", "answers a second",
                       list(figures), [("empty libfcgi answer", empty), ("Shoetopia", ours), ("the rival, 8 connections", rival)])


def part(bench):
    with bench.market() as stack:
        make_buyers(stack)
        listing = make_listing(stack, "hot", PAIRS)
        make_rival(stack)
        hello = Hello(stack, bench.build)
        try:
            figures, watch = measure(bench, stack, hello, listing)
        finally:
            hello.stop()
        check_rival(stack)
    bench.pictures[PICTURE] = picture(bench, figures)
    rows = [[clients, whole(ours), f"{p50:.2f}", f"{p99:.2f}", whole(rival), whole(empty), whole(bare), ratio(ours / rival), ratio(ours / empty),
             ratio(ours / bare)] for clients, (ours, p50, p99, rival, empty, bare) in figures.items()]
    shares, costs = watch[1:1 + len(WHO)], watch[1 + len(WHO):]
    return "\n\n".join((
        f"![Sales a second over the number of clients]({PICTURE})",
        table(["clients", "Shoetopia, sales/s", "p50, ms", "p99, ms", "rival, sales/s", "empty answers/s", "to bare GETs/s", "Shoetopia/rival",
               "Shoetopia/empty", "/bare"], rows),
        f"Who used the processors during Shoetopia's runs with {CLIENTS} clients ({whole(watch[0])} sales/s):",
        table(["who", "share of all cores", "µs for each sale"],
              [[who, f"{100 * share:.0f} %", f"{cost:.0f}"] for who, share, cost in zip(WHO, shares, costs)])))
