"""Two database servers on sockets of their own, the second a hot standby of the first, with two processes of the program and nginx in front of them.

    with Pair() as pair:                 # replication is synchronous; Pair(synchronous=False): not
        pair.primary.kill()
        pair.promote()
"""
import glob
import os
import pathlib
import pwd
import shutil
import subprocess

from apart import Apart, kill, postgres_pids
from clients import until
from stack import TOP, newest_psql

SETTINGS = """listen_addresses = ''
unix_socket_directories = '{socket}'
max_connections = 120
shared_buffers = 64MB
client_connection_check_interval = 500ms
fsync = {fsync}
wal_retrieve_retry_interval = 100ms
synchronous_standby_names = '{names}'
"""


def as_postgres(*command):
    """Runs a command as the user of the servers."""
    user = ["setpriv", "--reuid=postgres", f"--regid={pwd.getpwnam('postgres').pw_gid}", "--init-groups", "--"] if os.geteuid() == 0 else []
    subprocess.run([*user, *command], check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def bin_of(name):
    return os.path.join(os.path.dirname(newest_psql()), name)


class Server:
    """One PostgreSQL."""

    def __init__(self, folder):
        self.folder, self.data, self.socket = folder, f"{folder}/data", f"{folder}/socket"
        for path in (folder, self.socket):
            os.mkdir(path)
            if os.geteuid() == 0:
                shutil.chown(path, "postgres", "postgres")

    def configure(self, names="", fsync="off"):
        """Its settings: `names` are those of standbys that a commit waits for. Without fsync: processes are killed here, the machine is not."""
        pathlib.Path(self.data, "pair.conf").write_text(SETTINGS.format(socket=self.socket, names=names, fsync=fsync), encoding="utf-8")

    def ctl(self, *command):
        as_postgres(bin_of("pg_ctl"), *command, "-w", "-t", "60", "-s", "-D", self.data)

    def start(self):
        self.ctl("start", "-l", f"{self.folder}/postgres.log")

    def kill(self):
        """SIGKILL to all of its processes, the postmaster first."""
        pids = postgres_pids(self.data)
        kill(pids)
        until(lambda: not any(os.path.isdir(f"/proc/{pid}") and "Z" not in state_of(pid) for pid in pids))


def state_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()[0]
    except OSError:
        return "Z"


class Pair(Apart):
    def __init__(self, synchronous=True):
        super().__init__()
        self.synchronous = synchronous
        self.primary, self.standby = (Server(f"{self.state}/{name}") for name in ("primary", "standby"))

    def start(self):
        first, second = self.primary, self.standby
        as_postgres(bin_of("initdb"), "-D", first.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        with open(f"{first.data}/postgresql.conf", "a", encoding="utf-8") as file:
            file.write("include 'pair.conf'\n")
        first.configure()
        first.start()
        self.database = {"PGHOST": first.socket, "PGPORT": "5432", "PGUSER": "shoetopia_owner", "PGDATABASE": "shoetopia"}
        self.psql((TOP / "schema/roles.sql").read_text(encoding="utf-8"), user="postgres", database="postgres")
        self.migrate()
        as_postgres(bin_of("pg_basebackup"), "-h", first.socket, "-U", "postgres", "-D", second.data, "-R", "-c", "fast", "--no-sync")
        second.configure()
        second.start()
        first.configure("*" if self.synchronous else "")
        first.ctl("reload")
        until(lambda: self.psql("select count(*) from pg_stat_replication where state = 'streaming'", user="postgres") == "1")
        hosts = f"{first.socket},{second.socket}"
        self.database["PGHOST"] = hosts
        self.database["PGTARGETSESSIONATTRS"] = "read-write"
        settings = {name: self.database[name] for name in ("PGHOST", "PGPORT", "PGDATABASE")} | {"PGUSER": "shoetopia_app"}
        self.serve(settings | {"SHOETOPIA_READERS": f"host={hosts}"})
        until(self.is_well)
        return self

    def promote(self):
        self.standby.ctl("promote")

    def be_durable(self):
        """For the audit of the server that was promoted."""
        self.standby.configure(fsync="on")
        self.standby.ctl("reload")
        until(lambda: self.psql("show fsync") == "on")

    def end_servers(self):
        for server in (self.primary, self.standby):
            server.kill()

    def report(self):
        for server in (self.primary, self.standby):
            for path in glob.glob(f"{server.folder}/postgres.log"):
                shutil.copy(path, f"{self.state}/log/{os.path.basename(server.folder)}-postgres.log")
        return super().report()
