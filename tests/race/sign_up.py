"""64 sign-ups with one e-mail address, in mixed letter case, at once: one 201, 63 times 409 email_taken; the account has the winner's name and
password, and no other password opens it.

What it guards against: two calls both find the address free and both take it, or the second overwrites the first. Passwords are hashed a few at a
time, which spreads the calls: so in every other round the table is locked until several have arrived. The twin reads, then inserts, without
the UNIQUE constraint.
"""
import itertools
import random

from clients import Crowd, ask_all
from people import new_token
from race import RaceTest, Twin, figures, must, must_be_answered, must_equal

PEOPLE = 64
FORMS = 16
rounds = itertools.count()


def mixed(text):
    return "".join(random.choice([c.upper(), c.lower()]) for c in text)


def sign_up(stack, _):
    email = f"sign-up.{new_token()[:16]}@example.com".lower()
    answers = ask_all(stack, [
        {"path": "/api/accounts", "body": {"name": f"Person {i}", "email": mixed(email), "password": f"the password of {i}"}}
        for i in range(PEOPLE)],
        held="lock table market.account in share row exclusive mode" if next(rounds) % 2 == 0 else None)

    winners = [i for i, a in enumerate(answers) if a.status == 201]
    must_be_answered(answers, {201: None, 409: "email_taken"})
    must_equal("sign-ups that won", len(winners), 1)
    winner = winners[0]
    account = answers[winner].json["account"]
    must_equal("the name answered", account["name"], f"Person {winner}")
    must("Set-Cookie" in answers[winner].headers, "the winner got no cookie")
    must(not any("Set-Cookie" in a.headers for i, a in enumerate(answers) if i != winner), "a loser got a cookie")
    have = stack.rows("select account_id, name, (select count(*) from market.cart c where c.account_id = a.account_id),"
                      " (select count(*) from market.session s where s.account_id = a.account_id)"
                      f" from market.account a where lower(email) = '{email}'")
    must_equal("accounts with this e-mail, each with carts and sessions", have,
               [[str(account["account_id"]), f"Person {winner}", "1", "1"]])

    loser = random.choice([i for i in range(PEOPLE) if i != winner])
    right, wrong, me = Crowd(stack, [
        {"path": "/api/sessions", "body": {"email": email, "password": f"the password of {winner}"}},
        {"path": "/api/sessions", "body": {"email": email, "password": f"the password of {loser}"}},
        {"method": "GET", "path": "/api/account", "token": answers[winner].json["token"]}]).answers()
    must_be_answered([right], {201: None})
    must_equal("the account that the winner's password opens", right.json["account"]["account_id"], account["account_id"])
    must_be_answered([wrong], {401: "wrong_password"})
    must_be_answered([me], {200: None})
    must_equal("the account of the winner's token", me.json["account_id"], account["account_id"])
    must_equal("sessions", figures(stack, f"select count(*) from market.session where account_id = {account['account_id']}"), [2])


def sign_up_form(stack, _):
    """One form of sign-up, sent 16 times at once, as an impatient person does: one account, and every answer has a session of it."""
    email, key = f"form.{new_token()[:16]}@example.com".lower(), new_token()
    form = f"idempotency_key={key}&name=Form&email={email.replace('@', '%40')}&password=correct+horse+battery"
    answers = ask_all(stack, [{"path": "/api/accounts", "form": form} for _ in range(FORMS)],
                      held="lock table market.account in share row exclusive mode" if next(rounds) % 2 == 0 else None)

    must_be_answered(answers, {201: None})
    ids = {a.json["account"]["account_id"] for a in answers}
    must_equal("accounts of one form", len(ids), 1)
    must("Set-Cookie" in answers[0].headers and len({a.json["token"] for a in answers}) == FORMS, "sessions are shared, or have no cookie")
    must_equal("answers that are not the first one", sum("Idempotency-Replayed" in a.headers for a in answers), FORMS - 1)
    mine = Crowd(stack, [{"method": "GET", "path": "/api/account", "token": a.json["token"]} for a in answers]).answers()
    must_equal("the accounts of the sessions", {a.json.get("account_id") for a in mine}, ids)
    must_equal("accounts with this e-mail", figures(stack, f"select count(*) from market.account where lower(email) = '{email}'"), [1])


def twin():
    return Twin({"account.sql": ["email"]}, nets=["market.account.account_email_taken"], stays=True)


RACE_TESTS = [RaceTest("sign_up", sign_up, twin=twin()), RaceTest("sign_up_form", sign_up_form, twin=twin())]
