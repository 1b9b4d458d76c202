"""The program's FastCGI protocol, as any web server may use it, not only nginx as ./start runs it.

Each test is a function whose docstring states what must hold. It gets the World of beside.py, and runs a process of the program of its own.
"""
import json
import random
import struct
import time

from beside import (AT_ONCE_SECONDS, BUYERS, LONG, PLACES, fill, must_be_idle, must_answer_promptly, must_have_bought, suspended,
                    queue_purchases)
from fastcgi import BEGIN, GET_VALUES, HEADER, PARAMS, STDIN, UNKNOWN, VALUES, Program, answers, begin, pairs, record, request
from patience import must_take_less, until

SEND_SECONDS = 1  # send timeout of the batch worker for a client that does not read


def slow_clients_delay_no_others(world):
    """Requests that stall at any byte, or arrive byte by byte, on many connections: others are answered at once, and these as soon as they are complete."""
    with Program(world.stack) as program:
        slow = []
        for i in range(50):
            whole = request(**world.purchase(i, key=f"slow-buyer-{i}"))
            cut = 1 + i * (len(whole) - 2) // 49  # from its first byte to all but the last
            slow.append((program.connect(), iter(whole[cut:])))
            slow[-1][0].send(whole[:cut])
        must_answer_promptly(program, 10)
        complete_and_partial_together(program)
        coming = list(slow)
        while coming:
            coming = [one for one in coming if send_byte(*one)]
            if len(coming) % 10 == 9 or random.random() < 0.02:
                must_answer_promptly(program)
        for connection, _ in slow:
            must_have_bought(connection.answer())
        must_be_idle(program)


def complete_and_partial_together(program):
    """Partial and complete requests that arrive at the same moment: the complete ones are answered first."""
    half, whole = ([program.connect() for _ in range(5)] for _ in range(2))
    bytes_of_it = request("GET", "/api/nowhere")
    with suspended(program):
        for i in range(5):
            half[i].send(bytes_of_it[:50])
            whole[i].send(bytes_of_it)
    assert [answer.status for answer in answers(whole)] == [404] * 5
    for connection in half:
        connection.send(bytes_of_it[50:])
    assert [answer.status for answer in answers(half)] == [404] * 5


def send_byte(connection, rest):
    """False if there is none left."""
    byte = next(rest, None)
    if byte is not None:
        connection.send(bytes([byte]))
    return byte is not None


def an_idle_connection_holds_no_thread(world):
    """With one thread, 200 kept connections block no other, and each of them can be used again and again."""
    with Program(world.stack, THREADS=1) as program:
        kept = [program.connect() for _ in range(200)]
        for n in range(3):
            must_answer_promptly(program)
            for i, connection in enumerate(kept):
                assert connection.ask("GET", f"/api/listings/{world.listing}" if i % 2 else f"/api/nowhere/{n}").status == (200 if i % 2 else 404)
            must_have_bought(kept[n].ask(**world.purchase(n)))
        assert all(connection.is_quiet() for connection in kept)
        must_be_idle(program)


def connections_beyond_the_limit_wait(world):
    """Connections beyond the limit wait without using processor time, and are served as soon as any others close. None is lost."""
    with Program(world.stack) as program:
        kept = [program.connect() for _ in range(PLACES)]
        for connection in kept:
            assert connection.ask("GET", "/api/nowhere").status == 404
        for n in range(3):
            late = [program.connect() for _ in range(60)]
            for i, connection in enumerate(late):
                connection.send(request("GET", f"/api/nowhere/{i}", keep=i % 2 == 0))
            if n == 0:
                must_be_idle(program)
            assert [connection.ask("GET", "/api/nowhere").status for connection in kept[n::50]] == [404] * len(kept[n::50])
            assert all(connection.is_quiet() for connection in late)
            leaving, kept = kept[:60], kept[60:]
            for connection in leaving:
                connection.close()
            for i, connection in enumerate(late):
                assert connection.answer().status == 404
                if i % 2 == 0:
                    kept.append(connection)
                else:
                    connection.must_end()
            kept += [program.connect() for _ in range(PLACES - len(kept))]
        for connection in kept:
            assert connection.ask("GET", "/api/nowhere").status == 404


