"""Lists are read to their end: paging_faults() asks every list of `--routes`, one row a page and with the greatest values that its cursor can hold, and tells
those that do not end, show a row twice, or show other rows than one large page.
"""
import json
import re
import time
import urllib.parse

import people
import rights

PAGES_MAX = 400
MAILS_SECONDS = 60
LAST_START = "2199-12-31T23:59:59.999Z"  # of an event
LAST_SLOTS = [("2099-12-31T23:59:59.997Z", "2099-12-31T23:59:59.998Z"), ("2099-12-31T23:59:59.998Z", "2099-12-31T23:59:59.999Z"),
              ("2099-12-31T23:59:59.999Z", "2100-01-01T23:59:59.999Z")]
ODD_IDS = (9007199254740992, 9007199254740993, 9007199254740994)  # a double has no 9007199254740993
# What a list is asked for besides the page; a list of several is read once with each.
QUERIES = {
    "find_listings": [f"shop_id={{shop_id}}&sort={sort}" for sort in ("promoted", "price", "-price", "newest")],
    "slots": ["from=2090-01-01T00:00:00Z"],
    "friends": ["status=friends", "status=asks", "status=asked"],
}
# These have other parameters that they must be given, or answer something else.
NO_LISTS = {"openapi", "metrics", "health", "compare_listings", "photo", "export_listings", "export_orders"}


class Lists:
    def __init__(self, stack, maker, unique, transport):
        self.stack, self.transport, self.maker = stack, transport, maker
        v = self.variables = {"unique": unique}
        for words in (["shop", "owner"], ["account", "member", "admin"], ["account", "friend"], ["account", "other"]):
            maker.run(transport, list(words), v)
        shop = f"/shops/{v['owner_shop']}"
        for price_cents in (1, 10000000, 10000000, 10000000):
            listing = self.make("owner", shop + "/listings", rights.SHOE | {
                "brand": "Brand " + unique, "size": 20, "price_cents": price_cents, "quantity": 100000})
        for _ in range(3):
            event = self.make("owner", shop + "/events", {"title": "Last " + unique, "starts_at": LAST_START, "capacity": 1000000})
            order = self.make("member", "/checkout", {"items": [{"listing_id": listing["listing_id"], "quantity": 1}]}, "paging-" + people.new_token()[:20])
        for starts_at, ends_at in LAST_SLOTS:
            slot = self.make("owner", shop + "/slots", {"station": "Desk", "starts_at": starts_at, "ends_at": ends_at})
            self.make("member", f"/slots/{slot['slot_id']}/appointment", {})
        for to in ("friend", "other", "owner"):
            self.make("member", "/friends", {"email": v[to + "_email"]})
        self.make("friend", "/friends", {"email": v["member_email"]})
        self.make("other", "/friends", {"email": v["member_email"]})
        self.ids = {"account_id": 1, "shop_id": v["owner_shop"], "listing_id": listing["listing_id"], "shoe_id": listing["shoe_id"], "event_id": event["event_id"],
                    "slot_id": slot["slot_id"], "order_id": order["order_id"], "shipment_id": order["shipments"][0]["shipment_id"]}

    def make(self, who, target, body, key=None):
        return people.People.ask(self.transport, self.variables, who, target, body, key=key)

    def odd_events(self):
        """Events of numbers and starts that a double cannot tell apart. (Once for all transports: they are the same.)"""
        rows = ", ".join(f"({self.ids['shop_id']}, {n}, 'Odd', timestamptz '{LAST_START}' + interval '{n % 10 * 100} microseconds', 1, now())" for n in ODD_IDS)
        self.stack.psql("insert into market.event (shop_id, event_id, title, starts_at, capacity, created_at) values " + rows + " on conflict do nothing")

    def ask(self, who, target):
        answer = self.transport.ask("GET", target, [("Authorization", "Bearer " + self.variables[who])], None, {})
        return answer.status, json.loads(answer.body)

    def read(self, who, target, limit):
        """The rows of all pages, as text; None: it does not end."""
        rows, cursor = [], None
        for _ in range(PAGES_MAX):
            page = f"{target}{'&' if '?' in target else '?'}limit={limit}" + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else "")
            status, body = self.ask(who, page)
            if status != 200:
                raise RuntimeError(f"GET {page}: {status} {body}")
            rows += [json.dumps(row) for name, value in body.items() if isinstance(value, list) for row in value]
            cursor = body["next"]
            if cursor is None:
                return rows
        return None

    def lists(self):
        for method, path, who, name in rights.all_routes(self.stack):
            if method == "GET" and name not in NO_LISTS:
                caller = {"owner": "owner", "admin": "member"}.get(who, "member")
                for query in QUERIES.get(name, [""]):
                    target = (path + ("?" + query if query else "")).format(**self.ids)
                    if "next" in self.ask(caller, target)[1]:
                        yield caller, target

    def await_mails(self):
        """The mails of the orders add rows to the outbox, a list too."""
        until = time.monotonic() + MAILS_SECONDS
        while time.monotonic() < until and self.stack.psql(
                "select s.on_until < now() or s.order_id >= (select max(o.order_id) from market.orders o) and not exists (select from market.outbox x"
                " where x.kind = 'mail' and x.done_at is null and x.flagged_at is null) from market.mail_state s") != "t":
            time.sleep(0.2)

    def faults(self):
        self.odd_events()
        self.await_mails()
        for n in ODD_IDS:
            status, body = self.ask("member", f"/api/events/{n}")
            if body.get("event_id") != n:
                yield f"/events/{n} answers {status} with event {body.get('event_id')}"
            page = self.transport.ask("GET", f"/api/events/{n}", [("Accept", "text/html"), ("Cookie", "shoetopia_session=" + self.variables["member"])], None, {})
            if f'action="/api/events/{n}/booking"' not in page.body.decode():
                yield f"the page of /events/{n} has no form for its own booking"
        page = self.transport.ask("GET", "/api/events?limit=100", [("Accept", "text/html")], None, {}).body.decode()
        if 'href="/api/events/' not in page or re.search(r"/api/events/\d+\.", page):
            yield "the page of /events leads to an event whose number is not a whole one"
        found = list(self.lists())
        if len(found) < 15:
            yield f"only {len(found)} lists were found: {found}"
        for caller, target in found:
            at_once = self.read(caller, target, 100)
            if at_once is None:
                yield f"GET {target} does not end"
                continue
            limit = 1 + len(at_once) // (PAGES_MAX - 10)  # one by one, unless these are hundreds: on a slow machine many mails wait
            few = self.read(caller, target, limit)
            if few is None:
                yield f"GET {target} does not end with {limit} of {len(at_once)} rows at a time"
            elif len(set(few)) < len(few):
                yield f"GET {target} shows a row twice"
            elif sorted(few) != sorted(at_once):
                yield f"GET {target} shows {len(few)} rows with {limit} at a time, and {len(at_once)} at once"


def paging_faults(stack, maker, unique, transport):
    try:
        return list(Lists(stack, maker, unique, transport).faults())
    except (RuntimeError, OSError, KeyError) as error:
        return [f"the lists could not be read: {error!r}"]
