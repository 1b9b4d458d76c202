"""The preludes of .case files ("use ..."): accounts, shops, listings, cheaply. An account is written straight into the
database, so that no password has to be hashed for it; all of them have the PASSWORD below.

    use account ann [admin]            {{ann}} her token, {{ann_id}} {{ann_name}} {{ann_email}}
    use shop bob                       an account with a shop: {{bob_shop}} {{bob_shop_name}} too
    use verified_shop bob              the same, its shop verified
    use listing bob [AS] [field=value ...]   bob's shop lists a pair: {{AS}} (bob_listing, if left out), {{AS_shoe}}
    use sale bob [field=value ...]     a flash sale in bob's shop: {{bob_sale}}
    use order ann AS listing [quantity]      ann buys it: {{AS}} the order, {{AS_shipment}} its shipment
    use browser ann                    {{ann_cookie}}: her token as the cookie a browser would send
A field's value may hold {{variables}}; "_" in it stands for a blank.
"""
import base64
import hashlib
import json
import os

PASSWORD = "correct horse battery"


def new_token():
    return base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()


def digest(token):
    return hashlib.blake2b(token.encode(), digest_size=32).hexdigest()


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def accounts_sql(people, password_hash="x"):
    """SQL that makes accounts with their carts and sessions, all in one; people: (name, email, token) each.
    It gives their ids, in order."""
    values = ",".join(f"({i},{quoted(n)},{quoted(e)},'\\x{digest(t)}'::bytea)" for i, (n, e, t) in enumerate(people))
    return f"""with people(i, name, email, digest) as (values {values}),
        made as (insert into market.account (name, email, password_hash, created_at)
            select name, email, {quoted(password_hash)}, clock_timestamp() from people order by i returning account_id, email),
        carts as (insert into market.cart (account_id) select account_id from made),
        sessions as (insert into market.session (session_digest, account_id, created_at, expires_at)
            select digest, account_id, clock_timestamp(), clock_timestamp() + interval '1 day' from people join made using (email))
        select account_id from people join made using (email) order by i"""


class People:
    """Makes what preludes ask for; fills the case's variables."""

    def __init__(self, stack, password_hash):
        self.stack, self.password_hash = stack, password_hash

    def run(self, way, words, variables):
        kind, who, *rest = words
        getattr(self, "use_" + kind)(way, variables, who, rest)

    @staticmethod
    def ask(way, variables, who, target, body, key=None):
        heads = [("Authorization", "Bearer " + variables[who]), ("Content-Type", "application/json")]
        if key:
            heads.append(("Idempotency-Key", key))
        a = way.ask("POST", "/api" + target, heads, json.dumps(body).encode(), {})
        if a.status != 201:
            raise RuntimeError(f"prelude: POST {target} {body}: {a.status} {a.body.decode(errors='replace')}")
        return json.loads(a.body)

    @staticmethod
    def fields(rest, variables, defaults):
        for word in rest:
            name, _, value = word.partition("=")
            for known, what in variables.items():
                value = value.replace("{{" + known + "}}", str(what))
            value = value.replace("_", " ")
            defaults[name] = json.loads(value) if isinstance(defaults.get(name), (int, float)) else value
        return defaults

    def use_account(self, way, variables, who, rest):
        unique = variables["unique"]
        token, name, email = new_token(), f"{who} {unique}", f"{who}.{unique}@example.com"
        made = self.stack.psql(accounts_sql([(name, email, token)], self.password_hash))
        variables.update({who: token, who + "_id": int(made), who + "_name": name, who + "_email": email})
        if "admin" in rest:
            self.stack.psql(f"update market.account set role = 'admin' where account_id = {int(made)}")

    def use_shop(self, way, variables, who, rest):
        self.use_account(way, variables, who, [])
        name = f"Shop {who} {variables['unique']}"
        made = self.ask(way, variables, who, "/shops", {"name": name})
        variables.update({who + "_shop": made["shop_id"], who + "_shop_name": name})

    def use_verified_shop(self, way, variables, who, rest):
        self.use_shop(way, variables, who, rest)
        shop_id = variables[who + "_shop"]
        self.stack.psql("insert into market.verification (shop_id, status, requested_at, decided_at)"
                        f" values ({shop_id}, 'verified', clock_timestamp(), clock_timestamp());"
                        f"update market.shop set verified = true where shop_id = {shop_id}")

    def use_listing(self, way, variables, who, rest):
        name = rest.pop(0) if rest and "=" not in rest[0] else who + "_listing"
        body = self.fields(rest, variables, {
            "brand": "Brand " + variables["unique"], "style": "Court Classic", "color": "white", "size": 9.5,
            "condition": "new", "audience": "men", "price_cents": 10000, "quantity": 10})
        made = self.ask(way, variables, who, f"/shops/{variables[who + '_shop']}/listings", body)
        variables.update({name: made["listing_id"], name + "_shoe": made["shoe_id"], name + "_brand": body["brand"]})

    def use_sale(self, way, variables, who, rest):
        body = self.fields(rest, variables, {"discounts": 10, "percent_off": 20})
        made = self.ask(way, variables, who, f"/shops/{variables[who + '_shop']}/sales", body)
        variables[who + "_sale"] = made["sale_id"]

    def use_order(self, way, variables, who, rest):
        name, listing, quantity = rest[0], variables[rest[1]], int(rest[2]) if len(rest) > 2 else 1
        made = self.ask(way, variables, who, "/checkout", {"items": [{"listing_id": listing, "quantity": quantity}]},
                        key="prelude-" + new_token()[:20])
        variables.update({name: made["order_id"], name + "_shipment": made["shipments"][0]["shipment_id"]})

    def use_browser(self, way, variables, who, rest):
        variables[who + "_cookie"] = "shoetopia_session=" + variables[who]