def mixed_request(world, i, n):
    """A request of one of many kinds: the arguments of request(), and a function that checks the answer."""
    def is_order(answer):
        must_have_bought(answer, quantity)
        assert answer.headers.get("idempotency-replayed") == ("true" if n >= 10 else None), answer

    def has(status, code=None):
        def judge(answer):
            assert answer.status == status and (code is None or answer.json["code"] == code), answer
        return judge

    def is_hold(answer):
        held = answer.json["reserved"][0]["listing_id"] if answer.status == 201 else answer.json["refused"][0]["listing_id"]
        assert answer.status in (201, 409) and held == world.listing, answer

    def is_head(answer):
        assert answer.status == 200 and answer.body == b"" and int(answer.headers["content-length"]) > 100, answer

    def is_listing(answer):
        assert answer.status == 200 and answer.json["listing_id"] == world.listing, answer

    def is_long(answer):
        assert answer.status == 200 and len(answer.body) == int(answer.headers["content-length"]) > 100000 and answer.json["openapi"], answer

    quantity = 1 + i % 7
    listing = f"/api/listings/{world.listing}"
    token = {"token": world.buyers[i]}
    kinds = (
        (world.purchase(i, quantity, key=f"mixed-{i}-{n % 10}"), is_order),
        ({"method": "GET", "target": listing}, is_listing),
        ({"method": "POST", "target": "/api/reservations", "body": json.dumps({"listing_ids": [world.listing]}).encode(), **token}, is_hold),
        (world.purchase(i, quantity, body=b'{"items": ['), has(400, "not_json")),
        ({"method": "HEAD", "target": listing}, is_head),
        (world.purchase(i, quantity, token=None), has(401, "unauthenticated")),
        ({"method": "GET", "target": f"/api/nowhere/{i}"}, has(404, "not_found")),
        ({"method": "GET", "target": LONG}, is_long),
        ({"method": "POST", "target": "/api/shops", "body": b"x" * 70000, **token}, has(413, "too_large")),
        ({"method": "PUT", "target": listing, "body": b"{}", "padding": 20000, **token}, has(405, "method_not_allowed")),
    )
    return kinds[(i + n) % len(kinds)]


def each_answer_belongs_to_its_request(world):
    """Many kept connections with all kinds of requests at once, repeatedly: each gets the answer to its own request, with a unique id. A connection
    stays open if it is to be kept, and is closed otherwise."""
    ids = set()
    with Program(world.stack) as program:
        kept = [program.connect() for _ in range(BUYERS)]
        for n in range(20):
            judges = []
            for i, connection in enumerate(kept):
                asked, judge = mixed_request(world, i, n)
                connection.send(request(**asked))
                judges.append(judge)
            for answer, judge in zip(answers(kept), judges):
                judge(answer)
                ids.add(answer.id)
        assert len(ids) == 20 * BUYERS, len(ids)
        assert all(connection.is_quiet() for connection in kept)
        once = [program.connect() for _ in range(BUYERS)]
        for i, connection in enumerate(once):
            connection.send(request(**mixed_request(world, i, 12)[0], keep=False))
        for i, answer in enumerate(answers(once, to_the_end=True)):
            mixed_request(world, i, 12)[1](answer)


def batched_calls_hold_no_threads(world):
    """Batched purchases hold no thread while they wait: three threads are enough for 64 of them and for other calls. Each gets its own order."""
    with Program(world.stack, THREADS=3) as program:
        kept = [program.connect() for _ in range(BUYERS)]
        for n in range(3):
            quantities = [1 + (i + n) % 9 for i in range(BUYERS)]
            with world.stock_is_locked():
                queue_purchases(world, program, kept, quantities)
                must_answer_promptly(program, 3)
                if n == 0:
                    must_be_idle(program)
                assert all(connection.is_quiet() for connection in kept)
            for answer, quantity in zip(answers(kept), quantities):
                must_have_bought(answer, quantity)


