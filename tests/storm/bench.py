#!/usr/bin/python3
"""Figures, side by side in one run: what is sold through the whole stack beside what PostgreSQL sells by itself.

    tests/storm/bench.py [--seconds N] [--rounds N]

It runs Shoetopia by ./start, the empty libfcgi answer (hello.c) behind the same nginx with the same settings, and pgbench with the same
function, one after the other in each round, so that a noisy moment strikes all of them; and prints medians and their ratios as a
table in Markdown. The load is bounded in time, on loopback alone.
"""
import argparse
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "http")]

from people import accounts_sql, digest, new_token  # noqa: E402
from stack import Stack, free_port  # noqa: E402

CLIENTS = 64
BUYERS = 512
BUY_SQL = """\\set buyer random(1, :buyers)
select n, code, answer from api.checkout(jsonb_build_array(jsonb_build_object('session', (select session from bench.buyer where n = :buyer::int),
    'key', gen_random_uuid()::text, 'digest', '\\x00', 'who', 'member', 'items', jsonb_build_array(jsonb_build_object('listing_id', :listing::bigint, 'quantity', 1)))));
"""


def say(text):
    print(text, file=sys.stderr, flush=True)


def wrk(url, seconds, *more, script=None, clients=CLIENTS):
    """Requests per second, and the answers by code where the script counts them."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s"]
    command += ["-s", str(script)] if script else []
    out = subprocess.run([*command, url, *(["--", *map(str, more)] if more else [])], check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    codes = {int(code): int(count) for code, count in re.findall(r"^code (\d+) (\d+)$", out, re.M)}
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    return rate, codes, int(bad.group(1)) if bad else 0


class Hello:
    """hello.c behind an nginx with the configuration of the stack's own, but for its sockets and its port."""

    def __init__(self, stack, build, threads):
        self.port, self.folder = free_port(), pathlib.Path(stack.state) / "hello"
        shutil.copytree(pathlib.Path(stack.state) / "web", self.folder)
        self.sockets = [f"{stack.state}/run/app/hello-{i}.sock" for i in (1, 2)]
        self.processes = [subprocess.Popen([f"{build}/tests/storm/hello", s, str(threads)], stdin=subprocess.DEVNULL) for s in self.sockets]
        while not all(os.path.exists(s) for s in self.sockets):
            time.sleep(0.01)
        for socket in self.sockets:
            os.chmod(socket, 0o666)
        for path in self.folder.glob("*.conf"):
            text = path.read_text()
            text = text.replace(f"{stack.state}/web", str(self.folder)).replace(f"127.0.0.1:{stack.port}", f"127.0.0.1:{self.port}")
            for i, socket in enumerate(self.sockets, 1):
                text = re.sub(rf"unix:\S+/app/{i}\.sock", f"unix:{socket}", text)
            path.write_text(text.replace("nginx-access.log", "hello-access.log").replace("nginx-error.log", "hello-error.log"))
        self.web = subprocess.Popen(["/usr/sbin/nginx", "-p", str(self.folder), "-e", f"{stack.state}/log/hello-error.log",
                                     "-c", str(self.folder / "nginx.conf"), "-g", "daemon off;"])
        self.url = f"http://127.0.0.1:{self.port}"
        for _ in range(200):
            if subprocess.run(["curl", "-sf", "-o", "/dev/null", self.url + "/api/health"]).returncode == 0:
                return
            time.sleep(0.02)
        raise RuntimeError("hello does not answer")

    def stop(self):
        for process in [self.web, *self.processes]:
            process.terminate()
            process.wait()


