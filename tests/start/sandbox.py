"""The payment sandbox as a server of ./start."""
import http.client
import json
import os
import signal
import urllib.parse

from asking import is_alive, is_free, is_well
from patience import PATIENCE_SECONDS, until
from payment_sandbox import session_body
from stack import Stack


def call(stack, path, body=None):
    """A call of the sandbox's API with the key that ./start made; None while it does not answer."""
    with open(stack.state + "/sandbox/key") as file:
        headers = {"Authorization": "Bearer " + file.read().strip()}
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(stack.sandbox).netloc, timeout=PATIENCE_SECONDS)
    try:
        connection.request("POST" if body else "GET", path, urllib.parse.urlencode(body or {}), headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        return json.loads(answer.read())
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def a_sandbox_runs_beside():
    """SHOETOPIA_PAYMENTS=sandbox: the provider runs at SHOETOPIA_SANDBOX with keys of its own, is restarted on the same state, and ends with the rest."""
    with Stack(env={"SHOETOPIA_PAYMENTS": "sandbox"}) as stack:
        session = call(stack, "/v1/checkout/sessions", session_body(7))
        assert session["url"].startswith(stack.sandbox + "/pay/")
        for name in ("key", "webhook-secret", "state"):
            assert oct(os.stat(f"{stack.state}/sandbox/{name}").st_mode)[-3:] == "600", name
        pid = stack.sandbox_pid()
        os.kill(pid, signal.SIGKILL)
        until("the sandbox is back", lambda: call(stack, "/v1/checkout/sessions/" + session["id"]) == session)
        assert is_well(stack)
        pid = stack.sandbox_pid()
        stack.stop(keep_state=True)
        assert not is_alive(pid) and is_free(urllib.parse.urlsplit(stack.sandbox).port)
        stack.start()
        assert call(stack, "/v1/checkout/sessions/" + session["id"]) == session


TESTS = (a_sandbox_runs_beside,)
