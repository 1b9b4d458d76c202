"""A stack with payments on, and its provider, the payment sandbox: Provider pays on its pages as a buyer's browser does, and sets its faults."""
import http.client
import json
import os
import pathlib
import signal
import subprocess
import urllib.parse

from stack import Stack

CARD, DECLINED = "4242424242424242", "4000000000000002"


class Provider:
    def __init__(self, stack):
        self.stack = stack
        self.netloc = urllib.parse.urlsplit(stack.sandbox).netloc
        self.key, self.secret = ((pathlib.Path(stack.state) / "sandbox" / name).read_text(encoding="ascii").strip() for name in ("key", "webhook-secret"))

    def answers(self):
        try:
            return self.ask("GET", "/sandbox/health")[0] == 200
        except OSError:
            return False

    def kill(self):
        """./start runs it again."""
        os.kill(self.stack.sandbox_pid(), signal.SIGKILL)

    def ask(self, method, target, body=None, kind="application/json"):
        """(status, body) of one request."""
        connection = http.client.HTTPConnection(self.netloc, timeout=20)
        headers = {"Authorization": "Bearer " + self.key, **({"Content-Type": kind} if body is not None else {})}
        try:
            connection.request(method, target, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def read(self, target):
        status, text = self.ask("GET", target)
        if status != 200:
            raise RuntimeError(f"GET {target}: {status} {text}")
        return json.loads(text)

    def faults(self, **faults):
        status, text = self.ask("PUT", "/sandbox/faults", json.dumps(faults))
        if status != 200:
            raise RuntimeError(f"faults {faults}: {status} {text}")

    def charges(self):
        return self.read("/sandbox/charges")["charges"]

    def list(self, kind):
        """All objects of a list such as checkout/sessions."""
        found, after = [], ""
        while True:
            page = self.read(f"/v1/{kind}?limit=100{after}")
            found += page["data"]
            if not page["has_more"]:
                return found
            after = f"&starting_after={found[-1]['id']}"

    def pay(self, url, card=CARD):
        """Sends the form of a payment page; True: it was paid, so the browser is sent back."""
        body = urllib.parse.urlencode({"card": card})
        return self.ask("POST", urllib.parse.urlsplit(url).path, body, "application/x-www-form-urlencoded")[0] == 303


class PaidStack(Stack):
    """Its `provider` is known once it has started."""

    provider = None

    def __init__(self, **settings):
        super().__init__(env={"SHOETOPIA_PAYMENTS": "sandbox", **{f"SHOETOPIA_{name}": str(value) for name, value in settings.items()}})

    def program_env(self, user="shoetopia_app"):
        """Also for a command of the program that asks the provider."""
        folder = pathlib.Path(self.state) / "sandbox"
        return {**super().program_env(user), "SHOETOPIA_PAYMENTS": "stripe", "SHOETOPIA_STRIPE_API": self.sandbox, "SHOETOPIA_PAY_ORIGIN": self.sandbox,
                "SHOETOPIA_PUBLIC_URL": self.url, "SHOETOPIA_STRIPE_KEY_FILE": str(folder / "key"),
                "SHOETOPIA_STRIPE_WEBHOOK_SECRET_FILE": str(folder / "webhook-secret")}

    def reconcile(self):
        """(exit status, output) of shoetopia --reconcile."""
        done = subprocess.run([self.program(), "--reconcile"], env=self.program_env(), capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def start(self):
        super().start()
        self.provider = Provider(self)
        return self
