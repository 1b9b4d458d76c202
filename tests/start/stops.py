"""What a stop of the program promises to whoever speaks FastCGI to it: what was sent is answered, and then it ends.

Each test is a function below; its first words say what is promised. It is given the World of beside.py, and runs a program of its own.
"""
import contextlib
import os
import signal
import socket
import time

from beside import BUYERS, PLACES, must_be_prompt, must_have_bought, standing_still, wait_for_each_other
from fastcgi import Program, answers, request
from patience import until

QUIET_SECONDS = 0.3  # for which a connection is idle before a stop closes it


def a_stop_ends_what_is_idle(world):
    """SIGTERM: connections where nothing is under way are closed by the program, whether they were used or not, and it ends. But not before a while, in
    which what is on its way may come."""
    with Program(world.stack) as program:
        kept = [program.connect() for _ in range(100)]
        for connection in kept[::2]:
            assert connection.ask("GET", "/api/nowhere").status == 404
        began = time.monotonic()
        program.stop()
        kept[0].must_end()
        assert time.monotonic() - began > QUIET_SECONDS * 0.9, time.monotonic() - began
        for connection in kept[1:]:
            connection.must_end()
        program.must_end()


def a_stop_waits_for_no_idle_client(world):
    """SIGTERM: a client that does not hang up when the program does holds it up no longer than others. What it sends from then on is not done, since there
    could be no answer."""
    orders = world.orders()
    with Program(world.stack) as program:
        deaf, silent = program.connect(), program.connect()
        assert deaf.ask("GET", "/api/nowhere").status == silent.ask("GET", "/api/nowhere").status == 404
        program.stop()
        until("the program hangs up", lambda: not deaf.is_quiet())
        with contextlib.suppress(BrokenPipeError):
            deaf.send(request(**world.purchase(0)))
        program.must_end()
    assert world.orders() == orders


def a_stop_waits_for_what_is_half_sent(world):
    """SIGTERM while requests are half sent: they are answered when they are whole, and then their connections end."""
    with Program(world.stack) as program:
        idle = program.connect()
        half = [(program.connect(), request(**world.purchase(i))) for i in range(10)]
        for i, (connection, whole) in enumerate(half):
            connection.send(whole[: 5 + 40 * i])
        must_be_prompt(program)
        program.stop()
        idle.must_end()  # by now all has ended that was idle
        for i, (connection, whole) in enumerate(half):
            assert connection.is_quiet()
            connection.send(whole[5 + 40 * i :])
            must_have_bought(connection.answer())
            connection.must_end()
        program.must_end()


def a_stop_serves_who_stands_in_line(world):
    """SIGTERM while requests stand in the line of the socket, more than there are places for, and nobody has looked at them: all are answered."""
    with Program(world.stack) as program:
        must_be_prompt(program)
        with standing_still(program):
            line = [program.connect() for _ in range(PLACES + 88)]
            for i, connection in enumerate(line):
                connection.send(request(**world.purchase(i), keep=i % 3 > 0) if i % 8 == 0 else request("GET", f"/api/nowhere/{i}", keep=i % 3 > 0))
            program.signal(signal.SIGTERM)
        assert [answer.status for answer in answers(line, to_the_end=True)] == [404 if i % 8 else 201 for i in range(len(line))]
        program.must_end()


def a_stop_serves_who_is_connected(world):
    """SIGTERM while a crowd waits for its purchases: they are answered. So are requests that come on kept connections right after it."""
    with Program(world.stack) as program:
        crowd, kept = ([program.connect() for _ in range(BUYERS)] for _ in range(2))
        for connection in kept:
            assert connection.ask("GET", "/api/nowhere").status == 404
        asked = [request(**world.purchase(i)) if i % 2 else request("GET", f"/api/listings/{world.listing}") for i in range(BUYERS)]
        with world.nobody_is_sold_to():
            wait_for_each_other(world, program, crowd)
            program.stop()
            for connection, data in zip(kept, asked):
                connection.send(data)
            assert {answer.status for answer in answers(kept[::2], to_the_end=True)} == {200}
        for answer in answers(crowd + kept[1::2], to_the_end=True):
            must_have_bought(answer)
        program.must_end()


def who_shares_a_socket_stops_alone(world):
    """Two processes that were handed the same socket: one stops, and everybody is answered, by the other one too; who comes then is the other one's."""
    with socket.socket(socket.AF_UNIX) as line:
        path = world.stack.state + "/shared.sock"
        line.bind(path)
        os.chmod(path, 0o660)
        line.listen(4096)
        with Program(world.stack, line=line) as stays, Program(world.stack, line=line) as goes:
            stays.path = goes.path = path
            for _ in range(5):
                must_be_prompt(stays)
            crowd = [stays.connect() for _ in range(200)]
            for i, connection in enumerate(crowd):
                connection.send(request(**world.purchase(i)) if i % 4 else request("GET", f"/api/nowhere/{i}"))
                if i == 100:
                    goes.signal(signal.SIGTERM)
            assert [answer.status for answer in answers(crowd)] == [201 if i % 4 else 404 for i in range(len(crowd))]
            for connection in crowd:
                connection.close()
            goes.must_end()
            for _ in range(5):
                must_be_prompt(stays)


TESTS = (a_stop_ends_what_is_idle, a_stop_waits_for_no_idle_client, a_stop_waits_for_what_is_half_sent, a_stop_serves_who_stands_in_line,
         a_stop_serves_who_is_connected, who_shares_a_socket_stops_alone)
