"""The payment sandbox beside a stack: Provider runs build/payment-sandbox, and pays on its pages as a buyer's browser does."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import urllib.parse

from clients import until
from stack import TOP, Stack, free_port

CARD, DECLINED = "4242424242424242", "4000000000000002"
KEY, SECRET = "sk_test_of_the_tests", "whsec_of_the_tests"


class Provider:
    """start() runs it with what it knew before; kill() ends it as a crash does."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="shoetopia-sandbox-"))
        self.folder.chmod(0o755)  # the program, which runs as another user, reads the two files
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = self.webhook = None
        for name, text in (("key", KEY), ("secret", SECRET)):
            (self.folder / name).write_text(text + "\n", encoding="ascii")
            (self.folder / name).chmod(0o644)

    def env(self, **more):
        """The settings of a program that is paid by it."""
        return {"SHOETOPIA_PAYMENTS": "stripe", "SHOETOPIA_STRIPE_API": self.url, "SHOETOPIA_PAY_ORIGIN": self.url, "SHOETOPIA_STRIPE_KEY_FILE": str(self.folder / "key"),
                "SHOETOPIA_STRIPE_WEBHOOK_SECRET_FILE": str(self.folder / "secret"), **{f"SHOETOPIA_{name}": str(value) for name, value in more.items()}}

    def start(self, webhook=None):
        self.webhook = webhook or self.webhook
        build = os.environ.get("SHOETOPIA_BUILD") or TOP / "build"
        command = [str(pathlib.Path(build) / "payment-sandbox"), "--listen", f"127.0.0.1:{self.port}", "--state", str(self.folder / "state"), "--key-file",
                   str(self.folder / "key")]
        if self.webhook:
            command += ["--webhook-url", self.webhook, "--webhook-secret-file", str(self.folder / "secret")]
        with open(self.folder / "log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until(self.answers)
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise RuntimeError("the sandbox ended: " + (self.folder / "log").read_text(encoding="utf-8")[-2000:])
        try:
            return self.ask("GET", "/sandbox/health")[0] == 200
        except OSError:
            return False

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()

    def ask(self, method, target, body=None, kind="application/json"):
        """(status, body, headers) of one request to it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, target, body, {"Content-Type": kind, "Authorization": "Bearer " + KEY} if body is not None else {"Authorization": "Bearer " + KEY})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())
        finally:
            connection.close()

    def read(self, target):
        status, text, _ = self.ask("GET", target)
        if status != 200:
            raise RuntimeError(f"GET {target}: {status} {text}")
        return json.loads(text)

    def faults(self, **faults):
        status, text, _ = self.ask("PUT", "/sandbox/faults", json.dumps(faults))
        if status != 200:
            raise RuntimeError(f"faults {faults}: {status} {text}")

    def charges(self):
        return self.read("/sandbox/charges")["charges"]

    def pay(self, url, card=CARD):
        """Sends the form of a payment page; True: it was paid, so the browser is sent back."""
        status, _, _ = self.ask("POST", urllib.parse.urlsplit(url).path, urllib.parse.urlencode({"card": card}), "application/x-www-form-urlencoded")
        return status == 303


class PaidStack(Stack):
    """A stack with payments on, and its provider, which knows where its events go."""

    def __init__(self, provider=None, env=None, **settings):
        self.provider = provider or Provider()
        super().__init__(env={**self.provider.env(**settings), **(env or {})})
        self._start_env["SHOETOPIA_PUBLIC_URL"] = f"http://127.0.0.1:{self.port}"

    def start(self):
        if self.provider.process is None:
            self.provider.start(f"http://127.0.0.1:{self.port}/api/payments/events")
        return super().start()

    def stop(self, keep_state=False):
        super().stop(keep_state)
        self.provider.stop()