def batched_calls_come_on_all_connections(world):
    """Purchases are batched whether their connections are kept or not, and whether or not more bytes are sent than announced: afterwards each connection
    is open or closed as it should be."""
    with Program(world.stack) as program:
        for keep in (True, False, True):
            for more in ({}, {"padding": 20000}):
                crowd = [program.connect() for _ in range(20)]
                with world.stock_is_locked():
                    queue_purchases(world, program, crowd, keep=keep, **more)
                for answer in answers(crowd, to_the_end=not keep):
                    must_have_bought(answer)
                if keep:
                    assert {connection.ask("GET", "/api/nowhere").status for connection in crowd} == {404}


def unread_answers_delay_no_others(world):
    """A client of a batch that reads none of its answers delays the others by one second at most, and its connection is closed: no answer is truncated
    on an open connection. If no other call waits for the writing thread, a client that reads late gets its whole answer."""
    with Program(world.stack) as program:
        unread = fill(program.connect())
        crowd = [program.connect() for _ in range(20)]
        others = [connection for connection in crowd if connection is not crowd[7]]
        late = others[3]
        for n in range(2):
            deaf = crowd[7] = program.connect()
            fill(deaf, unread)
            if n == 1:  # its call has been batched before
                others.remove(late)
                crowd.remove(late)
                fill(late, 1)
                late.send(request("GET", LONG))
                sent = time.monotonic()
            with world.stock_is_locked():
                queue_purchases(world, program, crowd)
            began = time.monotonic()
            for answer in answers(others):
                must_have_bought(answer)
            must_take_less(SEND_SECONDS + AT_ONCE_SECONDS, began)
            for _ in range(unread):
                answer = deaf.answer()
                assert answer.status in (200, 404), answer
            if not deaf.ends():
                must_have_bought(deaf.answer())  # it fitted into the buffers after all
        time.sleep(max(sent + 1.2 * SEND_SECONDS - time.monotonic(), 0))  # most of it has passed
        assert [late.answer().status for _ in range(2)] == [404, 200]
        assert late.ask("GET", LONG).status == 200


