"""A client that speaks FastCGI to the program itself, as a web server does, and a process of the program to speak to. So what nginx hides is seen:
kept connections, requests that come in pieces, clients that go away.

    with Program(stack, THREADS=1) as program:            # beside those of ./start, on the same database
        connection = program.connect()
        answer = connection.ask("GET", "/api/health")     # or send() any part of request(...), then answer()
        assert answer.status == 200 and connection.is_quiet()
"""
import array
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import time

from patience import until

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR, DATA, GET_VALUES, VALUES, UNKNOWN = range(1, 12)
HEADER = struct.Struct(">BBHHBx")
RESPONDER = 1
PIECE = 32000  # of a body in one record
NUMBER = 1  # of a request on its connection: nginx has no other
ANSWER_SECONDS = 20
UNREAD_MAX = 1 << 20
STOP_SECONDS = 8  # a stop waits up to 30 s for what is under way; here it ends soon


def record(kind, content=b"", number=NUMBER, version=1, padding=0):
    return HEADER.pack(version, kind, number, len(content), padding) + content + bytes(padding)


def begin(keep, role=RESPONDER):
    return record(BEGIN, struct.pack(">HB5x", role, keep))


def pairs(params):
    """Names and values with their lengths before them: one byte, or four with the highest bit set."""
    def length(text):
        return struct.pack(">B", len(text)) if len(text) < 128 else struct.pack(">I", len(text) | 1 << 31)

    items = [(name.encode(), str(value).encode()) for name, value in params.items()]
    return b"".join(length(name) + length(value) + name + value for name, value in items)


def request(method, target, body=b"", token=None, key=None, keep=True, padding=0, **more):
    """The bytes of one request. `padding`: so many bytes are sent behind the body that is announced. What is in `more` are parameters that go before those
    that are made here."""
    params = {"REQUEST_METHOD": method, "REQUEST_URI": target, "SCRIPT_NAME": "/api", "QUERY_STRING": target.partition("?")[2],
              "CONTENT_TYPE": "application/json" if body else "", "CONTENT_LENGTH": len(body) if body else "", "REMOTE_ADDR": "127.0.0.1"}
    body += b" " * padding
    if token:
        params["HTTP_AUTHORIZATION"] = "Bearer " + token
    if key:
        params["HTTP_IDEMPOTENCY_KEY"] = key
    pieces = [record(STDIN, body[at : at + PIECE]) for at in range(0, len(body), PIECE)]
    return b"".join((begin(keep), record(PARAMS, pairs(params | more)), record(PARAMS), *pieces, record(STDIN)))


class Answer:
    def __init__(self, text):
        head, _, self.body = text.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        self.headers = {name.lower(): value for name, value in lines}
        self.status = int(self.headers.get("status", "200").split()[0])
        self.id = self.headers["x-request-id"]

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:300]}"


class Connection:
    """One of a web server's. It ends with the program's end, or with close()."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(ANSWER_SECONDS)
        try:
            self.socket.connect(path)
        except OSError:
            self.socket.close()
            raise

    def send(self, data):
        self.socket.sendall(data)

    def ask(self, *words, **more):
        self.send(request(*words, **more))
        return self.answer()

    def _exactly(self, size):
        got = b""
        while len(got) < size:
            piece = self.socket.recv(size - len(got))
            assert piece, f"the connection ended in the middle of a record: {got}"
            got += piece
        return got

    def record(self):
        """(kind, number, content) of the next record."""
        version, kind, number, length, padding = HEADER.unpack(self._exactly(HEADER.size))
        assert version == 1, version
        return kind, number, self._exactly(length + padding)[:length]

    def answer(self):
        """The answer to the request that was sent: to its last record, and nothing behind it."""
        text = b""
        while True:
            kind, number, content = self.record()
            assert number == NUMBER and kind in (STDOUT, END), (kind, number, content)
            if kind == END:
                assert content[:5] == bytes(5), content  # the program's status, and FCGI_REQUEST_COMPLETE
                return Answer(text)
            text += content

    def is_quiet(self):
        """Open, and nothing to be read just now."""
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        if not poll.poll(0):
            return True
        got = self.socket.recv(1, socket.MSG_PEEK)
        assert got == b"", got
        return False

    def unread(self):
        """How many bytes have come and are not read."""
        count = array.array("i", [0])
        fcntl.ioctl(self.socket, termios.FIONREAD, count)
        return count[0]

    def is_answered(self):
        """0 until the last bytes that have come and are not read are those of an answer's end; then, how many they are."""
        got = self.socket.recv(UNREAD_MAX, socket.MSG_PEEK)
        return len(got) if got.endswith(record(END, bytes(8))) else 0

    def gets_more_than(self, count, seconds):
        """Whether within so many seconds more than these bytes have come."""
        give_up = time.monotonic() + seconds
        while self.unread() <= count and time.monotonic() < give_up:
            time.sleep(0.001)
        return self.unread() > count

    def ends(self):
        """Waits for what comes next; whether it is the end."""
        return self.socket.recv(1, socket.MSG_PEEK) == b""

    def must_end(self):
        assert self.ends(), self.socket.recv(65536)
        self.close()

    def close(self):
        self.socket.close()


