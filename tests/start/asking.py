"""HTTP requests to a stack, and what the tests of ./start and of the web servers check."""
import errno
import http.client
import json
import pathlib
import socket

from patience import PATIENCE_SECONDS


def ask(stack, method, path, body=None, headers=None):
    """(status, headers, body) of one request over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def ask_raw(stack, text):
    """What comes back for bytes that are no proper request."""
    with socket.create_connection(("127.0.0.1", stack.port), PATIENCE_SECONDS) as connection:
        connection.sendall(text)
        got = b""
        while piece := connection.recv(65536):
            got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode(), body


def is_well(stack):
    try:
        return ask(stack, "GET", "/api/health")[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def is_alive(pid):
    """Whether any thread of it is left. The first thread is a zombie while others may still hold its sockets open."""
    try:
        threads = [thread.read_text() for thread in pathlib.Path(f"/proc/{pid}/task").glob("*/stat")]
    except OSError:
        return is_alive(pid) if pathlib.Path(f"/proc/{pid}").exists() else False
    return any(thread.rpartition(")")[2].split()[0] not in "ZX" for thread in threads)


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError as error:
            assert error.errno == errno.EADDRINUSE
            return False


def must_be_problem(status, headers, body, code):
    problem = json.loads(body)
    assert problem["status"] == status and problem["code"] == code, (status, body)
    assert problem["type"] and problem["title"] and problem["detail"], body
    headers = str(headers).lower()
    assert "content-type: application/problem+json" in headers, headers
    assert "cache-control: no-store" in headers and "x-request-id: " in headers, headers
