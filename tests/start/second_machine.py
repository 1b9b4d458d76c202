"""A primary dies and a standby takes over, with the files of deploy/patroni, as docs/operations.md says ("A second machine").

Each test is a function whose docstring states what must hold.
"""
import functools
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import threading
import time

import yaml

from clients import Crowd
from fixtures import checkout, list_pair, people, shops
from machines import NAMES, Site
from patience import until
from people import new_token
from stack import TOP

KILLS = 5
BUYERS = 16
REQUESTS = 8000  # in each round
BEFORE = (1000, 3000)  # that are answered before the primary dies
PATIENCE_SECONDS = 120
# Settings of ./start's server that are not the same under Patroni.
OWN = {"listen_addresses", "unix_socket_directories", "port", "max_connections", "include"}


def the_files_for_patroni_are_valid():
    """prepare fills in all words, keeps what there is, and signs certificates that hold; PostgreSQL gets the settings of deploy/postgresql.conf.in."""
    with tempfile.TemporaryDirectory(prefix="shoetopia-") as folder:
        addresses = [f"127.0.77.{i + 1}" for i in range(len(NAMES))]
        command = [str(TOP / "deploy/patroni/prepare"), folder, "127.0.0.0/8", *map("=".join, zip(NAMES, addresses))]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        first = {path: path.read_bytes() for path in pathlib.Path(folder).rglob("*") if path.is_file()}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        assert first == {path: path.read_bytes() for path in first}
        for name, address in zip(NAMES, addresses):
            text = first[pathlib.Path(folder, name, "config.yml")].decode()
            config = yaml.safe_load(text)
            assert config["name"] == name and config["etcd"]["hosts"] == [f"{a}:2379" for a in addresses] and "@" not in text, text
            dcs = config["bootstrap"]["dcs"]
            assert dcs["loop_wait"] + 2 * dcs["retry_timeout"] <= dcs["ttl"], dcs
            assert (dcs["synchronous_mode"], dcs["failsafe_mode"], dcs["primary_start_timeout"]) == (True, True, 0), dcs
            parameters = dcs["postgresql"]["parameters"]
            assert not [value for value in parameters.values() if isinstance(value, bool)], parameters
            ours = re.findall(r"^(\w+)\s*=?\s*'?(.*?)'?$", (TOP / "deploy/postgresql.conf.in").read_text(encoding="utf-8"), re.M)
            differ = {setting: value for setting, value in ours if setting not in OWN and str(parameters.get(setting)).strip() != value.strip()}
            assert len(ours) > 20 and not differ, differ
            subprocess.run(["openssl", "verify", "-CAfile", f"{folder}/{name}/ca.crt", "-verify_ip", address, "-purpose", "sslserver",
                            f"{folder}/{name}/server.crt"], check=True, stdout=subprocess.DEVNULL)
            assert os.stat(f"{folder}/{name}/server.key").st_mode & 0o077 == 0
        for command, word in (([*command, "db4=127.0.77.4"], "odd number"), ([*command[:-1], "db3=there"], "NAME=ADDRESS"), ([*command[:2], "here", *command[3:]], "NETWORK")):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode != 0 and word in done.stdout + done.stderr, done
        validate_by_patroni(folder)


def validate_by_patroni(folder):
    """What Patroni itself finds, where it is installed, but for servers that are not there."""
    if not shutil.which("patroni"):
        return
    done = subprocess.run(["patroni", "--validate-config", f"{folder}/db1/config.yml"], capture_output=True, text=True, check=False)
    wrong = [line for line in (done.stdout + done.stderr).splitlines() if line and "is not reachable" not in line]
    assert not wrong, wrong