def prepare(stack, folder):
    """Buyers, a shop, and a listing with a million pairs."""
    tokens = [new_token() for _ in range(BUYERS)]
    stack.psql(accounts_sql([(f"Buyer {i}", f"buyer{i}@example.com", t) for i, t in enumerate(tokens)]))
    stack.psql("create schema bench; create table bench.buyer (n int primary key, session text not null);"
               "grant usage on schema bench to shoetopia_app; grant select on bench.buyer to shoetopia_app;"
               "insert into bench.buyer values " + ",".join(f"({i}, '\\x{digest(t)}')" for i, t in enumerate(tokens, 1)), user="postgres")
    seller = new_token()
    stack.psql(accounts_sql([("Seller", "seller@example.com", seller)]))

    def post(path, body):
        return subprocess.run(["curl", "-sf", stack.url + "/api" + path, "-H", "Content-Type: application/json", "-H",
                               "Authorization: Bearer " + seller, "-d", body], check=True, capture_output=True, text=True).stdout

    shop = re.search(r'"shop_id" ?: ?(\d+)', post("/shops", '{"name":"Hot"}')).group(1)
    listing = re.search(r'"listing_id" ?: ?(\d+)', post(f"/shops/{shop}/listings", '{"brand":"Aero","style":"Hot","color":"red","size":9,'
                        '"condition":"new","audience":"men","price_cents":1999,"quantity":100000}')).group(1)
    post(f"/shops/{shop}/listings/{listing}/stock", '{"delta":900000}')
    (folder / "tokens").write_text("\n".join(tokens) + "\n")
    (folder / "buy.sql").write_text(BUY_SQL)
    return listing


def pgbench(stack, folder, listing, seconds):
    env = stack.program_env()
    command = [max(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench"), key=lambda p: int(p.parts[4])), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "1",
               "-T", str(seconds), "-D", f"buyers={BUYERS}", "-D", f"listing={listing}", "-f", str(folder / "buy.sql")]
    done = subprocess.run(command, capture_output=True, text=True, env=env)
    if done.returncode != 0:
        sys.exit("pgbench: " + done.stderr[-2000:])
    out = done.stdout
    return float(re.search(r"tps = ([\d.]+)", out).group(1))


def memory_mib(stack):
    """Resident memory of each process of the program."""
    sizes = []
    for pid in stack.program_pids():
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        sizes.append(int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024)
    return sizes


def main():
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--seconds", type=int, default=6, help="of each measurement (6)")
    words.add_argument("--rounds", type=int, default=3, help="paired rounds (3)")
    options = words.parse_args()
    build = os.path.abspath(os.environ.get("SHOETOPIA_BUILD", HERE.parent.parent / "build"))
    seen = {"checkout": [], "pgbench": [], "health": [], "hello": []}
    with Stack(build=build) as stack:
        folder = pathlib.Path(stack.state) / "bench"
        folder.mkdir()
        listing = prepare(stack, folder)
        idle = memory_mib(stack)
        hello = Hello(stack, build, 64)
        try:
            for n in range(options.rounds):
                say(f"round {n + 1} of {options.rounds}")
                rate, codes, _ = wrk(stack.url, options.seconds, folder / "tokens", listing, script=HERE / "buy.lua")
                if set(codes) != {201}:
                    sys.exit(f"not only sales: {codes}")
                seen["checkout"].append(rate)
                seen["pgbench"].append(pgbench(stack, folder, listing, options.seconds))
                for name, url in (("health", stack.url), ("hello", hello.url)):
                    rate, _, bad = wrk(url + "/api/health", options.seconds)
                    if bad:
                        sys.exit(f"{name}: {bad} bad answers")
                    seen[name].append(rate)
        finally:
            hello.stop()
        busy = memory_mib(stack)
        audit = subprocess.run([stack.program(), "--audit"], env=stack.program_env("shoetopia_owner"), capture_output=True, text=True)
    if audit.returncode != 0:
        sys.exit("the audit found violations:\n" + audit.stdout)
    middle = {name: statistics.median(rates) for name, rates in seen.items()}
    print("| what | per second (median of %d) | ratio |\n|---|---|---|" % options.rounds)
    print(f"| checkouts of one hot listing through nginx, {CLIENTS} clients | {middle['checkout']:,.0f} | {middle['checkout'] / middle['pgbench']:.2f} of pgbench |")
    print(f"| pgbench, the same function, {CLIENTS} clients | {middle['pgbench']:,.0f} | 1 |")
    print(f"| GET /api/health through nginx | {middle['health']:,.0f} | {middle['health'] / middle['hello']:.2f} of hello |")
    print(f"| libfcgi hello through the same nginx | {middle['hello']:,.0f} | 1 |")
    print(f"| memory of a process of the program | idle {max(idle):.0f} MiB, after the load {max(busy):.0f} MiB | |")
    print("\nThe audit found no violation afterwards.")


if __name__ == "__main__":
    main()
