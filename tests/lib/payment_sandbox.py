"""The payment sandbox for a test: a process of its own on a free port, and a place that receives its events.

    from payment_sandbox import Sandbox, Receiver      # tests/lib must be in sys.path
    with Receiver() as receiver, Sandbox(webhook_url=receiver.url) as sandbox:
        status, session = sandbox.post("/v1/checkout/sessions", {...}, key="k1")
        sandbox.pay(session["url"], "4242424242424242")
        sandbox.kill()                                  # kill -9
        sandbox.start()                                 # on the same state and port

It runs payment-sandbox of the build that SHOETOPIA_BUILD names, or of build/. stop() fails if a sanitizer reported something.
"""
import http.client
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse

from modules import install_modules
from stack import SANITIZER_WORDS, TOP, free_port

KEY = "sk_test_of_the_tests"
SECRET = "whsec_of_the_tests"
PATIENCE_SECONDS = 60
CARD_PAYS, CARD_DECLINED, CARD_ASKS = "4242424242424242", "4000000000000002", "4000000000003220"


def program():
    return os.path.join(os.environ.get("SHOETOPIA_BUILD") or os.path.join(TOP, "build"), "payment-sandbox")


def modules():
    """The folder with the provider's own package for Node."""
    return install_modules(os.path.join(TOP, "tests", "sandbox"), os.path.join(os.path.dirname(program()), "sandbox-modules"))


def header_by_package(body, secret, seconds=None):
    """The Stripe-Signature that the provider's own package makes for a body, at a time (default: now)."""
    command = ["node", os.path.join(TOP, "tests", "sandbox", "header.mjs"), secret, *([str(seconds)] if seconds else [])]
    return subprocess.run(command, input=body, env={**os.environ, "SHOETOPIA_MODULES": modules()}, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def until(condition, what):
    """Polls until condition() is true, and returns what it is then."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {PATIENCE_SECONDS} s: {what}")


class Receiver:
    """Receives events at `url`; `answers` are the statuses of the next requests, 200 after them. `got` has (body, Stripe-Signature)."""

    def __init__(self):
        receiver = self
        self.got, self.answers = [], []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((body.decode(), self.headers["Stripe-Signature"]))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/events"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self._server.shutdown()
        self._server.server_close()

    def events(self):
        return [json.loads(body) for body, _ in self.got]

    def kinds(self):
        return [event["type"] for event in self.events()]


class Sandbox:
    """One running sandbox with a state of its own."""

    def __init__(self, webhook_url=None, secrets=(SECRET,), arguments=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="payment-sandbox-"))
        (self.folder / "key").write_text(KEY + "\n")
        (self.folder / "secret").write_text("".join(secret + "\n" for secret in secrets))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.command = [program(), "--listen", f"127.0.0.1:{self.port}", "--state", str(self.folder / "state"), "--key-file", str(self.folder / "key"), *arguments]
        if webhook_url:
            self.command += ["--webhook-url", webhook_url, "--webhook-secret-file", str(self.folder / "secret")]
        self.process = None

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, value, trace):
        self.stop()

    def start(self):
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        assert line == f"ready: {self.url}\n", (line, (self.folder / "log").read_text())
        return self

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            assert self.process.wait(PATIENCE_SECONDS) == 0, "it did not end well"
        said = (self.folder / "log").read_text()
        assert not any(word in said for word in SANITIZER_WORDS), said
        shutil.rmtree(self.folder)

    def ask(self, method, path, body=None, headers=None):
        """(status, headers, body as text); raises http.client.RemoteDisconnected if the connection is closed without an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def call(self, method, path, body=None, key=None):
        """A call of the API: (status, headers, JSON)."""
        headers = {"Authorization": "Bearer " + KEY, "Content-Type": "application/x-www-form-urlencoded"}
        if key:
            headers["Idempotency-Key"] = key
        status, answered, text = self.ask(method, path, body if body is None or isinstance(body, str) else urllib.parse.urlencode(body), headers)
        return status, answered, json.loads(text)

    def post(self, path, body=None, key=None):
        status, _, answer = self.call("POST", path, body or {}, key)
        return status, answer

    def get(self, path):
        status, _, answer = self.call("GET", path)
        assert status == 200, (path, status, answer)
        return answer

    def control(self, method, path, **members):
        status, _, text = self.ask(method, "/sandbox/" + path, json.dumps(members), {"Content-Type": "application/json"})
        return status, json.loads(text)

    def faults(self, **members):
        status, answer = self.control("PUT", "faults", **members)
        assert status == 200, answer

    def charges(self):
        return json.loads(self.ask("GET", "/sandbox/charges")[2])["charges"]

    def pay(self, url, card):
        """Sends the form of a session's page: (status, headers, page)."""
        return self.submit(url, card=card)

    def submit(self, url, **fields):
        path = urllib.parse.urlsplit(url).path
        return self.ask("POST", path, urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})


def session_body(order=1, cents=12900, **more):
    """The parameters of a new session, as the marketplace sends them."""
    return {
        "mode": "payment",
        "client_reference_id": order,
        "success_url": "http://127.0.0.1:9/orders/%s?session={CHECKOUT_SESSION_ID}" % order,
        "cancel_url": "http://127.0.0.1:9/orders/%s" % order,
        "expires_at": int(time.time()) + 2000,
        "payment_method_types[]": "card",
        "adaptive_pricing[enabled]": "false",
        "metadata[order_id]": order,
        "payment_intent_data[metadata][order_id]": order,
        "line_items[0][quantity]": 1,
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": cents,
        "line_items[0][price_data][product_data][name]": "Air <Court> & more",
        **more,
    }
