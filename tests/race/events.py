"""Places at a release event, and its waiting list: 400 accounts for 100 places; one account 50 times; 100 places cancelled twice each with
50 accounts waiting; all of that while the shop raises the capacity; and 20 editors of one event.

What they guard against: a count read before others booked, a place that is freed twice or given twice to one account, an edit of a version
that its editor never saw. The twins lack the lock of the event's row and the constraints.
"""
import random

from clients import Crowd, ask, ask_all
from fixtures import people, shops
from people import new_token
from race import RaceTest, Twin, figures, must, must_be_answered, must_equal

PLACES = 100
CROWD = 400
TIMES = 50
LINE = 50
EDITORS = 20
EDITS = 5
STARTS = "2100-01-01T12:00:00Z"


def announce(stack, owner, places):
    body = {"title": "Event " + new_token()[:12], "starts_at": STARTS, "capacity": places}
    return ask(stack, "POST", f"/api/shops/{owner.shop_id}/events", owner.token, body)["event_id"]


def at(event, person, method="POST", **more):
    return {"method": method, "path": f"/api/events/{event}/booking", "token": person.token, **more}


def held(event):
    return f"select from market.event where event_id = {event} for update"


def of(stack, event):
    """Its counters, its rows by account: (ticket, status), and the ledger: (reason, account) in order."""
    counters = figures(stack, f"select capacity, booked, waiting, version from market.event where event_id = {event}")
    rows = {int(a): (int(t), s) for a, t, s in stack.rows(f"select account_id, ticket, status from market.booking where event_id = {event} order by ticket")}
    ledger = [(r, int(a)) for r, a in stack.rows(f"select reason, account_id from market.booking_entry where event_id = {event} order by entry_id")]
    return counters, rows, ledger


def must_add_up(counters, rows, ledger):
    """Counters equal rows and ledger; no place is free while an account waits; confirmed accounts came before waiting ones."""
    capacity, booked, waiting, _ = counters
    states = [status for _, status in rows.values()]
    must_equal("booked and waiting beside their rows", [booked, waiting], [states.count("confirmed"), states.count("waiting")])
    reasons = [reason for reason, _ in ledger]
    count = reasons.count
    must_equal("booked and waiting beside their ledger", [booked, waiting],
               [count("booked") + count("moved up") - count("cancelled"), count("queued") - count("moved up") - count("left")])
    must_equal("places taken", booked, min(capacity, len(rows)))
    must_equal("tickets", len({ticket for ticket, _ in rows.values()}), len(rows))
    must_equal("states in the order of arrival", states, ["confirmed"] * booked + ["waiting"] * waiting)


def must_be_in_order_of_arrival(answers, tickets):
    """A call answered before another one was sent has the lower ticket."""
    done = sorted((a.done_ms, tickets[i]) for i, a in enumerate(answers))
    last, seen = 0, 0
    for began, ticket in sorted((a.done_ms - a.latency_ms, tickets[i]) for i, a in enumerate(answers)):
        while done[seen][0] < began:
            last, seen = max(last, done[seen][1]), seen + 1
        must(ticket > last, "ticket", ticket, "after", last, "was answered")


def setup(stack):
    return shops(stack, 1, "host")[0], people(stack, CROWD, "guest")


def event_places(stack, world):
    owner, guests = world
    event = announce(stack, owner, PLACES)
    if random.random() < 0.5:
        answers = ask_all(stack, [at(event, p) for p in guests], held(event))
    else:  # sixty at a time, so that most are sent after others were answered
        answers = Crowd(stack, [at(event, p) for p in guests], flight=60).answers()

    must_be_answered(answers, {201: None})
    counters, rows, ledger = of(stack, event)
    confirmed = [p for p, a in zip(guests, answers) if a.json == {"status": "confirmed"}]
    positions = {p.account_id: a.json["position"] for p, a in zip(guests, answers) if a.json["status"] == "waiting"}
    must_equal("confirmed", len(confirmed), PLACES)
    must_equal("positions in line", sorted(positions.values()), list(range(1, CROWD - PLACES + 1)))
    must_equal("capacity, booked, waiting, version", counters, [PLACES, PLACES, CROWD - PLACES, 1])
    must_add_up(counters, rows, ledger)
    must_equal("who has a place", {a for a, (_, s) in rows.items() if s == "confirmed"}, {p.account_id for p in confirmed})
    must_equal("the line", [a for a, (_, s) in rows.items() if s == "waiting"], sorted(positions, key=positions.get))
    must_be_in_order_of_arrival(answers, [rows[p.account_id][0] for p in guests])
    seen = ask_all(stack, [at(event, p, "GET") for p in guests])
    must_equal("what each sees of it", [a.json for a in seen], [a.json for a in answers])


def event_once(stack, world):
    """One account, concurrently: without a key one place and refusals, with one key the same answer to all."""
    owner, guests = world
    person = random.choice(guests)
    event = announce(stack, owner, PLACES)
    answers = ask_all(stack, [at(event, person) for _ in range(TIMES)], held(event))
    must_be_answered(answers, {201: None, 409: "already_booked"})
    must_equal("places that one account was given", sum(a.status == 201 for a in answers), 1)
    counters, rows, ledger = of(stack, event)
    must_add_up(counters, rows, ledger)
    must_equal("bookings", len(rows), 1)

    event = announce(stack, owner, PLACES)
    key = "event-" + new_token()[:24]
    answers = ask_all(stack, [at(event, person, key=key) for _ in range(TIMES)], held(event))
    must_be_answered(answers, {201: None})
    replayed = [a for a in answers if any(name.lower() == "idempotency-replayed" for name in a.headers)]
    must_equal("answers that were replayed", len(replayed), TIMES - 1)
    must_equal("answers", [a.json for a in answers], [{"status": "confirmed"}] * TIMES)
    counters, rows, ledger = of(stack, event)
    must_add_up(counters, rows, ledger)
    must_equal("bookings under one key", len(rows), 1)


