"""Who may call each guarded route, for everyone who may come: rights_faults() asks every route of `--routes` that is for members, owners or admins

    without a token, with a made-up one of the right form, with one whose session has ended,
    as a member, as the owner of another shop, as the owner, and as an admin,

each with a request that is correct otherwise (and that of an admin adds a line to the log of privileged acts, if it writes), and tells the cells that are not as the route's row says: 401 `unauthenticated`, 403 `forbidden`, or past
the rights: a success, or a refusal with another code (what is asked for may be gone by then).
"""
import json
import subprocess

import people
from pictures import add_photos, png

CALLERS = ("member", "other", "owner", "admin")  # with a session
STRANGERS = ("no token", "a made-up token", "an ended session")
MAY = {"member": set(CALLERS), "owner": {"owner"}, "admin": {"admin"}}
MAY_TOO = {("verification", "admin")}  # an admin decides by it
# `forbidden` for another reason than the rights, by its sentence.
OTHER_REASONS = ("Only who bought in this shop", "One does not")

ADDRESS = {"name": "A", "line1": "B", "city": "C", "postcode": "D", "country": "US"}
SHOE = {"brand": "Brand", "style": "Style", "color": "white", "size": 9, "condition": "new", "audience": "men", "price_cents": 1000, "quantity": 1}
# The body of a correct request, where a route takes one. {NAME}: an id of the same name as in paths.
BODIES = {
    "create_event": {"title": "Event", "starts_at": "2100-01-01T10:00:00Z", "capacity": 5},
    "change_event": {"title": "Other"},
    "put_cart_item": {"quantity": 1},
    "add_cart_item": {"listing_id": "{listing_id}", "quantity": 1},
    "checkout": {"items": [{"listing_id": "{listing_id}", "quantity": 1}]},
    "create_slot": {"station": "Chair", "starts_at": "2099-01-01T10:00:00Z", "ends_at": "2099-01-01T10:30:00Z"},
    "put_wishlist": {"shoe_ids": ["{shoe_id}"]},
    "ask_friend": {"email": "{email}"},
    "withdraw_friend_request": {"email": "{email}"},
    "create_reservation": {"listing_ids": ["{listing_id}"]},
    "put_address": ADDRESS,
    "put_sharing": {"purchases": True},
    "change_password": {"password": "not this one", "new_password": "another password"},
    "change_email": {"password": "not this one", "new_email": "other@example.com"},
    "delete_account": {"password": "not this one"},
    "create_shop": {"name": "Shop {unique}"},
    "create_listing": SHOE,
    "change_listing": {"price_cents": 2000},
    "adjust_stock": {"delta": 1},
    "start_flash_sale": {"discounts": 2, "percent_off": 10},
    "change_shipment": {"status": "shipped"},
    "put_profile": {"shipping_cents": 500, "pickup_address": "1 High Street"},
    "promote_shop": {"tier": 1},
    "refund_shipment": {"reason": "Never sent"},
    "request_payout": {"amount_cents": 1},
    "decide_payout": {"status": "refused", "note": "No such bank account"},
    "decide_verification": {"verified": True, "reason": "Known from before"},
    "suspend_shop": {"suspended": True, "reason": "It sold copies"},
    "suspend_listing": {"suspended": True, "reason": "It is a copy"},
    "decide_payment": {"action": "settle"},
    "put_review": {"rating": 5},
}


# Refused while payments are off.
OF_PAYMENTS = {"refund_shipment", "decide_payment"}


def all_routes(stack):
    """(method, path, who, name) of each route of the API."""
    listed = subprocess.run([stack.program(), "--routes"], capture_output=True, text=True, check=True).stdout
    return [line.split() for line in listed.splitlines() if " /api/" in line]


def guarded_routes(stack):
    """Those that are not for anyone."""
    return [route for route in all_routes(stack) if route[2] not in ("anyone", "operator")]


def filled(data, ids):
    """`data` with its {NAME}s replaced; one that is all of a text becomes the number itself."""
    if isinstance(data, dict):
        return {key: filled(value, ids) for key, value in data.items()}
    if isinstance(data, list):
        return [filled(value, ids) for value in data]
    if not isinstance(data, str) or "{" not in data:
        return data
    whole = ids.get(data[1:-1])
    return whole if whole is not None else data.format(**ids)


