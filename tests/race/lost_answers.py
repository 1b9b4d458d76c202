"""Each write of a signed-in account is carried out, and its answer is lost: the program's connection closes before nginx has read a byte of it, as when
the program is killed between commit and answer. The client then repeats it with its key.

    lost_answers   nginx answers 503, and passes nothing on to the other program; the repetition has the answer that was lost, marked as replayed; and
                   the database is, row by row, what it was after the first one
    lost_by_apache  the same through Apache, on a stack of its own

Then one program takes no connections: what could not be sent to it is sent to the other.

A proxy on the programs' sockets loses the answers. The writes are those of --routes: one that class Writes does not know fails the test. What it guards
against: nginx takes PUT and DELETE for repeatable, so that a change was answered 404, 401 or 412 by the second program, which found it made. The twin
looks no key up.
"""
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import threading
import urllib.parse

from clients import ask, until
from fixtures import list_pair, people, shops, start_sale
from lost_photos import PhotoWrites
from people import PASSWORD, new_token
from race import RaceTest, Twin, Violation, must, must_equal
from stack import Stack

END_REQUEST, STDOUT = 3, 6  # types of FastCGI records
KEYLESS = {"delete_account", "end_account_session", "end_other_sessions", "end_session"}
REFUSED = {"ask_confirmation", "request_payout", "refund_shipment"}  # where no mails are sent, and payments are off
# What a repetition may change: the time of a session's last use, and counters of attempts to sign in. (And the audit writes its own tables.)
UNCOUNTED = {"idempotency", "session", "throttle", "sign_in_network"}
TIMEOUT = 20


