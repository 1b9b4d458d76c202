"""64 wrong passwords for one account at once, and 64 for an e-mail that no account has: of each, 10 are checked (401), and 54 are refused (429) with
Retry-After. Then 8 right passwords of another account at once: all sign in, and none counts.

What it guards against: attempts that are counted after their password was checked, or by a count that others have not committed yet. The twin does not look
at the count.
"""
from clients import ask, ask_all
from people import new_token
from race import RaceTest, Twin, figures, must, must_be_answered, must_equal

TRIES, FAILURES_MAX, RIGHT = 64, 10, 8


def sign_ups(stack):
    """Two accounts, by the program, so that they have a password."""
    emails = [f"throttle.{new_token()[:16]}@example.com".lower() for _ in range(2)]
    for email in emails:
        ask(stack, "POST", "/api/accounts", body={"name": "Throttled", "email": email, "password": f"the password of {email}"})
    return emails


def attempt(email, password):
    return {"path": "/api/sessions", "body": {"email": email, "password": password}}


def throttle(stack, _):
    guessed, other = sign_ups(stack)
    for email in (guessed, f"unknown.{new_token()[:16]}@example.com".lower()):
        answers = ask_all(stack, [attempt(email, f"guess {i}") for i in range(TRIES)])
        must_be_answered(answers, {401: "wrong_password", 429: "too_many_requests"})
        must_equal("guesses that were checked", sum(a.status == 401 for a in answers), FAILURES_MAX)
        must(all(int(a.headers["Retry-After"]) >= 30 for a in answers if a.status == 429), "a wait of less than the first block")
    must_be_answered(ask_all(stack, [attempt(guessed, f"the password of {guessed}")]), {429: "too_many_requests"})
    must_be_answered(ask_all(stack, [attempt(other, f"the password of {other}") for _ in range(RIGHT)]), {201: None})
    must_equal("failures of the account that had none",
               figures(stack, "select coalesce(sum(cardinality(failed_at)), 0) from market.throttle"
                               f" where throttle_key = api.throttle_account_key('{other}')"), [0])


RACE_TESTS = [RaceTest("throttle", throttle, twin=Twin({"throttle.sql": ["failures"]}))]
