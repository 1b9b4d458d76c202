"""A form sent back exactly as it was served is accepted, whatever the values: as_served_faults() makes a shop and its buyers of
awkward values (fractions of seconds, other zones, quotes, markup, emoji, lines, empty optional fields, least and most), then walks
the pages of all resources as each of them, and sends every form of every page as a browser would: first those that keep things
as they are, then those that end them. Each must be answered by 303 to a page that is there. A form that a browser would not send as it
is served may only lack what has to be typed; NEED_TYPING says which these are."""
import json
import re
import subprocess
import urllib.parse

import people
from forms import Page
from pictures import add_photos

# Routes with a form that has to be filled in first.
NEED_TYPING = {
    "adjust_stock", "ask_friend", "ask_password_reset", "change_email", "add_photo", "change_password", "create_account", "create_event", "create_listing", "create_session",
    "create_shop", "create_slot", "decide_verification", "delete_account", "import_listings",
    "promote_shop", "put_review", "refund_shipment", "start_flash_sale", "suspend_listing", "suspend_shop",
}
OF_LINKS = {"confirm_email", "reset_password"}  # their page is opened by a link with a token: token.case
# Those that only a marketplace with payments has, or one whose outbox has something to do: payout.case, outbox.case.
OF_PAYMENTS = {"request_payout", "decide_payout", "retry_outbox", "pay_order", "take_payment_event", "decide_payment"}
OF_CARTS = {"remove_cart_item"}  # carts are bought by then: twice.py
# What other forms need is ended last.
ENDINGS = ("withdraw_slot", "call_off_event", "withdraw_listing", "end_account_session", "end_other_sessions", "end_session")
# Sent back, these change nothing that the page shows, but for the version.
KEEP = {"change_event", "put_address", "put_profile", "put_sharing", "change_listing", "put_wishlist", "order_photos"}
AWKWARD = "\"Q\" & <b>'é'</b> \\ %41+1 ;= 👟"
LINES = "\n".join(f"{n:03} <i>&amp;" for n in range(400)).ljust(2000, "x")[:2000]
TIME = "2099-06-30T23:59:30.5+05:30"


