"""Appointment slots that many clients book at the same time.

    slot_to_and_fro    8 accounts book and cancel one slot concurrently, several times each: bookings acknowledged equal cancellations acknowledged,
                       plus one if the slot is booked in the end
    slot_dead_worker   the holder of the slot's lock is killed in the middle of the booking: alternately the program (kill -9) and its backend
                       (PostgreSQL then ends all others and recovers). Clients that wait get the slot within a second of the
                       program's death, or of the end of recovery
    one_slot           alternately 10 and 100 clients book one slot: one 201, every other 409 slot_taken
    fifty_slots        50 slots, each booked by 20 clients: 50 times 201
    slot_intervals     2,000 random intervals are offered at 5 stations, in any letter case: no two accepted ones overlap, and each
                       refused one overlaps an accepted one

What they guard against: two calls both find a slot free and both book it. The twins have no lock and no constraint; the twin of the first test lacks
only the lock. The twin of slot_dead_worker does not detect that its client is gone, and waits long for locks.
"""
import itertools
import os
import random
import signal
import subprocess
import time
from datetime import datetime, timedelta, timezone

import race
from clients import Crowd, Holder, ask_all, until, waiting
from fixtures import people, shops
from people import new_token
from race import RaceTest, Twin, figures, must, must_be_answered, must_equal
from stack import StackError

CLIENTS = 100
SLOTS, EACH = 50, 20
INTERVALS, STATIONS, DAYS = 2000, 5, 7
TO_AND_FRO, TIMES = 8, 6
RIVALS = 12
A_SECOND = 1.0
PATIENCE = 60
SLOT_LOCKS = 2  # the namespace of the locks of slots; see schema/functions/appointment.sql
DAY = datetime(2090, 1, 1, tzinfo=timezone.utc)

rounds = itertools.count()
periods = itertools.count(10)  # after the days of slot_intervals


class World:
    def __init__(self, stack):
        self.people = people(stack, CLIENTS, "slot")
        self.shop = shops(stack, 1, "slot.seller")[0]


