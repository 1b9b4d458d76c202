"""What is answered while PostgreSQL takes no writes, may lose them, or has rows that other transactions hold."""
import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time

from asking import ask
from fixtures import checkout, list_pair, people, shops
from clients import Holder, waiting
from patience import may_mount, must_take_less, until
from stack import Stack

JSON = {"Content-Type": "application/json"}
WRITERS = 24
PROMPT_SECONDS = 0.5  # of a read while writes wait for a row, of the 4 that those wait


def buy(stack, request):
    headers = JSON | {"Authorization": "Bearer " + request["token"], "Idempotency-Key": request["key"]}
    status, _, text = ask(stack, "POST", request["path"], json.dumps(request["body"]), headers)
    assert status == 201, (status, text)
    return json.loads(text)


def write(stack, buyer, listing_id):
    """Two writes, of which the first is batched; their status codes."""
    request = checkout(buyer, [(listing_id, 1)])
    headers = {"Authorization": "Bearer " + buyer.token, "Content-Type": "application/json"}
    bought = ask(stack, "POST", "/api/checkout", '{"items": [{"listing_id": %d, "quantity": 1}]}' % listing_id, headers | {"Idempotency-Key": request["key"]})
    put = ask(stack, "PUT", f"/api/cart/items/{listing_id}", '{"quantity": 1}', headers)
    for status, sent, _ in (bought, put):
        assert status != 503 or sent["Retry-After"], (status, sent)
    return bought[0], put[0]


def health(stack):
    return ask(stack, "GET", "/api/health")[0], ask(stack, "GET", "/api/health?for=reading")[0]


def must_be_busy(stack, buyer, listing_id):
    for _ in range(12):
        got = write(stack, buyer, listing_id)
        assert got == (503, 503), got
        assert ask(stack, "GET", f"/api/listings/{listing_id}?")[0] == 200
    got = health(stack)
    assert got == (503, 200), got


def must_write(stack, buyer, listing_id):
    until("writes succeed again", lambda: write(stack, buyer, listing_id) == (201, 200))
    got = health(stack)
    assert got == (200, 200), got


@contextlib.contextmanager
def shop(**settings):
    with Stack(**settings) as stack:
        owner, buyer = shops(stack, 2, "servers")
        listing_id = list_pair(stack, owner, 1000, 500)
        must_write(stack, buyer, listing_id)
        yield stack, buyer, owner, listing_id


def a_server_without_writes_is_busy():
    """While the server is read-only each write is 503, and /health; reads go on. Writes succeed soon after. The same if it may lose commits."""
    with shop() as (stack, buyer, _, listing_id):
        for how, back in (("alter system set default_transaction_read_only = on", "alter system reset default_transaction_read_only"),
                          ("alter role shoetopia_app set synchronous_commit = local", "alter role shoetopia_app set synchronous_commit = on")):
            stack.psql(how + ";\nselect pg_reload_conf()", user="postgres")
            if "role" in how:  # it holds for new sessions
                stack.psql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shoetopia_app'", user="postgres")
            until("it takes effect", lambda: write(stack, buyer, listing_id) == (503, 503))
            must_be_busy(stack, buyer, listing_id)
            stack.psql("set default_transaction_read_only = off;\n" + back + ";\nselect pg_reload_conf()", user="postgres")
            must_write(stack, buyer, listing_id)