class Table:
    """The routes by the callers, through one transport, in a shop of its own."""

    def __init__(self, stack, maker, unique, transport):
        self.stack, self.transport = stack, transport
        v = {"unique": unique}
        for words in (["shop", "owner"], ["shop", "other"], ["account", "member"], ["account", "admin", "admin"], ["account", "friend"],
                      ["listing", "owner"], ["order", "member", "order", "owner_listing"]):
            maker.run(transport, list(words), v)
        event = self.make(v, f"/shops/{v['owner_shop']}/events", BODIES["create_event"])
        slot = self.make(v, f"/shops/{v['owner_shop']}/slots", BODIES["create_slot"] | {"station": "Desk"})
        outbox_id = int(stack.psql("insert into market.outbox (kind, subject, body, key, next_at, created_at)"
                                   f" values ('expire', 'rights {unique}', '', market.random_key(), 'infinity', now()) returning outbox_id"))
        payout_id = int(stack.psql("insert into market.payout (shop_id, amount_cents, requested_at)"
                                   f" values ({v['owner_shop']}, 1, now()) returning payout_id"))
        stack.psql("insert into market.money_entry (account, shop_id, payout_id, amount_cents, reason, at)"
                   f" values ('shop', {v['owner_shop']}, {payout_id}, -1, 'payout', now()), ('payout', {v['owner_shop']}, {payout_id}, 1, 'payout', now())")
        photo_id, = add_photos(stack, v["owner_listing"])
        self.accounts = {caller: v[caller + "_id"] for caller in CALLERS}
        self.ids = {"shop_id": v["owner_shop"], "listing_id": v["owner_listing"], "shoe_id": v["owner_listing_shoe"], "order_id": v["order"],
                    "shipment_id": v["order_shipment"], "event_id": event["event_id"], "slot_id": slot["slot_id"], "reservation_id": 1,
                    "account_id": v["friend_id"], "session_id": 1, "outbox_id": outbox_id, "payout_id": payout_id, "photo_id": photo_id, "email": v["friend_email"], "unique": unique}

    def make(self, v, target, body):
        return people.People.ask(self.transport, v, "owner", target, body)

    def sessions(self, n):
        """n tokens of each caller, and n of sessions that have ended: a request may end its session."""
        tokens = {caller: [people.new_token() for _ in range(n)] for caller in (*CALLERS, "an ended session")}
        rows = [f"('\\x{people.digest(token)}'::bytea, {self.accounts.get(caller, self.accounts['admin'])}, {'1' if caller in CALLERS else '-1'})"
                for caller, made in tokens.items() for token in made]
        self.stack.psql("insert into market.session (session_digest, account_id, created_at, expires_at)"
                        " select digest, account_id, clock_timestamp() - interval '2 hours', clock_timestamp() + hours * interval '1 hour'"
                        f" from (values {', '.join(rows)}) as s(digest, account_id, hours)")
        return tokens

    def ask(self, method, path, name, token):
        heads = [("Content-Type", "application/json"), ("If-Match", "*")] + ([("Authorization", "Bearer " + token)] if token else [])
        if name == "checkout":
            heads.append(("Idempotency-Key", people.new_token()))
        body = json.dumps(filled(BODIES[name], self.ids)).encode() if name in BODIES else None
        if name == "add_photo":
            heads[0], body = ("Content-Type", "image/png"), png()
        if name == "order_photos":
            body = self.stack.psql(f"select json_build_object('photo_ids', coalesce(json_agg(photo_id), '[]')) from market.photo where listing_id = {self.ids['listing_id']}").encode()
        if name == "import_listings":
            heads[0], body = ("Content-Type", "text/csv"), (",".join(SHOE) + "\n" + ",".join(str(value) for value in SHOE.values())).encode()
        return self.transport.ask(method, path.format(**self.ids), heads, body, {})

    def cell_fault(self, route, caller, token):
        """What is wrong with the answer in one cell; None: nothing."""
        _, _, who, name = route
        answer = self.ask(*route[:2], name, token)
        problem = json.loads(answer.body) if answer.status >= 400 and answer.body else {}
        have = (answer.status, problem.get("code"))
        if caller in STRANGERS:
            return None if have == (401, "unauthenticated") else f"answers {have}, not 401 unauthenticated"
        is_denied = have == (403, "forbidden") and not problem.get("detail", "").startswith(OTHER_REASONS)
        if caller in MAY[who] or (name, caller) in MAY_TOO:
            bad = is_denied or have[0] >= 500 or have[1] in ("unauthenticated", "invalid", "method_not_allowed")
            return f"answers {have}, and may call it" if bad else None
        return None if is_denied else f"answers {have}, not 403 forbidden"

    def acts(self):
        return int(self.stack.psql("select count(*) from market.act"))

    def faults(self):
        routes = guarded_routes(self.stack)
        assert len(routes) > 40, routes
        routes.sort(key=lambda route: ("withdraw_listing", "end_other_sessions").index(route[3]) if route[3] in ("withdraw_listing", "end_other_sessions") else -1)  # last: they end what others need
        tokens = self.sessions(len(routes))
        for n, route in enumerate(routes):
            cells = [("no token", None), ("a made-up token", people.new_token())]
            cells += [(caller, tokens[caller][n]) for caller in ("an ended session", "member", "other", "admin", "owner")]
            for caller, token in cells:
                acts = self.acts() if route[0] != "GET" and (caller, route[2]) == ("admin", "admin") and route[3] not in OF_PAYMENTS else None
                wrong = self.cell_fault(route, caller, token)
                if acts is not None and self.acts() <= acts:
                    yield f"{route[0]} {route[1]} as admin adds no line to the log of acts"
                if wrong:
                    yield f"{route[0]} {route[1]} ({route[2]}) as {caller} {wrong}"


def rights_faults(stack, maker, unique, transport):
    """The cells that are not as the table says."""
    try:
        return list(Table(stack, maker, unique, transport).faults())
    except (RuntimeError, OSError, KeyError) as error:
        return [f"the table could not be asked: {error!r}"]