class World:
    """One shop, who owns it, who buys there, and an admin."""

    def __init__(self, stack, maker, unique, transport):
        self.stack, self.transport, self.v = stack, transport, {"unique": unique}
        self.numbers = set()  # links that say no name
        for words in (["account", "owner"], ["account", "buyer"], ["account", "friend"], ["account", "other"], ["account", "admin", "admin"]):
            maker.run(transport, list(words), self.v)
        self.ids = self.fill(unique)
        listed = subprocess.run([stack.program(), "--routes"], capture_output=True, text=True, check=True).stdout
        self.routes = [line.split()[:2] + [line.split()[3]] for line in listed.splitlines() if " /api/" in line]

    def json(self, who, method, target, body=None, status=(200, 201, 204), heads=()):
        all_heads = [("Authorization", "Bearer " + self.v[who]), ("Content-Type", "application/json"), *heads]
        a = self.transport.ask(method, "/api" + target, all_heads, None if body is None else json.dumps(body).encode(), {})
        if a.status not in status:
            raise RuntimeError(f"{who} {method} {target} {body}: {a.status} {a.body.decode(errors='replace')[:500]}")
        return json.loads(a.body) if a.body else None

    def buy(self, listing_id, quantity=1):
        items = [{"listing_id": listing_id, "quantity": quantity}]
        return self.json("buyer", "POST", "/checkout", {"items": items}, heads=[("Idempotency-Key", people.new_token()[:32])])

    def fill(self, unique):
        shop = self.json("owner", "POST", "/shops", {"name": AWKWARD + unique})["shop_id"]
        shoe = {"brand": AWKWARD + unique, "style": ("S " + AWKWARD * 3)[:80].strip(), "color": "white", "size": 20, "condition": "used", "audience": "youth"}
        cheap = self.json("owner", "POST", f"/shops/{shop}/listings", shoe | {"price_cents": 1, "quantity": 100000})
        dear = self.json("owner", "POST", f"/shops/{shop}/listings", shoe | {"size": 1.5, "price_cents": 10000000, "quantity": 200, "description": LINES, "box": "replaced"})
        event = self.json("owner", "POST", f"/shops/{shop}/events", {"title": ("👟" + AWKWARD * 3)[:80].strip(), "starts_at": TIME, "capacity": 1000000})
        full = self.json("owner", "POST", f"/shops/{shop}/events", {"title": "0!", "starts_at": "2099-01-01T00:00:00Z", "capacity": 1})
        slots = [self.json("owner", "POST", f"/shops/{shop}/slots", {"station": AWKWARD, "starts_at": f"2099-01-01T1{n}:00:00.001-08:00",
                                                                   "ends_at": f"2099-01-01T1{n}:59:59.999-08:00"}) for n in range(3)]
        self.json("owner", "POST", f"/shops/{shop}/sales", {"discounts": 1000, "percent_off": 99, "ends_at": "2098-12-31T23:59:59.999Z"})
        for who in ("owner", "friend", "admin"):
            self.json(who, "PUT", "/account/address", {"name": "0", "line1": "0", "city": "0", "postcode": "0", "country": "DE"})
        self.json("buyer", "PUT", "/account/address", {"name": AWKWARD, "line1": AWKWARD, "line2": None, "city": "東京", "region": "0", "postcode": "0", "country": "jp"})
        orders = [self.buy(cheap["listing_id"]) for _ in range(5)]
        orders.append(self.json("buyer", "POST", "/checkout", {"items": [{"listing_id": dear["listing_id"], "quantity": 1}], "delivery": "ship"},
                                heads=[("Idempotency-Key", people.new_token()[:32])]))
        shipments = [order["shipments"][0]["shipment_id"] for order in orders]
        for shipment, steps in ((shipments[1], ["shipped"]), (shipments[2], ["shipped", "delivered"])):
            for step in steps:
                self.json("owner", "PATCH", f"/shops/{shop}/shipments/{shipment}", {"status": step, "tracking": AWKWARD})
        self.json("buyer", "POST", f"/orders/{orders[3]['order_id']}/cancellation")
        self.json("buyer", "PUT", f"/shops/{shop}/review", {"rating": 1, "comment": LINES})
        self.json("buyer", "PUT", f"/cart/items/{cheap['listing_id']}", {"quantity": 1})
        self.json("buyer", "PUT", f"/cart/items/{dear['listing_id']}", {"quantity": 100})
        self.json("buyer", "POST", "/reservations", {"listing_ids": [cheap["listing_id"]]})
        self.json("buyer", "POST", f"/slots/{slots[0]['slot_id']}/appointment")
        for event_id in (event["event_id"], full["event_id"]):
            self.json("other", "POST", f"/events/{event_id}/booking")
            self.json("buyer", "POST", f"/events/{event_id}/booking")
        for who in ("buyer", "friend"):
            self.json(who, "PUT", f"/wishlist/{cheap['shoe_id']}")
        for asks, asked in (("buyer", "friend"), ("friend", "buyer"), ("friend", "other"), ("other", "friend"), ("owner", "buyer"), ("buyer", "admin")):
            self.json(asks, "POST", "/friends", {"email": self.v[asked + "_email"]})
        self.json("owner", "POST", f"/shops/{shop}/verification")
        last = self.json("owner", "POST", f"/shops/{shop}/listings", shoe | {"size": 2, "price_cents": 2, "quantity": 1})
        self.json("admin", "POST", "/reservations", {"listing_ids": [last["listing_id"]]})
        self.json("admin", "PUT", f"/cart/items/{last['listing_id']}", {"quantity": 1})
        begun = self.json("owner", "POST", f"/shops/{shop}/events", {"title": "Begun", "starts_at": "2099-01-01T00:00:00Z", "capacity": 2})["event_id"]
        self.json("buyer", "POST", f"/events/{begun}/booking")
        self.stack.psql(f"update market.event set starts_at = clock_timestamp() - interval '1 hour' where event_id = {begun}")
        self.stack.psql("insert into market.session (session_digest, account_id, created_at, expires_at) select"
                        f" '\\x{people.digest(people.new_token())}'::bytea, {self.v['buyer_id']}, clock_timestamp(), clock_timestamp() + interval '1 day'")
        add_photos(self.stack, cheap["listing_id"], 2)
        return {"shop_id": [shop], "listing_id": [cheap["listing_id"], dear["listing_id"], last["listing_id"]], "shoe_id": [cheap["shoe_id"]],
                "event_id": [event["event_id"], full["event_id"], begun], "shipment_id": shipments,
                "account_id": [self.v["buyer_id"]], "order_id": [self.json("buyer", "GET", "/orders")["orders"][0]["order_id"]]}

    def pages(self):
        """The paths of the pages of all resources."""
        for method, path, name in self.routes:
            if method != "GET" or name in ("health", "metrics", "openapi", "photo", "export_listings", "export_orders"):
                continue
            if path.startswith("/api/orders/"):
                orders = self.json("buyer", "GET", "/orders?limit=100")["orders"] if self.has_session("buyer") else []
                yield from (f"/api/orders/{order['order_id']}" for order in orders)
                continue
            yield from self.with_ids(path)
        yield f"/api/listings/compare?id={self.ids['listing_id'][0]}&id={self.ids['listing_id'][1]}"
        yield from (f"/api/friends?status={status}" for status in ("asks", "asked"))
        yield f"/api/shops/{self.ids['shop_id'][0]}/slots?from=2098-12-31T23:59:30.25%2B05:30"
        yield "/api/listings?min_price_cents=1&max_price_cents=10000000&verified=0&color=white&color=black&size=20.0&sort=-price&q=%22%3C"

    def with_ids(self, path):
        """The path with each of the ids that it may have."""
        found = re.search(r"\{(\w+)\}", path)
        if not found:
            return [path]
        return [whole for one in self.ids[found.group(1)] for whole in self.with_ids(path.replace(found.group(0), str(one)))]

    def has_session(self, who):
        return self.transport.ask("GET", "/api/account", [("Authorization", "Bearer " + self.v[who])], None, {}).status == 200

    def ask(self, who, method, target, body=None):
        heads = [("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"), ("Origin", f"http://127.0.0.1:{self.transport.port}")]
        if who in self.v:
            heads.append(("Cookie", "shoetopia_session=" + self.v[who]))
        if body is not None:
            heads.append(("Content-Type", "application/x-www-form-urlencoded"))
        return self.transport.ask(method, target, heads, None if body is None else body.encode(), {})

    def route_of(self, method, path):
        for known, template, name in self.routes:
            if known == method and re.fullmatch(re.sub(r"\{\w+\}", r"\\d+", template), path):
                return name
        return f"{method} {path}"

    def forms(self, who, target):
        """The forms of a page, with a name for each that stays the same when the page is read again."""
        a = self.ask(who, "GET", target)
        page = Page(a.body.decode()) if a.status in (200, 401) else None
        self.numbers.update(f"{who} at {target}: {path}" for path, text in (page.links if page else ()) if text.strip().isdigit())
        return {} if page is None else {(f.real_method(), f.action, dict(f.pairs()).get("email", "")): f for f in page.forms}

    def shown(self, who, target):
        """What the page shows, but for versions."""
        heads = [("Accept", "application/json"), ("Authorization", "Bearer " + self.v[who])]
        a = self.transport.ask("GET", target, heads, None, {})
        return re.sub(r'"version" ?: ?\d+', "", a.body.decode())