def offer(shop, station, starts_at, minutes):
    return {"path": f"/api/shops/{shop.shop_id}/slots", "token": shop.token, "body": {
        "station": station, "starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(minutes=minutes)).isoformat()}}


def book(person, slot, key=None):
    return {"path": f"/api/slots/{slot}/appointment", "token": person.token, **({"key": key} if key else {})}


def give_back(person, slot):
    return {"method": "DELETE", "path": f"/api/slots/{slot}/appointment", "token": person.token}


def new_slots(stack, world, count):
    """Consecutive half hours at a station of their own, on days of their own: an account has no two appointments at a time."""
    station = "Station " + new_token()[:16]
    begin = DAY + next(periods) * timedelta(days=2)
    answers = Crowd(stack, [offer(world.shop, station, begin + i * timedelta(minutes=30), 30) for i in range(count)]).answers()
    must_be_answered(answers, {201: None})
    return [a.json["slot_id"] for a in answers]


def takers(stack, slots):
    """{slot: its accounts}"""
    found = {slot: [] for slot in slots}
    for slot, account in stack.rows(f"select slot_id, account_id from market.appointment where slot_id in ({','.join(map(str, slots))})"):
        found[int(slot)].append(int(account))
    return found


def must_have_one_winner_each(stack, slots, asked):
    """asked: [(person, slot, answer)]"""
    must_be_answered([a for _, _, a in asked], {201: None, 409: "slot_taken"})
    won = {slot: [p.account_id for p, s, a in asked if s == slot and a.status == 201] for slot in slots}
    must_equal("slots that have not one winner", {slot: who for slot, who in won.items() if len(who) != 1}, {})
    must_equal("who has them", takers(stack, slots), won)
    must(all(a.json["slot_id"] == s for _, s, a in asked if a.status == 201), "another slot was answered")


def one_slot(stack, world):
    slot = new_slots(stack, world, 1)[0]
    crowd = random.sample(world.people, 10 if next(rounds) % 2 else CLIENTS)
    answers = ask_all(stack, [book(p, slot) for p in crowd])
    must_have_one_winner_each(stack, [slot], [(p, slot, a) for p, a in zip(crowd, answers)])


def fifty_slots(stack, world):
    slots = new_slots(stack, world, SLOTS)
    pairs = [(p, slot) for slot in slots for p in random.sample(world.people, EACH)]
    answers = ask_all(stack, [book(p, slot) for p, slot in pairs])
    must_have_one_winner_each(stack, slots, [(p, slot, a) for (p, slot), a in zip(pairs, answers)])


def to_and_fro(stack, world):
    slot = new_slots(stack, world, 1)[0]
    crowd = random.sample(world.people, TO_AND_FRO)
    requests = [(p, make(p, slot)) for p in crowd for make in (book, give_back, give_back) for _ in range(TIMES)]
    answers = ask_all(stack, [r for _, r in requests])
    had, gave = {}, {}
    for (p, r), a in zip(requests, answers):
        if r.get("method") == "DELETE":
            must_be_answered([a], {204: None, 404: "not_found"})
            gave[p.account_id] = gave.get(p.account_id, 0) + (a.status == 204)
        else:
            must_be_answered([a], {201: None, 409: "slot_taken"})
            had[p.account_id] = had.get(p.account_id, 0) + (a.status == 201)
    holders = takers(stack, [slot])[slot]
    must(len(holders) <= 1, "in the end it has", len(holders), "holders")
    must_equal("how often each had it", had, {p: gave[p] + (p in holders) for p in had})


# ---- a process that dies ----

class Worker:
    """The program as plain CGI with one booking: a process and a database connection of its own."""

    def __init__(self, stack, person, slot):
        path = f"/api/slots/{slot}/appointment"
        env = {**stack.program_env(), "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "127.0.0.1",
               "SERVER_PORT": str(stack.port), "REMOTE_ADDR": "127.0.0.1", "REQUEST_METHOD": "POST", "REQUEST_URI": path, "SCRIPT_NAME": "",
               "PATH_INFO": path, "QUERY_STRING": "", "CONTENT_LENGTH": "0", "HTTP_HOST": f"127.0.0.1:{stack.port}",
               "HTTP_AUTHORIZATION": "Bearer " + person.token}
        self.process = subprocess.Popen([stack.program()], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def end(self):
        self.process.kill()
        self.process.communicate()


def answers_again(stack):
    try:
        return stack.psql("select 1", user="postgres") == "1"
    except StackError:
        return False


def holder_of(stack):
    """The backend that holds a slot's lock and waits for another lock."""
    return stack.psql(f"""select a.pid from pg_locks l join pg_stat_activity a using (pid)
        where l.locktype = 'advisory' and l.classid = {SLOT_LOCKS} and l.granted and a.wait_event_type = 'Lock'""", user="postgres")


def strike(stack, worker, backend, program):
    """Kills one of the two; returns the time from which the second is counted."""
    if program:
        os.kill(worker.process.pid, signal.SIGKILL)
        return time.monotonic()
    started = stack.psql("select pg_postmaster_start_time(), pid from pg_stat_activity where backend_type = 'checkpointer'", user="postgres")
    os.kill(backend, signal.SIGKILL)
    until(lambda: answers_again(stack) and started != stack.psql(
        "select pg_postmaster_start_time(), pid from pg_stat_activity where backend_type = 'checkpointer'", user="postgres"), PATIENCE)
    return time.monotonic()


def dead_worker(stack, world):
    slot = new_slots(stack, world, 1)[0]
    victim, *rivals = random.sample(world.people, 1 + RIVALS)
    program = next(rounds) % 2 == 0
    worker = crowd = None
    holder = Holder(stack)
    try:
        # the foreign key of its booking waits for the account's row, which is locked: it stops with the slot's lock held and the appointment inserted
        holder.do("begin")
        holder.do(f"select 1 from market.account where account_id = {victim.account_id} for update")
        worker = Worker(stack, victim, slot)
        backend = int(until(lambda: holder_of(stack)))
        crowd = Crowd(stack, [book(p, slot, "rival-" + new_token()[:20]) for p in rivals], persist=PATIENCE)
        until(lambda: waiting(stack) >= 3, PATIENCE)
        began = strike(stack, worker, backend, program)
        first = crowd.wait_for(1)[0]
        took = time.monotonic() - began
        answers = crowd.answers()
    finally:
        for one in (crowd and crowd.stop, worker and worker.end, holder.close):
            if one:
                one()
    must_have_one_winner_each(stack, [slot], [(p, slot, a) for p, a in zip(rivals, answers)])
    race.must_be_quick(took <= A_SECOND, f"{took:.2f} s after the {'program' if program else 'backend'} died somebody had the slot: {first}")


# ---- slots that overlap ----

def spelled(text):
    return random.choice([text, text.upper(), text.lower(), " " + text, text.replace(" ", "  ")])


def overlap(one, other):
    return one[0] < other[1] and other[0] < one[1]


def intervals(stack, world):
    stations = [f"Chair {new_token()[:12].replace('-', 'x').replace('_', 'y').lower()}" for _ in range(STATIONS)]
    asked = [(random.randrange(STATIONS), DAY + timedelta(minutes=5 * random.randrange(DAYS * 288)), 5 * random.randint(1, 36)) for _ in range(INTERVALS)]
    answers = ask_all(stack, [offer(world.shop, spelled(stations[s]), start, minutes) for s, start, minutes in asked])
    must_be_answered(answers, {201: None, 409: "slot_taken"})

    taken, refused = {}, []
    for (s, start, minutes), a in zip(asked, answers):
        span = (start, start + timedelta(minutes=minutes))
        if a.status == 201:
            taken.setdefault(s, []).append(span)
        else:
            refused.append((s, span))
    both = [pair for spans in taken.values() for pair in itertools.pairwise(sorted(spans)) if overlap(*pair)]
    must_equal("overlaps", both, [])
    must_equal("refused without a reason", [(s, span) for s, span in refused if not any(overlap(span, t) for t in taken.get(s, ()))], [])
    names = ",".join(f"market.fold('{name}')" for name in stations)
    have = figures(stack, f"select count(*) from market.slot where shop_id = {world.shop.shop_id} and station_key in ({names})")
    must_equal("slots", have, [sum(map(len, taken.values()))])


BOOK_SLOT = """create function api.book_slot(p_session bytea, p_slot_id bigint, p_key text, p_digest bytea)
returns table (code text, answer json)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$"""


class Unnoticed:
    """The twin whose server does not check whether the client is still connected, and whose booking waits for a lock as long as the role allows."""

    patient = Twin({}, instead={"appointment.sql": [(BOOK_SLOT, BOOK_SLOT.replace(" as $$", " set lock_timeout = '4s' as $$"))]})

    @staticmethod
    def set(stack, how):
        until(lambda: answers_again(stack), PATIENCE)
        stack.psql(f"alter role shoetopia_app set client_connection_check_interval = {how}; select pg_terminate_backend(pid) from pg_stat_activity"
                   " where usename = 'shoetopia_app'", user="postgres")

    def apply(self, stack):
        self.patient.apply(stack)
        self.set(stack, "0")

    def take_back(self, stack):
        self.set(stack, "'500ms'")
        self.patient.take_back(stack)


NO_LOCK = Twin({"appointment.sql": ["slot"]})
BOOKED_TWICE = Twin({"appointment.sql": ["slot", "appointment_slot"]}, nets=["market.appointment.appointment_slot"], stays=True)
OVERLAPPING = Twin({"appointment.sql": ["slot", "appointment_slot", "station", "slot_overlap"]},
                   nets=["market.appointment.appointment_slot", "market.slot.slot_overlap"], stays=True)
RACE_TESTS = [RaceTest("slot_to_and_fro", to_and_fro, setup=World, twin=NO_LOCK),
              RaceTest("slot_dead_worker", race.tried(dead_worker), setup=World, twin=Unnoticed(), few=True),
              RaceTest("one_slot", one_slot, setup=World, twin=BOOKED_TWICE),
              RaceTest("fifty_slots", fifty_slots, setup=World, twin=BOOKED_TWICE, few=True),
              RaceTest("slot_intervals", intervals, setup=World, twin=OVERLAPPING, few=True)]