def closed_connections_free_all_they_used(world):
    """700 clients close their connections: in the middle of a request, before the answer, in a batch, in the middle of a long answer. The program goes
    on, and their places and file descriptors are free again."""
    with Program(world.stack, CONNECTIONS=2) as program:
        must_answer_promptly(program)
        before = program.files()
        whole = request("GET", LONG)
        for i in range(600):
            connection = program.connect()
            if i % 3 == 0:
                connection.send(whole[: 1 + i * len(whole) // 600])
            else:
                connection.send(request(**world.purchase(i), keep=i % 2 == 0) if i % 3 == 1 else whole)
                if i % 6 == 5:
                    connection.record()
            connection.close()
        with world.stock_is_locked():
            crowd = [program.connect() for _ in range(BUYERS)]
            queue_purchases(world, program, crowd)
            for connection in crowd:
                connection.close()
        fill_and_leave(program)
        until("all files are closed", lambda: program.files() <= before + 2)
        kept = [program.connect() for _ in range(PLACES - 1)]
        assert [connection.ask("GET", "/api/nowhere").status for connection in kept] == [404] * len(kept)
        must_answer_promptly(program)


def fill_and_leave(program):
    """Clients that do not read their second answers, which do not fit into the buffers, and then close."""
    full = [program.connect() for _ in range(40)]
    for connection in full:
        fill(connection, 1)
        connection.send(request("GET", LONG))
    until("their second answers are under way", lambda: program.figure("requests_under_way") == len(full) + 1)
    must_answer_promptly(program, 3)
    for connection in full:
        connection.close()


def malformed_requests_affect_no_others(world):
    """FastCGI management records are answered. Bytes that are no FastCGI, no request or never complete do not affect other connections."""
    with Program(world.stack) as program:
        asking = program.connect()
        asking.send(record(GET_VALUES, pairs({"FCGI_MPXS_CONNS": "", "FCGI_NOTHING": ""}), number=0, padding=4))  # without any, libfcgi waits for the next one
        assert asking.record() == (VALUES, 0, pairs({"FCGI_MPXS_CONNS": "0"}))
        asking.send(record(77, number=0))
        kind, _, content = asking.record()
        assert (kind, content[0]) == (UNKNOWN, 77)
        must_answer_promptly(program)
        must_have_bought(asking.ask(**world.purchase(0)))
        chance = random.Random(1)
        named = record(PARAMS, pairs({"REQUEST_METHOD": "GET", "REQUEST_URI": "/api/health"}))
        params = named + record(PARAMS)
        for garbage in (b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n", bytes(8), bytes(20000), b"\xff" * 20000, chance.randbytes(8), chance.randbytes(9000),
                        record(STDIN), record(STDIN, number=0), record(STDIN, version=9), record(UNKNOWN), HEADER.pack(1, BEGIN, 1, 0, 255) + record(STDIN),
                        begin(True, role=9) + record(STDIN), begin(True) + record(STDIN), begin(True) + named + record(STDIN),
                        begin(True) + params + record(STDIN, number=2), begin(True) + begin(True) + params + record(STDIN, number=2),
                        begin(True) + params + record(PARAMS) + record(STDIN), begin(True) + record(PARAMS, b"\xff" * 8) + record(PARAMS) + record(STDIN)):
            program.connect().send(garbage)
            must_answer_promptly(program)
        assert asking.ask("GET", "/api/nowhere").status == 404


def mutated_request(chance, i):
    """Bytes that are nearly a request, or nearly a management record."""
    whole = bytearray(request("GET", "/api/nowhere", b"{}" if i % 2 else b""))
    kind = i % 5
    if kind == 0:
        return chance.randbytes(chance.randrange(1, 400))
    if kind == 1:
        for _ in range(chance.randrange(1, 8)):
            whole[chance.randrange(len(whole))] = chance.randrange(256)
        return bytes(whole)
    if kind == 2:
        kinds = [record(chance.randrange(13), chance.randbytes(chance.randrange(60)), number=chance.choice((0, 1, 1, 1, 2))) for _ in range(5)]
        return begin(True) + b"".join(kinds)
    lengths = struct.pack(">II", chance.getrandbits(32) | 1 << 31, chance.getrandbits(32) | 1 << 31) + bytes(chance.randrange(50))
    if kind == 3:
        return record(GET_VALUES, lengths, number=0)
    return begin(True) + record(PARAMS, lengths) + record(PARAMS) + record(STDIN)


def garbage_ends_no_process(world):
    """500 connections whose bytes are nearly FastCGI: the process survives all of them. libfcgi aborts it for a length that it cannot allocate."""
    with Program(world.stack) as program:
        chance = random.Random(2)
        values = record(GET_VALUES, pairs({"FCGI_MAX_CONNS": ""}) * 40, number=0)
        for garbage in [values, *(mutated_request(chance, i) for i in range(500))]:
            connection = program.connect()
            connection.send(garbage)
            connection.close()
        must_answer_promptly(program, 3)
        assert program.process.poll() is None, program.said()
        must_have_bought(program.connect().ask(**world.purchase(0)))


def repeated_variables_are_refused(world):
    """Of a variable that is there twice it is unknown which one the web server meant. One that is not checked may be there twice."""
    body, json_type = b'{"email": "a@example.com", "password": "x"}', "application/json"
    variables = {"CONTENT_LENGTH": len(body), "CONTENT_TYPE": json_type, "HTTP_AUTHORIZATION": "Bearer x", "HTTP_COOKIE": "a=b",
                 "HTTP_IDEMPOTENCY_KEY": "repeated-key", "HTTP_ACCEPT_LANGUAGE": "en"}
    base = {"REQUEST_METHOD": "POST", "REQUEST_URI": "/api/sessions", "REMOTE_ADDR": "127.0.0.1", **variables}
    with Program(world.stack) as program:
        for name, value in variables.items():
            connection = program.connect()
            connection.send(begin(True) + record(PARAMS, pairs(base) + pairs({name: value})) + record(PARAMS) + record(STDIN, body) + record(STDIN))
            answer = connection.answer()
            assert answer.status == (401 if name == "HTTP_ACCEPT_LANGUAGE" else 400), (name, answer)


TESTS = (slow_clients_delay_no_others, an_idle_connection_holds_no_thread, connections_beyond_the_limit_wait, each_answer_belongs_to_its_request,
         batched_calls_hold_no_threads, batched_calls_come_on_all_connections, unread_answers_delay_no_others, closed_connections_free_all_they_used,
         malformed_requests_affect_no_others, repeated_variables_are_refused, garbage_ends_no_process)
