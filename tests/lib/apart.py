"""The program and nginx in front of database servers that a test runs by itself: ./start would start those again that a test kills.

    class Pair(Apart):
        def start(self):
            ...                                  # the database servers
            self.database = {"PGHOST": ...}      # as in Stack
            self.serve({"PGHOST": ..., "PGUSER": "shoetopia_app", ...})
"""
import contextlib
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request

from stack import TOP, Stack


def run_as(user, command, log, env):
    """Starts a command as a user, if we are root, its output appended to a log."""
    rights = []
    if os.geteuid() == 0:
        rights = ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--init-groups", "--"]
    with open(log, "ab") as out:
        return subprocess.Popen([*rights, *command], cwd="/", stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **env}, start_new_session=True)


def kill(pids):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def postgres_pids(data):
    """The processes of the server on a data folder, the postmaster first; [] if it does not run. One that was killed leaves its file, and its pid to others."""
    try:
        first = int(pathlib.Path(data, "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        if not os.path.samefile(f"/proc/{first}/cwd", data):
            return []
        return [first, *map(int, pathlib.Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii").split())]
    except (OSError, ValueError):
        return []


class Apart(Stack):
    """A stack whose start() is written by the test, and calls serve()."""

    def __init__(self, programs=2):
        folder = tempfile.mkdtemp(prefix="shoetopia-")
        os.chmod(folder, 0o711)
        super().__init__(state=folder)
        self.programs, self.others = programs, []
        self.settings = None
        for sub in ("app/bin", "log", "web", "run/app"):
            os.makedirs(f"{folder}/{sub}")
        build = pathlib.Path(os.environ.get("SHOETOPIA_BUILD") or TOP / "build")
        shutil.copy(build / "cgi-bin/shoetopia", self.program())

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            print(self.report(), file=sys.stderr, flush=True)
            self.stop()
            raise

    def migrate(self):
        subprocess.run([self.program(), "--migrate"], env=self.program_env("shoetopia_owner"), check=True, stdout=subprocess.DEVNULL)

    def serve(self, settings):
        """Starts the program with these variables, and nginx."""
        self.settings = {**{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}, **settings,
                         "SHOETOPIA_RUN": f"{self.state}/run/app"}
        if os.geteuid() == 0:
            shutil.chown(f"{self.state}/run/app", "www-data", "www-data")
        for i in range(1, self.programs + 1):
            self.others.append(run_as("www-data", [self.program(), "--listen", f"{self.state}/run/app/{i}.sock"], f"{self.state}/log/app-{i}.log", self.settings))
        self._start_nginx()

    def _start_nginx(self):
        members = "".join(f"server unix:{self.state}/run/app/{i}.sock max_fails=0; " for i in range(1, self.programs + 1))
        web = f"{self.state}/web"
        shutil.copytree(TOP / "www", f"{self.state}/www")
        words = {"STATE": self.state, "USER": "user www-data;" if os.geteuid() == 0 else "", "WORKERS": 1, "FILES": 4096, "CONNECTIONS": 2048,
                 "LISTEN": f"127.0.0.1:{self.port}", "WWW": f"{self.state}/www", "UPSTREAMS": members, "BATCHED": members, "KEEPALIVE": 48, "HASHES": 100,
                 "CACHE": f"{web}/cache", "LOG": f"{self.state}/log/nginx", "CONF": web}
        for name in ("nginx.conf", "shoetopia.conf"):
            text = (TOP / f"deploy/nginx/{name}.in").read_text(encoding="utf-8")
            pathlib.Path(web, name).write_text(re.sub("@([A-Z]+)@", lambda found: str(words[found[1]]), text), encoding="utf-8")
        for name in ("shoetopia-program.conf", "shoetopia-problem.conf"):
            shutil.copy(TOP / "deploy/nginx" / name, web)
        self.others.append(run_as("root", ["nginx", "-e", f"{self.state}/log/nginx-error.log", "-c", f"{web}/nginx.conf", "-g", "daemon off;"],
                                  f"{self.state}/log/web.log", {}))
        self.url = f"http://127.0.0.1:{self.port}"

    def is_well(self, question=""):
        """Whether /health says so; `question` is its query."""
        try:
            with urllib.request.urlopen(self.url + "/api/health" + question, timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def end_servers(self):
        """Ends the database servers: for the test to write."""

    def stop(self, keep_state=False):
        for process in self.others:
            process.terminate()
        self.end_servers()
        for process in self.others:
            process.wait(60)
        self.others = []
        super().stop(keep_state)
