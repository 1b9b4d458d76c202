"""Backup and restore, as docs/operations.md says: a backup that is made while the shop sells, WAL archived by the server, a restore to a point in time.

Each test is a function whose docstring states what must hold.
"""
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

from clients import Crowd
from fixtures import checkout, list_pair, people, shops
from patience import until
from stack import Stack, newest_psql

BUYERS = 32
REQUESTS = 30000
BEFORE, AFTER = 600, 600  # answers before the backup and after the point, at least
SETTINGS = """archive_mode = on
archive_command = 'test ! -f {archive}/%f && cp %p {archive}/%f.new && mv {archive}/%f.new {archive}/%f'
"""
RESTORED = """archive_mode = off
unix_socket_directories = '{folder}'
restore_command = 'cp {archive}/%f %p'
recovery_target_time = '{point}'
recovery_target_action = promote
"""


def as_postgres(*command, **more):
    """Runs a command as the user of the server."""
    user = ["setpriv", "--reuid=postgres", f"--regid={pwd.getpwnam('postgres').pw_gid}", "--init-groups", "--"] if os.geteuid() == 0 else []
    return subprocess.run([*user, *command], check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, **more).stdout


def bin_of(name):
    return os.path.join(os.path.dirname(newest_psql()), name)


class Folder:
    """A folder of the server's user."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="shoetopia-drill-")
        if os.geteuid() == 0:
            shutil.chown(self.path, "postgres", "postgres")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path)


def restore(folder, archive, point):
    """A server of its own from the backup and the archive, as it was at the point; returns the command that ends it."""
    data = folder + "/data"
    as_postgres("touch", data + "/recovery.signal")
    with open(data + "/postgresql.auto.conf", "a", encoding="utf-8") as file:
        file.write(RESTORED.format(folder=folder, archive=archive, point=point))
    as_postgres(bin_of("pg_ctl"), "start", "-w", "-t", "60", "-s", "-D", data, "-l", folder + "/log")
    return [bin_of("pg_ctl"), "stop", "-s", "-m", "fast", "-D", data]


def a_backup_is_restored_to_a_point():
    """Nothing that was acknowledged before the point is missing, nothing is there twice, and every invariant holds."""
    with Folder() as folder, Folder() as archive, Stack() as stack:
        pathlib.Path(stack.state, "postgresql.local.conf").write_text(SETTINGS.format(archive=archive), encoding="utf-8")
        as_postgres(bin_of("pg_ctl"), "restart", "-w", "-s", "-D", stack.state + "/data", "-l", folder + "/restart")
        until("the archive is written", lambda: stack.psql("show archive_mode") == "on")
        owner, = shops(stack, 1, "drill")
        listing = list_pair(stack, owner, 9900, 100000)
        buyers = people(stack, BUYERS, "drill")
        crowd = Crowd(stack, [checkout(buyers[i % BUYERS], [(listing, 1)]) for i in range(REQUESTS)], flight=8, persist=30)
        try:
            crowd.wait_for(BEFORE)
            as_postgres(bin_of("pg_basebackup"), "-h", stack.database["PGHOST"], "-p", stack.database["PGPORT"], "-U", "postgres", "-D", folder + "/data",
                        "-X", "none", "--checkpoint=fast", "--no-sync")
            crowd.wait_for(len(crowd.got) + AFTER)
            acknowledged = list(crowd.got)
            point = stack.psql("select clock_timestamp()")
            crowd.wait_for(len(crowd.got) + AFTER)
            name = stack.psql("select pg_walfile_name(pg_switch_wal())", user="postgres")
            until("the archive has it", lambda: os.path.exists(f"{archive}/{name}"))
        finally:
            crowd.stop()
        wrong = [a for a in acknowledged if a.status != 201]
        assert not wrong, wrong[:3]
        env = stack.program_env("shoetopia_owner") | {"PGHOST": folder}
        stop = restore(folder, archive, point)

        def restored(query):
            return subprocess.run([newest_psql(), "-XqAt", "-c", query], env=env, check=True, capture_output=True, text=True).stdout.split()

        try:
            until("the point is reached", lambda: restored("select pg_is_in_recovery()") == ["f"])
            there = restored("select order_id from market.order_line")
            audit = subprocess.run([stack.program(), "--audit", "--full"], env=env, capture_output=True, text=True, check=False)
        finally:
            as_postgres(*stop)
        missing = {str(a.json["order_id"]) for a in acknowledged} - set(there)
        assert not missing, f"{len(missing)} of {len(acknowledged)} are missing, such as {sorted(missing)[:3]}"
        assert len(there) == len(set(there)), "an order is there twice"
        assert audit.returncode == 0, audit
        assert len(there) < int(stack.psql("select count(*) from market.orders")), "nothing was sold after the point"


TESTS = (a_backup_is_restored_to_a_point,)