class Proxy:
    """Stands between nginx and one program. While `lose` is a list, the next answer is read to its end, appended to it, and not passed on."""

    lose = None  # of all proxies
    lock = threading.Lock()

    def __init__(self, path):
        self.path, self.real = path, path + ".real"
        os.rename(path, self.real)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen(64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        program = socket.socket(socket.AF_UNIX)
        try:
            program.connect(self.real)
            while True:
                for ready in select.select([client, program], [], [])[0]:
                    data = ready.recv(65536)
                    if not data:
                        return
                    if ready is client:
                        program.sendall(data)
                        continue
                    with Proxy.lock:
                        answers, Proxy.lose = Proxy.lose, None
                    if answers is not None:
                        answers.append(read_answer(program, data))
                        return
                    client.sendall(data)
        except OSError:
            pass
        finally:
            client.close()
            program.close()

    def refuse(self):
        """From now on no connection can be made."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def take_away(self):
        if self.listener.fileno() != -1:
            self.refuse()
        os.rename(self.real, self.path)


def read_answer(program, data):
    """The whole of an answer that begins with `data`: what the program wrote to STDOUT."""
    text = b""
    while True:
        while len(data) < 8 or len(data) < 8 + int.from_bytes(data[4:6], "big") + data[6]:
            more = program.recv(65536)
            if not more:
                raise RuntimeError("the program ended before its answer did")
            data += more
        length = int.from_bytes(data[4:6], "big")
        kind, content, data = data[1], data[8:8 + length], data[8 + length + data[6]:]
        if kind == STDOUT:
            text += content
        elif kind == END_REQUEST:
            return text


class Writes(PhotoWrites):
    """One method for each write, by the name of its route. It prepares what is needed, and returns (person, target, body, more headers)."""

    def __init__(self, stack):
        self.stack = stack
        self.owner, = shops(stack, 1, "lost.owner")
        self.admin, = people(stack, 1, "lost.admin")
        stack.psql(f"update market.account set role = 'admin' where account_id = {self.admin.account_id}")
        self.shop = f"/shops/{self.owner.shop_id}"
        self.hash = None

    def ask(self, method, target, person, body=None):
        return ask(self.stack, method, "/api" + target, person.token, {} if body is None else body)

    def person(self):
        return people(self.stack, 1, "lost")[0]

    def listing(self):
        return list_pair(self.stack, self.owner, 1500, 50)

    def shoe(self):
        return self.stack.psql(f"select shoe_id from market.listing where listing_id = {self.listing()}")

    def event(self):
        return self.ask("POST", self.shop + "/events", self.owner,
                        {"title": "Event " + new_token()[:8], "starts_at": "2100-01-01T10:00:00Z", "capacity": 5})["event_id"]

    def slot(self):
        return self.ask("POST", self.shop + "/slots", self.owner, self.slot_body())["slot_id"]

    @staticmethod
    def slot_body():
        return {"station": "Chair " + new_token()[:8], "starts_at": "2099-01-01T10:00:00Z", "ends_at": "2099-01-01T10:30:00Z"}

    def order(self, person):
        body = {"items": [{"listing_id": self.listing(), "quantity": 1}]}
        return ask(self.stack, "POST", "/api/checkout", person.token, body, key="lost-" + new_token()[:24])

    def member_of_password(self):
        """A person with a password: that of an account that signed up, since only the program hashes."""
        if self.hash is None:
            email = f"hash.{new_token()[:12].lower()}@example.com"
            status, _, _ = self.send("POST", "/accounts", None, {"name": "Hash", "email": email, "password": PASSWORD}, {})
            must_equal("signing up", status, 201)
            self.hash = self.stack.psql(f"select password_hash from market.account where email = '{email}'")
        person = self.person()
        self.stack.psql(f"update market.account set password_hash = '{self.hash}' where account_id = {person.account_id}")
        return person

    def send(self, method, target, person, body, headers):
        """(status, headers, body) of a request."""
        at = urllib.parse.urlsplit(self.stack.url)
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=TIMEOUT)
        headers = {"Content-Type": "image/png" if isinstance(body, bytes) else "application/json", **headers}
        if person is not None:
            headers["Authorization"] = "Bearer " + person.token
        try:
            connection.request(method, "/api" + target, body if isinstance(body, bytes) else json.dumps({} if body is None else body), headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    # ---- the writes ----

    def create_event(self):
        return self.owner, self.shop + "/events", {"title": "Event", "starts_at": "2100-01-01T10:00:00Z", "capacity": 5}

    def change_event(self):
        return self.owner, f"/events/{self.event()}", {"title": "Another"}, {"If-Match": '"1"'}

    def call_off_event(self):
        return self.owner, f"/events/{self.event()}", None

    def create_booking(self):
        return self.person(), f"/events/{self.event()}/booking", {}

    def cancel_booking(self):
        person, target, _ = self.create_booking()
        self.ask("POST", target, person)
        return person, target, None

    def put_cart_item(self):
        return self.person(), f"/cart/items/{self.listing()}", {"quantity": 2}

    def remove_cart_item(self):
        person, target, body = self.put_cart_item()
        self.ask("PUT", target, person, body)
        return person, target, None

    def add_cart_item(self):
        return self.person(), "/cart/items", {"listing_id": self.listing(), "quantity": 2}

    def checkout(self):
        return self.person(), "/checkout", {"items": [{"listing_id": self.listing(), "quantity": 2}]}

    def cancel_order(self):
        person = self.person()
        return person, f"/orders/{self.order(person)['order_id']}/cancellation", {}

    def create_slot(self):
        return self.owner, self.shop + "/slots", self.slot_body()

    def withdraw_slot(self):
        return self.owner, f"/slots/{self.slot()}", None

    def book_slot(self):
        return self.person(), f"/slots/{self.slot()}/appointment", {}

    def cancel_appointment(self):
        person, target, _ = self.book_slot()
        self.ask("POST", target, person)
        return person, target, None

    def put_wishlist(self):
        return self.person(), "/wishlist", {"shoe_ids": [int(self.shoe())]}

    def put_wish(self):
        return self.person(), f"/wishlist/{self.shoe()}", {}

    def drop_wish(self):
        person, target, _ = self.put_wish()
        self.ask("PUT", target, person)
        return person, target, None

    def ask_friend(self):
        return self.person(), "/friends", {"email": self.person().email}

    def drop_friend(self):
        one, other = self.person(), self.person()
        self.ask("POST", "/friends", one, {"email": other.email})
        self.ask("POST", "/friends", other, {"email": one.email})
        return one, f"/friends/{other.account_id}", None

    def withdraw_friend_request(self):
        person, _, body = self.ask_friend()
        self.ask("POST", "/friends", person, body)
        return person, "/friends/asked", body

    def create_reservation(self):
        return self.person(), "/reservations", {"listing_ids": [self.listing()]}

    def cancel_reservation(self):
        person, target, body = self.create_reservation()
        self.ask("POST", target, person, body)
        made = self.stack.psql(f"select max(reservation_id) from market.reservation where account_id = {person.account_id}")
        return person, f"/reservations/{made}", None

    def put_address(self):
        return self.person(), "/account/address", {"name": "A", "line1": "B", "city": "C", "postcode": "D", "country": "US"}

    def put_sharing(self):
        return self.person(), "/account/sharing", {"purchases": True}

    def put_profile(self):
        return self.owner, self.shop + "/profile", {"about": "About " + new_token()[:12], "pickup_address": "1 High Street", "shipping_cents": 700}

    def change_password(self):
        return self.member_of_password(), "/account/password", {"password": PASSWORD, "new_password": "another " + PASSWORD}

    def change_email(self):
        return self.member_of_password(), "/account/email", {"password": PASSWORD, "new_email": f"new.{new_token()[:12].lower()}@example.com"}

    def create_shop(self):
        return self.person(), "/shops", {"name": "Shop " + new_token()[:12]}

    def create_listing(self):
        return self.owner, self.shop + "/listings", {"brand": "Lost " + new_token()[:12], "style": "S", "color": "red", "size": 9, "condition": "new",
                                                     "audience": "men", "price_cents": 1999, "quantity": 3}

    def change_listing(self):
        return self.owner, f"{self.shop}/listings/{self.listing()}", {"price_cents": 1700, "description": "Worn once.", "box": "replaced"}

    def adjust_stock(self):
        return self.owner, f"{self.shop}/listings/{self.listing()}/stock", {"delta": 5}

    def withdraw_listing(self):
        return self.owner, f"{self.shop}/listings/{self.listing()}", None

    def start_flash_sale(self):
        owner, = shops(self.stack, 1, "lost.sale")
        return owner, f"/shops/{owner.shop_id}/sales", {"discounts": 5, "percent_off": 10}

    def end_sale(self):
        owner, = shops(self.stack, 1, "lost.sale")
        start_sale(self.stack, owner, 5, 10)
        return owner, f"/shops/{owner.shop_id}/sale", None

    def change_shipment(self):
        shipment = self.order(self.person())["shipments"][0]["shipment_id"]
        return self.owner, f"{self.shop}/shipments/{shipment}", {"status": "shipped"}

    def promote_shop(self):
        owner, = shops(self.stack, 1, "lost.tier")
        return owner, f"/shops/{owner.shop_id}/promotion", {"tier": 2}

    def decide_payout(self):
        payout = self.stack.psql("with made as (insert into market.payout (shop_id, amount_cents, requested_at)"
                                 f" values ({self.owner.shop_id}, 1, now()) returning payout_id, shop_id),"
                                 " booked as (insert into market.money_entry (account, shop_id, payout_id, amount_cents, reason, at)"
                                 " select e.account, m.shop_id, m.payout_id, e.cents, 'payout', now()"
                                 " from made m, (values ('shop', -1), ('payout', 1)) as e(account, cents)) select payout_id from made")
        return self.admin, f"/admin/payouts/{payout}", {"status": "refused", "note": "No such bank account"}

    def ask_verification(self):
        owner, = shops(self.stack, 1, "lost.asks")
        return owner, f"/shops/{owner.shop_id}/verification", {}

    def decide_verification(self):
        owner, = shops(self.stack, 1, "lost.verdict")
        return self.admin, f"/shops/{owner.shop_id}/verification", {"verified": True, "reason": "The papers are in order."}

    def import_listings(self):
        line = b"Lost,Of a file,red,9,new,men,100,1\n"
        return self.owner, f"{self.shop}/listings/import", b"brand,style,color,size,condition,audience,price_cents,quantity\n" + line * 2, {"Content-Type": "text/csv"}

    def suspend_shop(self):
        owner, = shops(self.stack, 1, "lost.suspended")
        return self.admin, f"/admin/shops/{owner.shop_id}/suspension", {"suspended": True, "reason": "It sold copies."}

    def suspend_listing(self):
        return self.admin, f"/admin/listings/{self.listing()}/suspension", {"suspended": True, "reason": "It is a copy."}

    def pay_order(self):
        """An order of a marketplace with payments, whose page the worker has made already."""
        person = self.person()
        order_id = self.order(person)["order_id"]
        self.stack.psql(f"""update market.orders set payment_status = 'open', due_at = now() + interval '1 hour' where order_id = {order_id};
            insert into market.payment_deadline (due_at, first_order_id, last_order_id) select due_at, order_id, order_id from market.orders where order_id = {order_id};
            insert into market.payment_session (order_id, number, outbox_id, session_id, url, state, created_at)
            values ({order_id}, 1, -{order_id}, 'cs_{order_id}', 'https://pay.example/{order_id}', 'open', now())""")
        return person, f"/orders/{order_id}/payment", {}

    def decide_payment(self):
        person = self.person()
        order_id = self.order(person)["order_id"]
        ask(self.stack, "POST", f"/api/orders/{order_id}/cancellation", person.token, {})
        self.stack.psql(f"update market.orders set payment_status = 'void', due_at = now(), payment_flag = 'disputed' where order_id = {order_id}")
        return self.admin, f"/admin/payments/{order_id}", {"action": "settle"}

    def retry_outbox(self):
        row = self.stack.psql("insert into market.outbox (kind, subject, body, key, next_at, created_at)"
                              " values ('expire', 'lost ' || market.random_key(), '', market.random_key(), 'infinity', now()) returning outbox_id")
        return self.admin, f"/admin/outbox/{row}", {"action": "retry"}

    def put_review(self):
        person = self.person()
        self.order(person)
        return person, self.shop + "/review", {"rating": 4, "comment": "Fine."}


def keyed_routes(stack):
    """(method, name) of each write of a session that takes keys."""
    listed = subprocess.run([stack.program(), "--routes"], capture_output=True, text=True, check=True).stdout
    routes = [line.split() for line in listed.splitlines()]
    return [(method, name) for method, _, who, name in routes if method != "GET" and who in ("member", "owner", "admin") and name not in KEYLESS | REFUSED]


def rows_of(stack):
    """A digest of all rows of all tables but those that a repetition may change."""
    tables = [t for t, in stack.rows("select tablename from pg_tables where schemaname = 'market' order by 1") if t not in UNCOUNTED and not t.startswith("audit")]
    text = stack.psql(";\n".join(f"select '{t}', md5(coalesce(string_agg(r::text, ',' order by r::text), '')) from market.{t} r" for t in tables),
                      user="postgres")
    return text


def renew_workers(stack):
    """Replaces nginx's workers, so that no connection to a program is left that passes by the proxies. Apache keeps none."""
    if not keeps_connections(stack):
        return
    old = workers(stack)
    os.kill(stack.web_pid(), signal.SIGHUP)
    until(lambda: not old & workers(stack), TIMEOUT)


def keeps_connections(stack):
    """Whether its web server is nginx."""
    return os.path.exists(os.path.join(stack.state, "web", "nginx.pid"))


def workers(stack):
    with open(f"/proc/{stack.web_pid()}/task/{stack.web_pid()}/children", encoding="ascii") as file:
        return set(file.read().split())


def unsent(writes):
    """The faults of writes while one program takes no connections: nothing was sent, so the other one gets them. Through Apache some are answered 503."""
    person, by_nginx = writes.person(), keeps_connections(writes.stack)
    requests = [("PUT", "/account/sharing", {"purchases": True}), ("DELETE", "/wishlist/1", None), ("POST", "/shops", {"name": "Shop " + new_token()[:12]})] * 4
    seen = [(method, writes.send(method, target, person, body, {})[0]) for method, target, body in requests]
    fine = (200, 201, 204, 409) if by_nginx else (200, 201, 204, 409, 503)
    return [f"{method} with one program: {status}" for method, status in seen if status not in fine]


def code_of(text):
    return json.loads(text).get("code") if text else None


def lost(stack, writes, method, name):
    """The faults of one write."""
    person, target, body, *more = getattr(writes, name)()
    headers = {"Idempotency-Key": "lost-" + new_token()[:24], **(more[0] if more else {})}
    before, answers = rows_of(stack), []
    Proxy.lose = answers
    status, _, text = writes.send(method, target, person, body, headers)
    until(lambda: answers, TIMEOUT)
    wanted_head, _, wanted_body = answers[0].partition(b"\r\n\r\n")
    wanted = int(wanted_head.split(b"Status: ")[1][:3])
    after = rows_of(stack)
    must(200 <= wanted < 300, f"{name}: the program answered {wanted} {wanted_body[:300]}")
    must(before != after, f"{name} changed nothing")
    must_equal(f"{name}: the answer without the program's", (status, code_of(text)), (503, "busy"))
    for _ in range(2):
        status, got, text = writes.send(method, target, person, body, headers)
        must_equal(f"{name} again ({text[:200]})", (status, text, got["Idempotency-Replayed"]), (wanted, wanted_body, "true"))
        must(rows_of(stack) == after, f"{name} again: the rows changed")
    other = writes.send("PUT", "/account/sharing", person, {"purchases": False}, {"Idempotency-Key": headers["Idempotency-Key"]})
    must_equal(f"the key of {name} for another write", (other[0], code_of(other[2])), (422, "key_reused"))


def lost_answers(stack, writes):
    routes = keyed_routes(stack)
    must_equal("writes that class Writes does not know", [name for _, name in routes if not hasattr(Writes, name)], [])
    proxies = [Proxy(path) for path in stack.sockets()]
    try:
        renew_workers(stack)
        faults = []
        for method, name in routes:
            try:
                lost(stack, writes, method, name)
            except Violation as fault:
                faults.append(f"{method} {fault}")
        proxies[0].refuse()
        renew_workers(stack)
        faults += unsent(writes)
        must(not faults, f"{len(faults)} of {len(routes)} writes:\n" + "\n".join(faults))
    finally:
        Proxy.lose = None
        for proxy in proxies:
            proxy.take_away()
    return f"{len(routes)} writes"


def lost_by_apache(_, __):
    with Stack(server="apache") as stack:
        return lost_answers(stack, Writes(stack))


RACE_TESTS = [RaceTest("lost_answers", lost_answers, setup=Writes, few=1,
                       twin=Twin({"00_base.sql": ["kept"]})),
              RaceTest("lost_by_apache", lost_by_apache, few=1, twin=None)]
