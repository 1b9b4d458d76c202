"""The payment sandbox as a server of ./start, and a program that is paid by it."""
import http.client
import json
import os
import signal
import time
import urllib.parse

from asking import ask, is_alive, is_free, is_well
from fixtures import checkout, list_pair, shops
from patience import PATIENCE_SECONDS, must_take_less, until
from payment_sandbox import CARD_PAYS, header_by_package, session_body
from stack import Stack


ASK_SECONDS = 15


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


def send(url, method, body=None, headers=None):
    """(status, headers, body) of one request to another address than that of the stack."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, parts.path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def an_order_is_paid(stack):
    """A buyer who pays on the page is sent back, and the order is paid; the events of the provider say so."""
    owner, buyer = shops(stack, 2, "sandbox")
    request = checkout(buyer, [(list_pair(stack, owner, 12900, 1), 1)])
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + buyer.token}
    status, _, text = ask(stack, "POST", request["path"], json.dumps(request["body"]), headers | {"Idempotency-Key": request["key"]})
    assert status == 201, text
    path = f"/api/orders/{json.loads(text)['order_id']}"
    status, _, text = ask(stack, "POST", path + "/payment", "{}", headers | {"Idempotency-Key": request["key"] + "-pay"})
    assert status == 201, text
    page = json.loads(text)["payment"]["url"]
    assert page.startswith(stack.sandbox + "/pay/") and b"$129.00" in send(page, "GET")[2]
    status, answered, _ = send(page, "POST", "card=" + CARD_PAYS, {"Content-Type": "application/x-www-form-urlencoded"})
    assert status == 303 and answered["Location"].startswith(stack.url), answered["Location"]
    until("the order is paid", lambda: json.loads(ask(stack, "GET", path, None, headers)[2])["payment"]["status"] == "paid")


def a_buyer_who_is_back_finds_out(stack):
    """No event arrives: who looks at the order has the provider asked, which else happens after 20 seconds at the earliest."""
    assert send(stack.sandbox + "/sandbox/faults", "PUT", '{"lose_events": 1}', {"Content-Type": "application/json"})[0] == 200
    began = time.monotonic()
    an_order_is_paid(stack)
    must_take_less(ASK_SECONDS, began)
    assert send(stack.sandbox + "/sandbox/faults", "PUT", '{"lose_events": 0}', {"Content-Type": "application/json"})[0] == 200


def the_webhook_takes_what_the_package_signs(stack):
    """An event that the provider's own package signs is taken, also again; forged, old and foreign ones are 400."""
    with open(stack.state + "/sandbox/webhook-secret") as file:
        secret = file.read().strip()
    body = json.dumps({"id": "evt_of_the_package", "object": "event", "type": "customer.created", "data": {"object": {"id": "cus_1", "name": "Ærø"}}},
                      ensure_ascii=False)
    now = int(time.time())
    header = header_by_package(body, secret, now)
    forged = header[:-1] + ("0" if header[-1] != "0" else "1")
    for sent, signature, wanted in ((body, header, 200), (body, header, 200), (body + " ", header, 400), (body, forged, 400), (body, "", 400),
                                    (body, header_by_package(body, secret, now - 400), 400), (body, header_by_package(body, "whsec_other", now), 400),
                                    (body, header_by_package(body, "whsec_other", now) + "," + header.split(",")[1], 200)):
        status, _, text = ask(stack, "POST", "/api/payments/events", sent.encode(), {"Content-Type": "application/json", "Stripe-Signature": signature})
        assert status == wanted, (signature, status, text)


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
        an_order_is_paid(stack)
        a_buyer_who_is_back_finds_out(stack)
        the_webhook_takes_what_the_package_signs(stack)
        pid = stack.sandbox_pid()
        stack.stop(keep_state=True)
        assert not is_alive(pid) and is_free(urllib.parse.urlsplit(stack.sandbox).port)
        stack.start()
        assert call(stack, "/v1/checkout/sessions/" + session["id"]) == session


TESTS = (a_sandbox_runs_beside,)
