"""Each form of every plain page, pressed twice: twice_faults() follows the links of the plain pages as the persons of a small marketplace, and sends
each form that it meets

    twice with the same body, as a double click does: both are answered 303 to the same page, which is there, and
    once more with another key, as from a second tab: where it asks for what is so already, 303 again, by the database's state alone.

It tells what is answered otherwise, and the routes with a form that no page had. Forms that take away what other forms need come last.
"""
import html.parser
import json
import re
import urllib.parse

import people
import rights
from pictures import add_photos

PAGES = ("/listings", "/listings/{listing_id}", "/shoes/{shoe_id}", "/events", "/events/{event_id}", "/cart", "/reservations", "/wishlist", "/friends",
         "/friends?status=asks", "/friends?status=asked", "/friends/suggestions", "/recommendations", "/orders/{order_id}", "/appointments", "/account",
         "/sessions", "/shops/{shop_id}", "/shops/{shop_id}/listings", "/shops/{shop_id}/slots", "/shops/{shop_id}/sale", "/shops/{shop_id}/reviews",
         "/shops/{shop_id}/shipments?status=pending", "/shops/{shop_id}/verification", "/admin/verifications", "/password-resets")
# Such a form asks for something new each time that it has a new key, or for what only the first one could do.
NOT_A_STATE = {"checkout", "create_event", "create_listing", "adjust_stock", "change_password", "create_account"}
OF_GUESTS = {"create_account", "create_session"}  # what guests are shown besides leads there: guest.case
# The last ones, in this order: they take away what other forms need.
LAST = ["cancel_order", "change_shipment", "end_sale", "cancel_booking", "call_off_event", "withdraw_slot", "cancel_appointment", "cancel_reservation", "drop_wish", "remove_cart_item", "drop_friend",
        "withdraw_friend_request", "change_email", "change_password", "delete_photo", "suspend_listing", "suspend_shop", "withdraw_listing", "end_account_session", "end_other_sessions", "end_session"]
# Forms with a token or a file, and the one after which nothing is left: token.case, photos.py, listing_file.case and account_end.case press them twice.
ELSEWHERE = {"confirm_email", "reset_password", "delete_account", "request_payout", "decide_payout", "refund_shipment", "retry_outbox", "pay_order", "take_payment_event", "decide_payment", "add_photo",
             "import_listings"}
# What a person types, by the names of the controls; {NAME}: of the world. What a page has filled in is left as it is.
TYPED = {"name": "Somebody", "title": "An event", "starts_at": "2099-05-05T10:00", "ends_at": "2099-05-05T10:30", "capacity": "5", "station": "Desk",
         "quantity": "1", "brand": "Brand", "style": "Style", "color": "white", "size": "9", "condition": "new", "audience": "men", "price": "12.50",
         "price_cents": "1250", "delta": "3", "discounts": "4", "percent_off": "20", "status": "shipped", "tier": "1", "verified": "true", "suspended": "true", "rating": "4",
         "line1": "1 Main St", "city": "Austin", "postcode": "73301", "country": "US", "purchases": "true", "email": "{friend_email}",
         "new_email": "changed.{unique}@example.com", "password": people.PASSWORD, "new_password": people.PASSWORD + " 2", "shoe_ids": "{shoe_id}",
         "delivery": "pickup", "listing_ids": "{listing_id}"}
# The same, of one form.
OF_FORM = {"decide_verification": {"reason": "The papers are in order."}, "suspend_shop": {"reason": "It sold copies."}, "suspend_listing": {"reason": "A copy."},
           "create_account": {"email": "new.person.{unique}@example.com"}, "create_session": {"email": "{buyer_email}"}}


class Forms(html.parser.HTMLParser):
    """The forms of a page that are sent by POST: (action, pairs), with what the page has filled in and what a person has to type."""

    def __init__(self, page, typed):
        super().__init__()
        self.forms, self.pairs, self.select, self.typed = [], None, None, typed
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        if tag == "form":
            self.pairs = [] if a.get("method") == "post" else None
            if self.pairs is not None:
                self.forms.append((a["action"], self.pairs))
        elif self.pairs is None:
            return
        elif tag == "option":
            if self.select and ("selected" in a or self.select[1] is None):
                self.select[1] = a["value"]
        elif tag == "select":
            self.select = [a["name"], None, "required" in a]
        elif tag in ("input", "textarea"):
            value = a.get("value") or (self.typed.get(a["name"], "") if "required" in a else "")
            self.pairs.append((a["name"], value))

    def handle_endtag(self, tag):
        if tag == "select" and self.select:
            name, value, required = self.select
            self.pairs.append((name, value or (self.typed[name] if required else "")))
            self.select = None
        elif tag == "form":
            self.pairs = None


