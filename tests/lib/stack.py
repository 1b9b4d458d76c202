"""A marketplace for a test: ./start with a new state folder and a free port, no demo data.

    from stack import Stack                       # tests/lib must be in sys.path
    with Stack() as stack:                        # waits until it answers
        urllib.request.urlopen(stack.url + "/api/health")
        stack.psql("select count(*) from market.account")      # as the owner; text, as psql -At prints it
        stack.rows("select email, role from market.account")   # a list of lists of text (NULL is "")
        stack.program_pids()                                   # one for each process of the program

A stack runs the build that SHOETOPIA_BUILD names (./check sets it), or build/ of this tree, which ./start then builds.
stop() ends only what this stack started, fails if a sanitizer reported something in the program's log, and removes the
state. If a stack does not start, or the `with` block fails, the ends of its logs are printed.
"""

import atexit
import csv
import glob
import io
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

TOP = pathlib.Path(__file__).resolve().parents[2]
SANITIZER_WORDS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "UndefinedBehaviorSanitizer", "runtime error:")


class StackError(Exception):
    """The stack did not start, died, or a statement given to psql() failed."""


ports_given = set()


def free_port():
    """A free port of 127.0.0.1 that this process was not given before: a stack does not listen at once."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in ports_given:
            ports_given.add(port)
            return port


def tail(path, lines=25):
    try:
        with open(path, errors="replace") as file:
            return "".join(file.readlines()[-lines:])
    except OSError as error:
        return "(%s)\n" % error


def newest_psql():
    """PostgreSQL's own psql, not Debian's wrapper: it must reach this server whatever else is installed."""
    found = glob.glob("/usr/lib/postgresql/*/bin/psql")
    if not found:
        return "psql"
    return max(found, key=lambda path: int(path.split("/")[4]))


class Stack:
    """One running marketplace.

    `server` is nginx or apache; `env` adds variables for ./start and for the program; `state` is a folder to use instead of a
    new one; `mails` lets it write mails, into mail/ of the state; `command` runs another ./start, or the same one in another way.
    """

    def __init__(self, build=None, server="nginx", env=None, processes=2, ready_seconds=300, command=None, state=None, mails=False):
        if state is None:
            state = tempfile.mkdtemp(prefix="shoetopia-")
            os.chmod(state, 0o711)  # the users of the servers must be able to pass through
        self.state = str(state)
        self.port = free_port()
        self.url = None
        self.output = []  # what ./start printed so far, by line
        self.process = None
        self.database = None  # PGHOST and so on, once it is ready
        self.sandbox = None  # the address of the payment sandbox, if SHOETOPIA_PAYMENTS is sandbox
        self._build = build or os.environ.get("SHOETOPIA_BUILD")
        self._ready_seconds = ready_seconds
        self._command = command or [os.path.join(TOP, "start")]
        self._start_env = dict(
            os.environ,
            SHOETOPIA_STATE=self.state,
            SHOETOPIA_PORT=str(self.port),
            SHOETOPIA_DEMO="0",
            SHOETOPIA_SERVER=server,
            SHOETOPIA_PAYMENTS="off",
            SHOETOPIA_PROCESSES=str(processes),
            SHOETOPIA_MAIL_FOLDER="",  # no mails
            SHOETOPIA_ONE_LINE="0",  # all processes sell: with one alone no race between processes would be seen
        )
        if self._build:
            self._start_env["SHOETOPIA_BUILD"] = os.path.abspath(self._build)
        self._start_env.update(env or {})
        if mails:
            self._start_env["SHOETOPIA_MAIL_FOLDER"] = os.path.join(self.state, "mail")
            self._start_env["SHOETOPIA_PUBLIC_URL"] = "http://127.0.0.1:%d" % self.port
        if self._start_env.get("SHOETOPIA_PAYMENTS") == "sandbox":
            self._start_env.setdefault("SHOETOPIA_SANDBOX_PORT", str(free_port()))

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        if kind is not None and not issubclass(kind, KeyboardInterrupt):
            print(self.report(), file=sys.stderr, flush=True)
        self.stop()

    def start(self):
        """Runs ./start (again, after stop(keep_state=True)) and returns self once it answers."""
        ready = threading.Event()  # a new one for each run: the listener of an earlier one may still be about to end
        self.output = []
        self.url = None
        self.process = subprocess.Popen(
            self._command,
            cwd=TOP,
            env=self._start_env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # a Ctrl-C at the test must reach the test alone, which then stops the stack
        )
        atexit.register(self._end)
        threading.Thread(target=self._listen, args=(self.process.stdout, self.output, ready), daemon=True).start()
        if not ready.wait(self._ready_seconds) or self.url is None:
            report = self.report()
            self.stop()
            raise StackError("the stack did not get ready\n" + report)
        self.database = self._read_env()
        return self

    def _listen(self, stream, output, ready):
        for line in stream:
            output.append(line.rstrip("\n"))
            if line.startswith("ready: "):
                self.url = line.split()[1].rstrip("/")
                ready.set()
        ready.set()  # it ended, so nothing more will come

    def _read_env(self):
        """What $STATE/env exports, as a shell sees it."""
        shown = subprocess.run(
            ["sh", "-c", '. "$1" && env -0', "sh", os.path.join(self.state, "env")],
            env={"PATH": os.environ["PATH"]},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        pairs = (item.split("=", 1) for item in shown.split("\0") if "=" in item)
        env = dict(pairs)
        self.sandbox = env.get("SHOETOPIA_SANDBOX")
        return {name: value for name, value in env.items() if name.startswith("PG")}

    def _psql(self, sql, user, database, arguments):
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        env.update(self.database)
        if user:
            env["PGUSER"] = user
        if database:
            env["PGDATABASE"] = database
        done = subprocess.run(
            [newest_psql(), "-XqAt", "-v", "ON_ERROR_STOP=1", *arguments, "-f", "-"],
            input=sql,
            env=env,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise StackError("psql: %s\nof: %s" % (done.stderr.strip(), sql.strip()[:2000]))
        return done.stdout

    def psql(self, sql, user=None, database=None):
        """Runs SQL as the database's owner (or as `user`, such as postgres or shoetopia_app); its output, trimmed."""
        return self._psql(sql, user, database, []).strip()

    def rows(self, sql, user=None, database=None):
        """The rows of one query as lists of text."""
        return list(csv.reader(io.StringIO(self._psql(sql, user, database, ["--csv", "-t"]))))

    def _pids(self, pattern):
        pids = []
        for path in sorted(glob.glob(os.path.join(self.state, "run", pattern))):
            with open(path) as file:
                first = file.readline().strip()
            if first.isdigit() and os.path.isdir("/proc/" + first):
                pids.append(int(first))
        return pids

    def program_pids(self):
        """The processes of the program that are alive now."""
        return self._pids("app-*.pid")

    def web_pid(self):
        """The web server's first process."""
        return self._pids("web.pid")[0]

    def postgres_pid(self):
        """PostgreSQL's postmaster."""
        return self._pids("postgres.pid")[0]

    def sandbox_pid(self):
        """The payment sandbox."""
        return self._pids("sandbox.pid")[0]

    def sockets(self):
        """The programs' FastCGI sockets."""
        return sorted(glob.glob(os.path.join(self.state, "run", "app", "*.sock")))

    def program(self):
        """The installed program, for plain CGI and the commands (give it `env=stack.program_env()`)."""
        return os.path.join(self.state, "app", "bin", "shoetopia")

    def program_env(self, user="shoetopia_app"):
        """An environment in which the program reaches this stack's database."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        env.update(self.database, PGUSER=user, SHOETOPIA_RUN=os.path.join(self.state, "run", "app"))
        env.update({name: self._start_env[name] for name in ("SHOETOPIA_MAIL_FOLDER", "SHOETOPIA_PUBLIC_URL") if name in self._start_env})
        return env

    def report(self):
        """What ./start printed, and the ends of all logs."""
        parts = ["--- ./start said:\n" + "".join(line + "\n" for line in self.output[-40:])]
        for path in sorted(glob.glob(os.path.join(self.state, "log", "*.log"))):
            parts.append("--- %s\n%s" % (path, tail(path)))
        return "".join(parts)

    def _end(self):
        """SIGTERM, as a person's Ctrl-C; what ./start started ends with it, even when it has to be killed."""
        atexit.unregister(self._end)
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _sanitizer_says(self):
        for path in sorted(glob.glob(os.path.join(self.state, "log", "app-*.log")) + glob.glob(os.path.join(self.state, "log", "sandbox.log"))):
            with open(path, errors="replace") as file:
                text = file.read()
            for word in SANITIZER_WORDS:
                if word in text:
                    at = max(text.index(word) - 200, 0)
                    return "%s:\n%s" % (path, text[at : at + 4000])
        return None

    def stop(self, keep_state=False):
        """Ends the stack. With keep_state its folder stays, for a second start() or to look into."""
        self._end()
        said = self._sanitizer_says()
        if said:
            raise StackError("a sanitizer found something; the state is kept in %s\n%s" % (self.state, said))
        if not keep_state:
            shutil.rmtree(self.state, ignore_errors=True)


class Installed(Stack):
    """The marketplace that deploy/install made on this machine, with its web server on port 80; this neither starts nor stops it."""

    def __init__(self):
        self.port = 80
        self.url = "http://127.0.0.1"
        self.database = {"PGHOST": "/run/postgresql", "PGPORT": "5432", "PGDATABASE": "shoetopia", "PGUSER": "shoetopia_owner"}

    def start(self):
        return self

    def stop(self, keep_state=False):
        pass

    def report(self):
        return "".join("--- %s\n%s" % (path, tail(path)) for path in sorted(glob.glob("/var/log/[an]*/*error.log")))

    def program(self):
        return "/usr/local/bin/shoetopia"

    def program_env(self, user="shoetopia_app"):
        env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        env.update(self.database, PGUSER=user)
        return env
