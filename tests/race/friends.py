"""mutual_friends: 100 friendships over 20 connections, each requested from both sides at about the same time: 100 friendships; of each pair one
side gets "asked" and the other "friends"; no deadlock.

What it guards against: each side looks for the other's request, finds none and inserts its own, so that both wait for ever. The twin does that,
without the pair's primary key.

flipped_wishlist: one account replaces its whole wishlist, X by Y and back, each time in one PUT, while 8 readers request their recommendations 250
times each: every answer is exactly X or exactly Y. The twin runs two queries for one answer: first the shoes, then the number of friends.
"""
import itertools
import pathlib
import random
import threading

from clients import Crowd, ask
from fixtures import people
from people import new_token
from race import RaceTest, Twin, figures, must, must_be_answered, must_equal

PEOPLE = 20
FRIENDSHIPS = 100
CONNECTIONS = 20

READERS = 8
READS = 250
SHOES = 12  # of X, and as many of Y
FLIPS_AT_ONCE = 100


# ---- two requests for one friendship ----

def deadlocks(stack):
    """The number that PostgreSQL has counted, retried ones included."""
    return (pathlib.Path(stack.state) / "log" / "postgres.log").read_text(errors="replace").count("deadlock detected")


def asks(one, other):
    request = {"path": "/api/friends", "token": one.token, "body": {"email": random.choice([other.email, other.email.upper()])}}
    if random.random() < 0.5:
        request["key"] = "friend-" + new_token()[:24]
    return request


def mutual_friends(stack, _):
    crowd = people(stack, PEOPLE, "friend")
    pairs = random.sample(list(itertools.combinations(crowd, 2)), FRIENDSHIPS)
    before = deadlocks(stack)
    requests = [asks(*sides) for pair in pairs for sides in random.sample([pair, pair[::-1]], 2)]
    answers = Crowd(stack, requests, flight=CONNECTIONS).answers()

    must_be_answered(answers, {201: None})
    statuses = [sorted(a.json["status"] for a in answers[i:i + 2]) for i in range(0, len(answers), 2)]
    must_equal("answers to the two of each pair", sorted(map(tuple, statuses)), [("asked", "friends")] * FRIENDSHIPS)
    ids = ",".join(str(p.account_id) for p in crowd)
    have = figures(stack, f"""select count(*), count(distinct (low_account_id, high_account_id)),
        count(*) filter (where low_asked_at is not null and high_asked_at is not null)
        from market.friendship where low_account_id in ({ids}) and high_account_id in ({ids})""")
    must_equal("rows, pairs, friendships", have, [FRIENDSHIPS] * 3)
    lists = Crowd(stack, [{"method": "GET", "path": "/api/friends?limit=100", "token": p.token} for p in crowd]).answers()
    must_be_answered(lists, {200: None})
    for p, a in zip(crowd, lists):
        want = sorted(q.account_id for pair in pairs for q in pair if p in pair and q is not p)
        must_equal(f"friends of {p.account_id}", sorted(f["account_id"] for f in a.json["friends"]), want)
    must_equal("deadlocks", deadlocks(stack) - before, 0)


# ---- a wishlist that is replaced as a whole ----

class World:
    """An account with a wishlist, and a friend that reads recommendations."""

    def __init__(self, stack):
        self.friend, *self.readers = people(stack, 1 + READERS, "reader")
        brand = "Gust " + new_token()[:12]
        rows = stack.rows(f"insert into market.shoe (brand, style, color) select '{brand}', n::text, 'red'"
                          f" from generate_series(1, {2 * SHOES}) n returning shoe_id")
        shoes = [int(row[0]) for row in rows]
        stack.psql(f"select api.learn_words(array{shoes})", user="postgres")
        random.shuffle(shoes)
        self.lists = [shoes[:SHOES], shoes[SHOES:]]
        values = ",".join(f"({min(self.friend.account_id, r.account_id)}, {max(self.friend.account_id, r.account_id)}, now(), now())"
                          for r in self.readers)
        stack.psql(f"insert into market.friendship (low_account_id, high_account_id, low_asked_at, high_asked_at) values {values}")

    def put(self, which):
        shoes = self.lists[which]
        return {"method": "PUT", "path": "/api/wishlist", "token": self.friend.token,
                "body": {"shoe_ids": random.sample(shoes, len(shoes))}}


class Flipping(threading.Thread):
    """Puts X, then Y, then X, one after the other, until stopped."""

    def __init__(self, stack, world):
        super().__init__(daemon=True)
        self.stack, self.world = stack, world
        self.enough, self.flips, self.wrong = threading.Event(), 0, None

    def run(self):
        try:
            while not self.enough.is_set():
                answers = Crowd(self.stack, [self.world.put(i % 2) for i in range(FLIPS_AT_ONCE)], flight=1).answers()
                must_be_answered(answers, {204: None})
                self.flips += len(answers)
        except Exception as wrong:  # raised in the main thread
            self.wrong = wrong


def flipped_wishlist(stack, world):
    ask(stack, "PUT", "/api/wishlist", world.friend.token, world.put(0)["body"])
    flipping = Flipping(stack, world)
    flipping.start()
    requests = [{"method": "GET", "path": "/api/recommendations?limit=100", "token": r.token} for _ in range(READS) for r in world.readers]
    seen = [0, 0]
    try:
        look_at(world, Crowd(stack, requests, flight=READERS).answers(), seen)
    finally:
        flipping.enough.set()
        flipping.join()
    if flipping.wrong:
        raise flipping.wrong
    must(min(seen) > 0, f"X was seen {seen[0]} times and Y {seen[1]}: nothing changed meanwhile")
    return f"X seen {seen[0]} times, Y {seen[1]}, {flipping.flips} flips"


def look_at(world, answers, seen):
    must_be_answered(answers, {200: None})
    lists = [set(shoes) for shoes in world.lists]
    for a in answers:
        liked = [(r["shoe_id"], r["friends"]) for r in a.json["recommendations"]]
        shoes = {shoe for shoe, _ in liked}
        must(shoes in lists, f"half of a change: {len(shoes & lists[0])} of X and {len(shoes & lists[1])} of Y, of {SHOES} each")
        must(len(liked) == SHOES and all(friends == 1 for _, friends in liked), f"not one friend for each: {liked}")
        seen[lists.index(shoes)] += 1


TWICE = Twin({}, instead={"recommendation.sql": [
    ("language plpgsql stable", "language plpgsql"),
    ("	v_account_id bigint := api.require(p_session, 'member');\n", "	v_account_id bigint := api.require(p_session, 'member');\n	v_shoes bigint[];\n"),
    ("begin\n	return (", "begin\n	v_shoes := array(select k.shoe_id from api.friend_ids(v_account_id) as m(account_id)"
     " cross join lateral api.liked_shoes(m.account_id) as k(shoe_id));\n	return ("),
    ("where k.shoe_id not in", "where k.shoe_id = any (v_shoes) and k.shoe_id not in"),
]})
RACE_TESTS = [
    RaceTest("mutual_friends", mutual_friends, twin=Twin({"friend.sql": ["pair"]}, nets=["market.friendship.friendship_pkey"], stays=True)),
    RaceTest("flipped_wishlist", flipped_wishlist, setup=World, twin=TWICE, few=2),
]