class World:
    """A marketplace with something for each form, and its persons."""

    def __init__(self, stack, maker, unique, transport):
        self.stack, self.transport = stack, transport
        v = self.v = {"unique": unique}
        for words in (["shop", "owner"], ["account", "buyer"], ["account", "admin", "admin"], ["account", "friend"], ["account", "other"], ["account", "new"],
                      ["listing", "owner"], ["listing", "owner", "second", "style=Other"], ["order", "buyer", "sent", "owner_listing"],
                      ["order", "buyer", "order", "second"]):
            maker.run(transport, list(words), v)
        shop = f"/shops/{v['owner_shop']}"
        event = people.People.ask(transport, v, "owner", f"{shop}/events", {"title": "E", "starts_at": "2098-01-01T10:00:00Z", "capacity": 5})
        slot = people.People.ask(transport, v, "owner", f"{shop}/slots",
                                 {"station": "Chair", "starts_at": "2098-01-01T10:00:00Z", "ends_at": "2098-01-01T10:30:00Z"})
        v.update(listing_id=v["owner_listing"], shoe_id=v["owner_listing_shoe"], shop_id=v["owner_shop"], event_id=event["event_id"],
                 slot_id=slot["slot_id"], order_id=v["sent"])
        for who, email in (("buyer", "other_email"), ("friend", "buyer_email")):
            people.People.ask(transport, v, who, "/friends", {"email": v[email]})
        people.People.ask(transport, v, "owner", f"{shop}/verification", {})
        self.add_wishes()
        add_photos(stack, v["owner_listing"], 2)
        self.typed = {name: text.format(**v) for name, text in TYPED.items()}
        tokens = [v["buyer"], *(people.new_token() for _ in range(2))]
        stack.psql("".join("insert into market.session (session_digest, account_id, created_at, expires_at) values"
                           f" ('\\x{people.digest(t)}', {v['buyer_id']}, clock_timestamp(), clock_timestamp() + interval '1 day');" for t in tokens[1:]))

    def add_wishes(self):
        """A friend of the buyer wishes for a shoe that the buyer has not, and has a friend that the buyer has not."""
        low, high = sorted((self.v["other_id"], self.v["new_id"]))
        self.stack.psql("insert into market.friendship (low_account_id, high_account_id, low_asked_at, high_asked_at)"
                        f" values ({low}, {high}, clock_timestamp(), clock_timestamp())")

    def ask(self, method, path, cookie, body=None):
        heads = [("Accept", "text/html"), ("Origin", f"http://127.0.0.1:{self.transport.port}")]
        heads += [("Cookie", cookie)] if cookie else []
        heads += [("Content-Type", "application/x-www-form-urlencoded")] if body is not None else []
        return self.transport.ask(method, path, heads, None if body is None else urllib.parse.urlencode(body).encode(), {})

    def pages(self):
        for page in PAGES:
            yield "/api" + page.format(**self.v)


def routes_with_patterns(routes):
    """(method, expression of the path, name, path) of each write."""
    return [(m, re.compile(re.sub(r"\{\w+\}", r"(\\d+)", path) + "$"), name) for m, path, _, name in routes if m != "GET"]


class Walk:
    def __init__(self, world, routes):
        self.world, self.routes = world, routes_with_patterns(routes)
        self.pressed = set()
        self.faults = []

    def name_of(self, action, pairs):
        method = dict(pairs).get("_method", "POST")
        return next((name for m, path, name in self.routes if m == method and path.match(action)), None)

    def walk(self, who, wanted):
        """Presses the forms of these names (None: all but the LAST) that this person is served."""
        cookie = "shoetopia_session=" + self.world.v[who] if who else None
        for page in self.world.pages():
            served = self.world.ask("GET", page, cookie)
            for action, pairs in Forms(served.body.decode(), self.world.typed).forms:
                name = self.name_of(action, pairs)
                if name is None:
                    self.faults.append(f"{page}: a form is sent to {action}, which is no route")
                elif name not in self.pressed | ELSEWHERE and (name == wanted if wanted else name in OF_GUESTS if who is None else name not in LAST):
                    self.press(page, name, action, pairs, cookie)

    def press(self, page, name, action, pairs, cookie):
        self.pressed.add(name)
        typed = {n: text.format(**self.world.v) for n, text in OF_FORM.get(name, {}).items()}
        pairs = [(n, typed.get(n, v)) for n, v in pairs]
        first = self.world.ask("POST", action, cookie, pairs)
        second = self.world.ask("POST", action, cookie, pairs)
        for nth, answer in (("first", first), ("second", second)):
            if answer.status != 303 or answer.header("Location") != first.header("Location"):
                self.faults.append(f"{name} on {page}, pressed twice: the {nth} is answered {answer.status}"
                                   f" {answer.header('Location')}\n    {pairs}\n    {problem_of(answer)}")
                return
        now = first.header("Set-Cookie").partition(";")[0] if name in ("create_account", "create_session") else cookie
        shown = self.world.ask("GET", first.header("Location"), now)
        if shown.status != 200:
            self.faults.append(f"{name} on {page}: its result's page {first.header('Location')} is answered {shown.status}")
        if name not in NOT_A_STATE:
            other = [(n, people.new_token() if n == "idempotency_key" else v) for n, v in pairs if n != "version"]
            other += [(n, v) for n, v in pairs if n == "version"]
            third = self.world.ask("POST", action, cookie, other)
            if third.status != 303:
                self.faults.append(f"{name} on {page}, with another key: {third.status}\n    {other}\n    {problem_of(third)}")


def problem_of(answer):
    """The sentences of a page of a problem."""
    return " ".join(re.findall(r'class="(?:problem|error)"[^>]*>([^<]*)<', answer.body.decode()))


def twice_faults(stack, maker, unique, transport):
    """What is wrong, and the forms that no page had."""
    try:
        walk = Walk(World(stack, maker, unique, transport), rights.all_routes(stack))
        for who in (None, "buyer", "owner", "admin", "new"):
            walk.walk(who, None)
        for name in LAST:
            for who in ("owner", "buyer", "friend", *(["admin"] if name.startswith("suspend_") else [])):
                walk.walk(who, name)
        missing = {name for _, _, name in walk.routes} - walk.pressed - ELSEWHERE - {"put_wishlist"}
        return walk.faults + [f"no page has a form of {name}" for name in sorted(missing)]
    except (RuntimeError, OSError, KeyError, json.JSONDecodeError) as error:
        return [f"the forms could not be pressed: {error!r}"]
