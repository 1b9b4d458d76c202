"""Database machines under Patroni, as deploy/patroni prepares them, on loopback addresses of their own; and the program with nginx in front of them.

The files are those of `prepare`, with other folders: nothing outside of the test's folder is touched. It needs root, since Patroni's PostgreSQL admits the
user postgres by its socket, and the packages patroni, etcd-server and etcd-client.
"""
import contextlib
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess

from apart import Apart, kill, postgres_pids, run_as
from patience import until
from stack import TOP, StackError

NAMES = ("db1", "db2", "db3")


class Machine:
    """One of the three: etcd, Patroni and the PostgreSQL that Patroni runs."""

    def __init__(self, folder, prepared, name, address, version):
        self.name, self.address, self.folder = name, address, folder
        self.etc, self.data = f"{folder}/etc", f"{folder}/data"
        self.etcd = self.patroni = None
        self.suspended = []
        shutil.copytree(prepared, self.etc)
        for sub in ("socket", "etcd"):
            os.mkdir(f"{folder}/{sub}")
        paths = {"/etc/patroni": self.etc, f"/var/lib/postgresql/{version}/patroni": self.data, "/var/lib/postgresql/patroni.pgpass": f"{folder}/pgpass",
                 "/run/postgresql": f"{folder}/socket", "/etc/etcd": self.etc, "/var/lib/etcd/shoetopia": f"{folder}/etcd"}
        for file in ("config.yml", "etcd"):
            text = pathlib.Path(self.etc, file).read_text(encoding="utf-8")
            for path, instead in paths.items():
                text = text.replace(path, instead)
            pathlib.Path(self.etc, file).write_text(text, encoding="utf-8")
        for path in [folder, *pathlib.Path(folder).rglob("*")]:
            shutil.chown(path, "postgres", "postgres")
        os.chmod(f"{folder}/etcd", 0o700)

    def start_etcd(self):
        env = dict(re.findall(r"^(ETCD_\w+)=(.*)$", pathlib.Path(self.etc, "etcd").read_text(encoding="utf-8"), re.M))
        # On one machine all connections come from 127.0.0.1, which no certificate has.
        env["ETCD_EXPERIMENTAL_PEER_SKIP_CLIENT_SAN_VERIFICATION"] = "true"
        self.etcd = run_as("postgres", ["etcd"], f"{self.folder}/etcd.log", env)

    def start_patroni(self):
        self.patroni = run_as("postgres", ["patroni", f"{self.etc}/config.yml"], f"{self.folder}/patroni.log", {})

    def start(self):
        if self.etcd is None:
            self.start_etcd()
        if self.patroni is None:
            self.start_patroni()

    def kill(self, whole=False):
        """SIGKILL to Patroni and all of PostgreSQL; if `whole` to etcd too, as when the machine loses its power."""
        kill([self.patroni.pid, *postgres_pids(self.data)])
        self.patroni.wait()
        self.patroni = None
        if whole:
            kill([self.etcd.pid])
            self.etcd.wait()
            self.etcd = None

    def suspend(self):
        """SIGSTOP to Patroni and all of PostgreSQL, as when a machine hangs; resume() continues them."""
        self.suspended = [self.patroni.pid, *postgres_pids(self.data)]
        for pid in self.suspended:
            os.kill(pid, signal.SIGSTOP)

    def resume(self):
        for pid in self.suspended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def end(self):
        kill([p.pid for p in (self.patroni, self.etcd) if p] + postgres_pids(self.data))
        for process in (self.patroni, self.etcd):
            if process:
                process.wait()

    def ctl(self, *command):
        done = subprocess.run(["patronictl", "-c", f"{self.etc}/config.yml", *command], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StackError(f"patronictl {' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout

    def members(self):
        """What Patroni knows of all machines, [] while there is no answer."""
        try:
            return json.loads(self.ctl("list", "-f", "json"))
        except (StackError, ValueError):
            return []


class Site(Apart):
    """Three database machines, the program and nginx."""

    def __init__(self):
        super().__init__()
        folder = self.state
        network = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}"
        self.addresses = [f"{network}.{i}" for i in range(1, len(NAMES) + 1)]
        self.prepare = [str(TOP / "deploy/patroni/prepare"), f"{folder}/prepared", "127.0.0.0/8", *map("=".join, zip(NAMES, self.addresses))]
        subprocess.run(self.prepare, check=True, stdout=subprocess.DEVNULL)
        version = re.search(r"postgresql/(\d+)/bin", pathlib.Path(folder, "prepared/db1/config.yml").read_text(encoding="utf-8"))[1]
        self.machines = []
        for name, address in zip(NAMES, self.addresses):
            os.mkdir(f"{folder}/{name}")
            self.machines.append(Machine(f"{folder}/{name}", f"{folder}/prepared/{name}", name, address, version))

    def start(self):
        for machine in self.machines:
            machine.start_etcd()
        self.machines[0].start_patroni()  # the first one creates the database, the others copy it
        until("a primary", self.leader)
        for machine in self.machines[1:]:
            machine.start_patroni()
        self._make_database()
        self.serve(self.settings)
        until("the shop answers", self.is_well)
        return self

    def _make_database(self):
        leader = self.leader()
        for file in (TOP / "schema/roles.sql", pathlib.Path(self.state, "prepared/passwords.sql")):
            subprocess.run(["runuser", "-u", "postgres", "--", "psql", "-X", "-q", "-h", f"{leader.folder}/socket", "-d", "postgres", "-f", "-"],
                           input=file.read_text(encoding="utf-8"), text=True, check=True, cwd="/", stdout=subprocess.DEVNULL)
        program = pathlib.Path(self.state, "program")
        shutil.copytree(pathlib.Path(self.state, "prepared/program"), program)
        os.chmod(program, 0o711)
        os.chmod(program / "ca.crt", 0o644)
        shutil.chown(program / "pgpass", "www-data")
        unit = re.search("^Environment=(PGHOST=.*)$", (program / "patroni.conf").read_text(encoding="utf-8"), re.M)[1]
        readers = re.search('^Environment="(SHOETOPIA_READERS)=(.*)"$', (program / "patroni.conf").read_text(encoding="utf-8"), re.M)
        self.database = dict(pair.split("=", 1) for pair in unit.replace("/etc/shoetopia", str(program)).split())
        self.database["PGDATABASE"] = "shoetopia"
        self.settings = {**self.database, "PGUSER": "shoetopia_app", readers[1]: readers[2]}
        self.database.update(PGUSER="shoetopia_owner", PGPASSFILE=str(program / "pgpass.owner"), PGCONNECT_TIMEOUT="3", PGTARGETSESSIONATTRS="read-write")
        self.migrate()

    def leader(self):
        """The machine that is the primary, or None while there is none."""
        for member in self.asked().members():
            if member["Role"] == "Leader" and member["State"] == "running":
                return next(m for m in self.machines if m.name == member["Member"])
        return None

    def asked(self):
        """A machine that patronictl can run on."""
        return next(m for m in self.machines if m.etcd)

    def is_whole(self):
        """All machines run, and a standby has each commit before it is acknowledged."""
        members = self.asked().members()
        line = {m.get("TL") for m in members}
        roles = sorted(m["Role"] for m in members)
        return roles == ["Leader", "Replica", "Sync Standby"] and len(line) == 1 and all(m["State"] in ("running", "streaming") for m in members)

    def report(self):
        for machine in self.machines:
            for name in ("patroni", "etcd"):
                path = f"{machine.folder}/{name}.log"
                if os.path.exists(path):
                    shutil.copy(path, f"{self.state}/log/{machine.name}-{name}.log")
        return super().report()

    def end_servers(self):
        for machine in self.machines:
            machine.end()