def a_full_disk_refuses_writes_early():
    """Below the limit of free space each write is 503, and /health; reads go on. Writes succeed by themselves once there is space."""
    if not may_mount():
        return
    disk = tempfile.mkdtemp(prefix="shoetopia-disk-")
    os.chmod(disk, 0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m", "none", disk], check=True)
    try:
        with shop(env={"SHOETOPIA_DISK": disk, "SHOETOPIA_DISK_MIN_MB": "50"}) as (stack, buyer, _, listing_id):
            with open(disk + "/filler", "wb") as file:
                file.write(bytes(70 << 20))
            until("writes are refused", lambda: write(stack, buyer, listing_id) == (503, 503))
            must_be_busy(stack, buyer, listing_id)
            os.unlink(disk + "/filler")
            must_write(stack, buyer, listing_id)
    finally:
        subprocess.run(["umount", disk], check=True)
        os.rmdir(disk)


def reads_do_not_wait_for_writes():
    """Writers of one shop that wait for a row delay neither a page of another reader nor /health, nor another account's write."""
    with shop(processes=1) as (stack, buyer, owner, listing_id):
        other = shops(stack, 1, "servers.other")[0]
        listing_of_other = list_pair(stack, other, 1000, 500)
        body = '{"delta": 1}'
        headers = {"Authorization": "Bearer " + owner.token, "Content-Type": "application/json"}
        stalled = [threading.Thread(target=ask, args=(stack, "POST", f"/api/shops/{owner.shop_id}/listings/{listing_id}/stock", body, headers))
                   for _ in range(WRITERS)]
        with Holder(stack) as holder:
            holder.do(f"begin; select from market.stock where listing_id = {listing_id} for update")
            for thread in stalled:
                thread.start()
            until("writers wait for the row", lambda: waiting(stack) > 0)
            time.sleep(0.2)  # the others come to wait for a connection
            for i in range(10):
                for path in (f"/api/listings?limit={i + 1}", "/api/health", "/api/health?for=reading"):
                    began = time.monotonic()
                    status = ask(stack, "GET", path)[0]
                    assert status == 200, (path, status)
                    must_take_less(PROMPT_SECONDS, began, path)
            began = time.monotonic()
            got = write(stack, buyer, listing_of_other)
            assert got == (201, 200), got
            must_take_less(2 * PROMPT_SECONDS, began)
            holder.do("commit")
        for thread in stalled:
            thread.join()


def sign_up(stack, email, password):
    body = '{"name": "Session", "email": "%s", "password": "%s"}' % (email, password)
    status, _, text = ask(stack, "POST", "/api/accounts", body, JSON)
    assert status == 201, (status, text)


def timed(stack, method, path, body=None, headers=None):
    """The status code and the body of one request, which must not take long: a sign-in took 7.7 s."""
    began = time.monotonic()
    status, _, text = ask(stack, method, path, body, headers)
    must_take_less(6 * PROMPT_SECONDS, began, method, path, status)
    return status, text


def writers_at_one_row_hold_up_no_others():
    """Accounts that cancel orders of a pair whose stock is locked delay neither sign-ins and sign-outs nor other writes, the same one for another pair included."""
    with shop(processes=1) as (stack, buyer, owner, listing_id):
        email, password = f"servers.{owner.shop_id}@example.com", "a long password of servers"
        sign_up(stack, email, password)
        other = list_pair(stack, shops(stack, 1, "servers.other")[0], 1000, 500)
        cancels = []
        for person, pair in [*((p, listing_id) for p in people(stack, WRITERS, "canceller")), (buyer, other)]:
            order = buy(stack, checkout(person, [(pair, 1)]))
            cancels.append((stack, "POST", f"/api/orders/{order['order_id']}/cancellation", "{}", JSON | {"Authorization": "Bearer " + person.token}))
        got = []
        stalled = [threading.Thread(target=lambda cancel=cancel: got.append(ask(*cancel)[0])) for cancel in cancels[:-1]]
        with Holder(stack) as holder:
            holder.do(f"begin; select from market.stock where listing_id = {listing_id} for update")
            for thread in stalled:
                thread.start()
            until("writers wait for the row", lambda: waiting(stack) > 0)
            time.sleep(0.2)  # the others come to wait for a connection
            for _ in range(3):
                status, text = timed(stack, "POST", "/api/sessions", '{"email": "%s", "password": "%s"}' % (email, password), JSON)
                assert status == 201, (status, text)
                token = json.loads(text)["token"]
                assert timed(stack, "DELETE", "/api/sessions/current", None, {"Authorization": "Bearer " + token})[0] == 204
                assert timed(stack, "PUT", f"/api/cart/items/{other}", '{"quantity": 1}', JSON | {"Authorization": "Bearer " + buyer.token})[0] == 200
            assert timed(*cancels[-1])[0] == 201
            holder.do("commit")
        for thread in stalled:
            thread.join()
        assert got == [201] * WRITERS, got


def a_version_is_taken_back():
    """docs/operations.md: processes that run go on when a newer program has migrated. An older one that starts refuses and says why; where only functions differ,
    its --migrate puts its own back."""
    with shop() as (stack, buyer, _, listing_id):
        def run(task, user="shoetopia_app"):
            done = subprocess.run([stack.program(), task], env=stack.program_env(user), capture_output=True, text=True, check=False)
            return done.returncode, done.stderr

        # As a newer program leaves the database.
        stack.psql("insert into market.schema_version (version, name, digest, applied_at) select max(version) + 1, 'newer', '', now() from market.schema_version")
        assert write(stack, buyer, listing_id) == (201, 200)
        for task, user in (("--check", "shoetopia_app"), ("--migrate", "shoetopia_owner")):
            status, text = run(task, user)
            assert status == 1 and "this program is older than the schema" in text and "use a newer program" in text, (status, text)
        pid = stack.program_pids()[0]
        os.kill(pid, 9)
        log = pathlib.Path(stack.state, "log")
        until("the program that starts anew refuses", lambda: any("refusing to serve on this database" in path.read_text(errors="replace") for path in log.glob("app-*.log")))
        assert write(stack, buyer, listing_id) == (201, 200)  # the other one
        stack.psql("delete from market.schema_version where name = 'newer'")
        until("it is back", lambda: len(stack.program_pids()) == 2)
        # Only the functions are of another program.
        stack.psql("update market.schema_functions set digest = 'of another program'")
        status, text = run("--check")
        assert status == 1 and "the functions in the database are those of another program; run: shoetopia --migrate" in text, (status, text)
        assert run("--migrate", "shoetopia_owner")[0] == 0 and run("--check")[0] == 0
        must_write(stack, buyer, listing_id)


TESTS = (a_version_is_taken_back, a_full_disk_refuses_writes_early, a_server_without_writes_is_busy, reads_do_not_wait_for_writes, writers_at_one_row_hold_up_no_others)