def event_cancels(stack, world):
    owner, guests = world
    guests = random.sample(guests, PLACES + LINE)
    event = announce(stack, owner, PLACES)
    must_be_answered(ask_all(stack, [at(event, p) for p in guests]), {201: None})
    _, before, _ = of(stack, event)
    line = [a for a, (_, s) in before.items() if s == "waiting"]
    inside = [p for p in guests if before[p.account_id][1] == "confirmed"]
    must_equal("in line", len(line), LINE)

    answers = ask_all(stack, [at(event, p, "DELETE") for p in inside for _ in range(2)], held(event))
    must_be_answered(answers, {204: None, 404: "not_found"})
    for first, second in zip(answers[::2], answers[1::2]):
        must_equal("a place given back twice", sorted([first.status, second.status]), [204, 404])
    counters, rows, ledger = of(stack, event)
    must_equal("who moved up, in order", [a for r, a in ledger if r == "moved up"], line)
    must_equal("who is in by now", list(rows), line)
    must_equal("capacity, booked, waiting, version", counters, [PLACES, LINE, 0, 1])
    must_add_up(counters, rows, ledger)
    must_equal("what they see", [a.json for a in ask_all(stack, [at(event, p, "GET") for p in guests if p.account_id in rows])],
               [{"status": "confirmed"}] * LINE)


def event_queue(stack, world):
    """Some accounts book, some cancel a place or leave the waiting list, and the shop raises the capacity, all at once; each account makes one call."""
    owner, guests = world
    guests = random.sample(guests, 200)
    event = announce(stack, owner, 40)
    there, come = guests[:100], guests[100:]
    must_be_answered(ask_all(stack, [at(event, p) for p in there]), {201: None})
    go = random.sample(there, 50)
    more = [{"method": "PATCH", "path": f"/api/events/{event}", "token": owner.token, "headers": {"If-Match": "*"}, "body": {"capacity": 40 + i}}
            for i in range(1, 11)]
    answers = ask_all(stack, [at(event, p) for p in come] + [at(event, p, "DELETE") for p in go] + more, held(event))
    must_be_answered(answers[:100], {201: None})
    must_be_answered(answers[100:150], {204: None})
    # a late edit may ask for fewer places than are booked by then
    must_be_answered(answers[150:], {200: None, 422: "invalid"})
    counters, rows, ledger = of(stack, event)
    must_equal("who is there", set(rows), {p.account_id for p in guests} - {p.account_id for p in go})
    must_equal("version", counters[3], 1 + sum(a.status == 200 for a in answers[150:]))
    must_add_up(counters, rows, ledger)
    moved = [rows[a][0] for r, a in ledger if r == "moved up" and a in rows]
    must_equal("who moved up, in order", moved, sorted(moved))


def event_edits(stack, world):
    """Several editors of the same version, while places are booked and cancelled."""
    owner, guests = world
    event = announce(stack, owner, PLACES)
    visitors = random.sample(guests, 20)
    for version in range(1, EDITS + 1):
        edits = [{"method": "PATCH", "path": f"/api/events/{event}", "token": owner.token, "headers": {"If-Match": f'"{version}"'},
                  "body": {"title": f"Edit {version} of {i}", "capacity": PLACES + version}} for i in range(EDITORS)]
        answers = ask_all(stack, edits + [at(event, p, "POST" if version % 2 else "DELETE") for p in visitors], held(event))
        visits = answers[EDITORS:]
        must_be_answered(visits, {201: None} if version % 2 else {204: None})
        answers = answers[:EDITORS]
        must_be_answered(answers, {200: None, 412: "stale"})
        winners = [i for i, a in enumerate(answers) if a.status == 200]
        must_equal("edits that won", len(winners), 1)
        won = answers[winners[0]]
        tag = next(value for name, value in won.headers.items() if name.lower() == "etag")
        must_equal("the winner's version, ETag and title", [won.json["version"], tag, won.json["title"]],
                   [version + 1, f'"{version + 1}"', f"Edit {version} of {winners[0]}"])
        must(all(a.json["version"] == version + 1 for a in answers if a.status == 412), "the answer to a stale edit has another version")
        must_equal("what stands", stack.rows(f"select title, version, capacity from market.event where event_id = {event}"),
                   [[f"Edit {version} of {winners[0]}", str(version + 1), str(PLACES + version)]])
    must_add_up(*of(stack, event))


NETS = ["market.booking.booking_ticket_once", "market.booking.booking_pkey", "market.event.event_booked", "market.event.event_waiting"]


def unprotected(*guards, file="booking.sql", frame=()):
    """frame: guards of the frame of batched functions."""
    return Twin({file: guards, "batch.sql": frame} if frame else {file: guards}, nets=NETS)


RACE_TESTS = [RaceTest("event_places", event_places, unprotected("places"), setup, few=True),
              RaceTest("event_once", event_once, unprotected("places", frame=["cart"]), setup),
              RaceTest("event_cancels", event_cancels, unprotected("cancelled_place"), setup, few=True),
              RaceTest("event_queue", event_queue, unprotected("places"), setup),
              RaceTest("event_edits", event_edits, unprotected("event", file="event.sql"), setup, few=True)]