class Sale:
    """What buyers were answered, over all rounds."""

    def __init__(self, site):
        self.site = site
        self.owner, = shops(site, 1, "machines")
        self.buyers = people(site, BUYERS, "machines")
        self.orders, self.keys = {}, {}
        self.lines = []

    def round(self, what, strike):
        """Sells while strike() is called; every request must succeed in the end. Notes the longest time in which nothing was sold."""
        listing = list_pair(self.site, self.owner, 9900, REQUESTS)
        requests = [checkout(self.buyers[i % BUYERS], [(listing, 1)], f"machines-{new_token()[:20]}") for i in range(REQUESTS)]
        crowd = Crowd(self.site, requests, flight=BUYERS, timeout=PATIENCE_SECONDS + 30, persist=PATIENCE_SECONDS)
        try:
            crowd.wait_for(random.randint(*BEFORE))
            began = time.monotonic()
            reader = threading.Thread(target=crowd.wait_for, args=(REQUESTS,))  # the crowd would wait if its answers were not read
            reader.start()
            strike()
            until("a new primary", lambda: self.site.leader() and self.site.is_well())
            back = time.monotonic() - began
            reader.join()
            answers = crowd.answers()
        finally:
            crowd.stop()
        wrong = [a for a in answers if a.status != 201]
        assert not wrong, (what, len(wrong), wrong[:3])
        for answer in answers:
            assert answer.json["order_id"] not in self.orders, f"{what}: order {answer.json['order_id']} was acknowledged twice"
            self.orders[answer.json["order_id"]] = requests[answer.index]["key"]
        done = sorted(a.done_ms for a in answers)
        gap = max(after - before for before, after in zip(done, done[1:])) / 1000
        self.lines.append(f"{what}: {len(answers)} acknowledged, {sum(a.unknown for a in answers)} repetitions, nothing sold for {gap:.1f} s, health after {back:.1f} s")
        print("   " + self.lines[-1], flush=True)
        return gap

    def must_add_up(self):
        """What was acknowledged is there, once, and nothing else."""
        kept = {int(order): key for order, key in self.site.rows("select order_id, key from market.orders where key like 'machines-%'")}
        assert kept == self.orders, (len(kept), len(self.orders), list(kept.items() ^ self.orders.items())[:3])
        there = [int(order) for order, in self.site.rows("select order_id from market.order_line")]
        assert sorted(there) == sorted(self.orders), (len(there), len(self.orders))
        audit = subprocess.run([self.site.program(), "--audit", "--full"], env=self.site.program_env("shoetopia_owner"), capture_output=True, text=True, check=False)
        assert audit.returncode == 0, audit


def a_primary_that_is_killed_is_replaced():
    """Five times Patroni and PostgreSQL of the primary are killed while 16 buyers buy, twice its etcd too: what was acknowledged is there, once. The
    machine comes back as a standby by itself. So it does when the primary hangs, and continues after it was replaced. A planned switchover loses
    nothing either."""
    if not os.environ.get("CHECK_LONG"):
        return
    if os.geteuid() != 0:
        print("   skipped: it needs root", flush=True)
        return
    with Site() as site:
        until("all machines follow", site.is_whole)
        sale = Sale(site)
        gaps = []
        for i in range(KILLS):
            old = site.leader()
            what = f"kill {i + 1} of {old.name}" + (", with its etcd" if i % 2 else "")
            gaps.append(sale.round(what, functools.partial(old.kill, whole=i % 2 == 1)))
            assert site.leader() != old
            old.start()
            until("it follows as a standby", site.is_whole)
            sale.must_add_up()
        old = site.leader()
        gaps.append(sale.round(f"{old.name} hangs", old.suspend))
        assert site.leader() != old
        old.resume()  # it still believes that it is the primary
        until("it follows as a standby", site.is_whole)
        sale.must_add_up()
        old = site.leader()
        planned = sale.round(f"switchover from {old.name}", functools.partial(old.ctl, "switchover", "--force"))
        until("all machines follow", site.is_whole)
        sale.must_add_up()
        print(f"   {len(sale.orders)} acknowledged, 0 lost, 0 doubled; nothing sold for {', '.join(f'{gap:.1f}' for gap in gaps)} s; {planned:.1f} s when planned", flush=True)


TESTS = (the_files_for_patroni_are_valid, a_primary_that_is_killed_is_replaced)