class Walk:
    def __init__(self, world):
        self.world, self.sent, self.typed = world, set(), set()

    def form_fault(self, who, target, form):
        """Sends the form; what is wrong with the answer, or None."""
        world = self.world
        method, path = form.real_method(), urllib.parse.urlsplit(form.action).path
        name = world.route_of(method, path)
        obstacles = form.obstacles()
        if obstacles:
            self.typed.add(name)
            lacks = all(o.endswith(" is required") for o in obstacles)
            return None if lacks and (name in NEED_TYPING or method == "GET") else f"would not send {name}: {'; '.join(obstacles)}"
        self.sent.add(name)
        if form.method == "get":
            a = world.ask(who, "GET", f"{form.action}?{form.sent()}")
            return None if a.status == 200 else f"gets {a.status} for {form.sent()}"
        before = world.shown(who, target) if name in KEEP else None
        a = world.ask(who, "POST", form.action, form.sent())
        if who == "guest" and a.status == 401 and b'name="then"' in a.body:  # it is done after signing in: guest.case
            self.sent.discard(name)
            return None
        if a.status != 303:
            text = re.search(r'role="alert">.*?(?=<form)', a.body.decode(), re.S)
            return f"gets {a.status} for {name} {form.sent()[:300]}: {(text.group(0) if text else '')[:300]}"
        if before is not None and before != world.shown(who, target):
            return f"changes what it was served with: {name}: {before} is now {world.shown(who, target)}"
        there = world.ask(who, "GET", a.header("Location"))
        if there.status != 200 and name != "end_session":
            return f"is led by {name} to {a.header('Location')}, which is {there.status}"
        return None

    def faults(self):
        for turn in range(2 + len(ENDINGS)):
            pages = list(self.world.pages())
            for who in ("guest", "buyer", "owner", "admin", "friend"):
                for target in pages:
                    yield from self.page_faults(who, target, turn)
        yield from (f"a link says a number: {link}" for link in sorted(self.world.numbers))
        untyped = NEED_TYPING - self.typed
        if untyped:
            yield f"need no typing: {sorted(untyped)}"
        never = {name for method, _, name in self.world.routes if method != "GET"} - self.sent - self.typed - OF_LINKS - OF_PAYMENTS - OF_CARTS
        if never:
            yield f"no page has a form of: {sorted(never)}"

    @staticmethod
    def turn_of(method, name):
        """When a form is sent: first those that keep things as they are."""
        if name in ENDINGS:
            return 2 + ENDINGS.index(name)
        return 1 if method == "DELETE" or name in ("cancel_order", "create_reservation", "change_shipment") else 0

    def page_faults(self, who, target, turn):
        for key in self.world.forms(who, target):
            method, action, _ = key
            if self.turn_of(method, self.world.route_of(method, urllib.parse.urlsplit(action).path)) != turn:
                continue
            form = self.world.forms(who, target).get(key)  # as it is served now: another form may have changed the page
            fault = form and self.form_fault(who, target, form)
            if fault:
                yield f"{who} at {target} {fault}"


def as_served_faults(stack, maker, unique, transport):
    """What is wrong with the forms of the pages."""
    try:
        return list(Walk(World(stack, maker, unique, transport)).faults())
    except (RuntimeError, OSError, KeyError) as error:
        return [f"the forms could not be sent: {error!r}"]
