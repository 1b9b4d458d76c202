"""Graceful shutdown of the program, seen by a FastCGI client: what was sent is answered, and then the process ends.

Each test is a function whose docstring states what must hold. It gets the World of beside.py, and runs a process of the program of its own.
"""
import contextlib
import os
import signal
import socket
import subprocess
import time

from beside import BUYERS, PLACES, must_answer_promptly, must_have_bought, suspended, queue_purchases
from fastcgi import Program, answers, request
from patience import until

QUIET_SECONDS = 0.3  # for which a connection is idle before a stop closes it


def a_stop_closes_idle_connections(world):
    """SIGTERM: the program closes idle connections, used or not, and ends; but only after QUIET_SECONDS, in which a request already sent may
    arrive."""
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
    """SIGTERM: a client that does not close its connection does not delay the end. What it sends after the program has closed is not carried out,
    since there could be no answer."""
    orders = world.orders()
    with Program(world.stack) as program:
        deaf, silent = program.connect(), program.connect()
        assert deaf.ask("GET", "/api/nowhere").status == silent.ask("GET", "/api/nowhere").status == 404
        program.stop()
        until("the program closes the connection", lambda: not deaf.is_quiet())
        with contextlib.suppress(BrokenPipeError):
            deaf.send(request(**world.purchase(0)))
        program.must_end()
    assert world.orders() == orders


def a_stop_completes_partial_requests(world):
    """SIGTERM while requests are partially sent: they are answered when they are complete, and then their connections end."""
    with Program(world.stack) as program:
        idle = program.connect()
        half = [(program.connect(), request(**world.purchase(i))) for i in range(10)]
        for i, (connection, whole) in enumerate(half):
            connection.send(whole[: 5 + 40 * i])
        must_answer_promptly(program)
        program.stop()
        idle.must_end()  # by now all idle connections are closed
        for i, (connection, whole) in enumerate(half):
            assert connection.is_quiet()
            connection.send(whole[5 + 40 * i :])
            must_have_bought(connection.answer())
            connection.must_end()
        program.must_end()


def a_stop_drains_the_backlog(world):
    """SIGTERM while requests wait in the listen backlog, more than there are places for, none of them accepted yet: all are answered."""
    with Program(world.stack) as program:
        must_answer_promptly(program)
        with suspended(program):
            backlog = [program.connect() for _ in range(PLACES + 88)]
            for i, connection in enumerate(backlog):
                connection.send(request(**world.purchase(i), keep=i % 3 > 0) if i % 8 == 0 else request("GET", f"/api/nowhere/{i}", keep=i % 3 > 0))
            program.signal(signal.SIGTERM)
        assert [answer.status for answer in answers(backlog, to_the_end=True)] == [404 if i % 8 else 201 for i in range(len(backlog))]
        program.must_end()


def a_stop_completes_pending_calls(world):
    """SIGTERM while purchases wait in the queue: they are answered. So are requests that arrive on kept connections right after it."""
    with Program(world.stack) as program:
        crowd, kept = ([program.connect() for _ in range(BUYERS)] for _ in range(2))
        for connection in kept:
            assert connection.ask("GET", "/api/nowhere").status == 404
        asked = [request(**world.purchase(i)) if i % 2 else request("GET", f"/api/listings/{world.listing}") for i in range(BUYERS)]
        with world.stock_is_locked():
            queue_purchases(world, program, crowd)
            program.stop()
            for connection, data in zip(kept, asked):
                connection.send(data)
            assert {answer.status for answer in answers(kept[::2], to_the_end=True)} == {200}
        for answer in answers(crowd + kept[1::2], to_the_end=True):
            must_have_bought(answer)
        program.must_end()


def a_stop_leaves_a_shared_socket_open(world):
    """Two processes that share a listening socket: one stops, and every request is answered by one of the two, later ones by the other."""
    with socket.socket(socket.AF_UNIX) as line:
        path = world.stack.state + "/shared.sock"
        line.bind(path)
        os.chmod(path, 0o660)
        line.listen(4096)
        with Program(world.stack, line=line) as stays, Program(world.stack, line=line) as goes:
            stays.path = goes.path = path
            for _ in range(5):
                must_answer_promptly(stays)
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
                must_answer_promptly(stays)


def a_socket_of_systemd_is_served(world):
    """A listening socket as descriptor 3 with LISTEN_FDS, and not one that is meant for another process."""
    with socket.socket(socket.AF_UNIX) as line:
        path = world.stack.state + "/systemd.sock"
        line.bind(path)
        os.chmod(path, 0o660)
        line.listen(16)
        with Program(world.stack, line=line, by_systemd=True) as program:
            program.path = path
            must_answer_promptly(program)
        done = subprocess.run([world.stack.program()], env=world.stack.program_env() | {"LISTEN_PID": "1", "LISTEN_FDS": "1"}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False)
        assert "Usage" in done.stdout, done


TESTS = (a_socket_of_systemd_is_served, a_stop_closes_idle_connections, a_stop_waits_for_no_idle_client, a_stop_completes_partial_requests, a_stop_drains_the_backlog,
         a_stop_completes_pending_calls, a_stop_leaves_a_shared_socket_open)
