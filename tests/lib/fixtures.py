"""Accounts, shops, listings and sales for tests, created in bulk, and the requests that buy."""
from clients import ask
from people import accounts_sql, new_token


class Person:
    def __init__(self, account_id, token, email):
        self.account_id, self.token, self.email = account_id, token, email
        self.shop_id = None


def people(stack, count, label):
    """Accounts with sessions, inserted in one statement, so that no password is hashed."""
    unique = new_token()[:12].lower()
    rows = [(f"{label} {i}", f"{label}.{i}.{unique}@example.com", new_token()) for i in range(count)]
    ids = stack.psql(accounts_sql(rows)).split("\n")
    return [Person(int(i), token, email) for i, (_, email, token) in zip(ids, rows)]


def shops(stack, count, label):
    """Accounts with a shop each."""
    owners = people(stack, count, label)
    unique = new_token()[:12].lower()
    values = ",".join(f"({p.account_id}, 'Shop {unique} {i}', clock_timestamp())" for i, p in enumerate(owners))
    made = stack.rows(f"with made as (insert into market.shop (account_id, name, created_at) values {values}"
                      " returning shop_id, account_id), owed as (insert into market.balance (shop_id)"
                      " select shop_id from made) select account_id, shop_id from made")
    by_account = {int(a): int(s) for a, s in made}
    for p in owners:
        p.shop_id = by_account[p.account_id]
    return owners


def list_pair(stack, owner, price_cents, quantity, **more):
    body = {"brand": "Race " + new_token()[:12], "style": "Gale", "color": "grey", "size": 9.5, "condition": "new",
            "audience": "unisex", "price_cents": price_cents, "quantity": quantity, **more}
    return ask(stack, "POST", f"/api/shops/{owner.shop_id}/listings", owner.token, body)["listing_id"]


def start_sale(stack, owner, discounts, percent_off, **more):
    body = {"discounts": discounts, "percent_off": percent_off, **more}
    return ask(stack, "POST", f"/api/shops/{owner.shop_id}/sales", owner.token, body)["sale_id"]


def checkout(person, items, key=None, **more):
    """The request by which a person buys items, [(listing_id, quantity)], or the cart if None."""
    body = dict(more)
    if items is not None:
        body["items"] = [{"listing_id": i, "quantity": q} for i, q in items]
    return {"path": "/api/checkout", "token": person.token, "key": key or "race-" + new_token()[:24], "body": body}


def lines(order):
    return [line for shipment in order["shipments"] for line in shipment["lines"]]