def answers(connections, to_the_end=False):
    """The answers to a request on each connection, read as they come. Like a web server it closes a connection as soon as the program does; with
    `to_the_end` it waits for that on all of them."""
    got = {}
    poll = select.poll()
    open_ones = {connection.socket.fileno(): connection for connection in connections}
    for number in open_ones:
        poll.register(number, select.POLLIN)
    while len(got) < len(connections) or (to_the_end and open_ones):
        ready = poll.poll(ANSWER_SECONDS * 1000)
        assert ready, f"no answer, or no end: {len(got)} of {len(connections)} were answered, {len(open_ones)} are open"
        for number, _ in ready:
            connection = open_ones[number]
            if connection not in got:
                got[connection] = connection.answer()
            else:  # nothing else may come
                poll.unregister(number)
                del open_ones[number]
                connection.must_end()
    return [got[connection] for connection in connections]


class Program:
    """One process of the program. Settings by their names without SHOETOPIA_. `line`: a listening socket to inherit instead of one of its own: as standard input,
    or as systemd passes it.
    At the end of a `with` block it is stopped if it still runs, and must end within STOP_SECONDS."""

    def __init__(self, stack, line=None, by_systemd=False, **settings):
        self.folder = tempfile.mkdtemp(prefix="shoetopia-")
        self.path = os.path.join(self.folder, "program.sock")
        self.opened = []
        env = stack.program_env() | {"SHOETOPIA_RUN": self.folder} | {"SHOETOPIA_" + name: str(value) for name, value in settings.items()}
        with open(os.path.join(self.folder, "log"), "w") as log:
            command = [stack.program(), *([] if line else ["--listen", self.path])]
            if by_systemd:
                command = ["sh", "-c", 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" 3<&0 </dev/null', *command]
            self.process = subprocess.Popen(command, env=env, stdin=line or subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self.process.pid
        until("the program serves", lambda: "serving FastCGI" in self.said() or self.process.poll() is not None)

    def said(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as file:
            return file.read()

    def connect(self):
        self.opened.append(Connection(self.path))
        return self.opened[-1]

    def ask(self, *words, **more):
        """One request on a connection of its own that is not kept."""
        connection = self.connect()
        answer = connection.ask(*words, keep=False, **more)
        connection.must_end()
        return answer

    def figure(self, name):
        """One of its own figures, as /api/metrics has them."""
        for line in self.ask("GET", "/api/metrics").body.decode().splitlines():
            if line.startswith("shoetopia_" + name + " "):
                return int(line.split()[-1])
        raise AssertionError("no figure " + name)

    def files(self):
        """How many files it has open, connections among them."""
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def stat(self):
        """What Linux knows of it: its state, and so on."""
        with open(f"/proc/{self.pid}/stat") as file:
            return file.read().rpartition(")")[2].split()

    def ticks(self):
        """The processor time it used so far, in hundredths of a second."""
        return int(self.stat()[11]) + int(self.stat()[12])

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self):
        """Sends SIGTERM and waits until the program has closed its listening socket."""
        self.signal(signal.SIGTERM)
        until("the socket is closed", self._is_closed, 0.001)

    def _is_closed(self):
        try:
            Connection(self.path).close()
        except ConnectionRefusedError:
            return True
        return False

    def must_end(self):
        try:
            status = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            status = "still running"
        assert status == 0 and "stopped; all requests are answered" in self.said(), (status, self.said())

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for connection in self.opened:
            connection.close()
        try:
            if kind is None:
                self.signal(signal.SIGTERM)
                self.must_end()
            else:
                print(f"--- the program (pid {self.pid}, status {self.process.poll()}) said:\n{self.said()}", flush=True)
        finally:
            if self.process.poll() is None:
                self.signal(signal.SIGKILL)
                self.process.wait()
            shutil.rmtree(self.folder)
