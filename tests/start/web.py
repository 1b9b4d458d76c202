"""The web servers' configurations: nginx and Apache as ./start runs them, and those of deploy/apache that start the program themselves."""
import contextlib
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from asking import ask, ask_raw, is_alive, is_well, must_be_problem
from fixtures import checkout, list_pair, people, shops
from patience import PATIENCE_SECONDS, must_take_less, until
from stack import TOP, Stack, free_port


def must_compress_what_is_public(stack):
    """Files and answers without a session are compressed, answers with one are not (BREACH), nor those with an ETag, which would be changed."""
    def coding(method, path, body=None, **headers):
        status, answer, _ = ask(stack, method, path, body, {"Accept-Encoding": "gzip", **headers})
        assert status < 400, (path, status, answer)
        return answer.get("Content-Encoding"), answer

    person = json.dumps({"name": "Zip", "email": f"zip{os.urandom(4).hex()}@example.net", "password": "secret password"})
    coded, answer = coding("POST", "/api/accounts", person, **{"Content-Type": "application/json"})
    cookie = answer["Set-Cookie"].split(";")[0]
    page = {"Accept": "text/html"}
    assert coded is None
    for path in ("/", "/style.css", "/js/dom.js", "/logo.svg"):
        assert coding("GET", path)[0] == coding("GET", path, Cookie=cookie)[0] == "gzip", path
    for path in ("/api/listings?facets=1", "/api/openapi.json"):
        for more in ({}, page):
            coded, answer = coding("GET", path, **more)
            assert coded == "gzip" and "Accept-Encoding" in ", ".join(answer.get_all("Vary")), (path, answer)
        assert coding("GET", path, Cookie=cookie)[0] is None, path
        assert coding("GET", path, Authorization="Bearer " + cookie.split("=")[1])[0] is None, path
    for more in ({}, page):
        assert coding("GET", "/api/account", Cookie=cookie, **more)[0] is None


def must_lead_to_plain_pages(stack):
    """Without JavaScript a page leads to the plain page of the same thing; what is no id is not repeated."""
    for path, plain in (("/listing.html?id=75", "/api/listings/75"), ("/listing.html?a=b&id=75&c", "/api/listings/75"), ("/shop.html?id=7", "/api/shops/7"),
                        ("/slots.html?id=7", "/api/shops/7/slots"), ("/event.html?id=9", "/api/events/9"), ("/orders.html?placed=12", "/api/orders/12"),
                        ("/compare.html?id=1&id=22", "/api/listings/compare?id=1&amp;id=22"), ("/?q=air%20max&size=9.5", "/api/listings?q=air%20max&amp;size=9.5"),
                        ("/index.html?sort=-price", "/api/listings?sort=-price"), ("/", "/api/listings"), ("/listing.html", "/api/listings"),
                        ("/event.html?id=x", "/api/events"), ("/orders.html", "/api/orders"), ("/shop.html?id=7x", "/api/listings"),
                        ("/listing.html?id=7%22%3E%3Cscript%3E", "/api/listings"), ("/?q=%22&from=elsewhere", "/api/listings")):
        status, _, body = ask(stack, "GET", path)
        text = body.decode()
        assert status == 200 and "<!--#" not in text, path
        assert f"content='0; url={plain}'" in text and f"<a href='{plain}'>plain pages" in text, (path, text[:900])


def assert_root_is_of_the_program(server):
    """What the program makes beside /api, with its headers once."""
    for path, kind in (("/robots.txt", "text/plain"), ("/sitemap.xml", "application/xml"), ("/sitemaps/shoes/1", "application/xml")):
        status, headers, text = ask(server, "GET", path)
        assert status == 200 and headers["Content-Type"].startswith(kind) and headers.get_all("Cache-Control") == ["public, max-age=3600"], (path, status, headers, text)
    for path in ("/shoes/999999999", "/listings/999999999"):
        status, headers, text = ask(server, "GET", path, headers={"Accept": "text/html"})
        assert status == 404 and b'<nav id="nav"' in text and headers.get_all("Cache-Control") == ["no-store"], (path, status, headers, text)
        assert [value[:18] for value in headers.get_all("Content-Security-Policy")] == ["default-src 'self'"], (path, headers)
        assert len(headers.get_all("X-Content-Type-Options")) == 1, (path, headers)


def web_server_keeps_the_contract(server):
    with Stack(server=server) as stack:
        must_compress_what_is_public(stack)
        must_lead_to_plain_pages(stack)
        assert_root_is_of_the_program(stack)
        status, headers, body = ask(stack, "GET", "/")
        assert status == 200 and b"Shoetopia" in body and headers["Content-Type"].startswith("text/html"), (status, headers)
        assert headers["Content-Security-Policy"].startswith("default-src 'self';"), headers
        assert "unsafe" not in headers["Content-Security-Policy"] and headers["X-Content-Type-Options"] == "nosniff", headers
        for path in ("/", "/listing.html?id=7", "/cart.html", "/style.css")[0 if server == "nginx" else 3:]:  # mod_include never answers 304
            etag = ask(stack, "GET", path)[1]["ETag"]
            assert ask(stack, "GET", path, headers={"If-None-Match": etag})[0] == 304, path
        for path, kind in (("/style.css", "text/css"), ("/js/dom.js", "text/javascript"), ("/logo.svg", "image/svg+xml")):
            status, headers, _ = ask(stack, "GET", path)
            assert status == 200 and headers["Content-Type"].split(";")[0] in (kind, "application/javascript"), (path, status, headers)
            assert headers["X-Content-Type-Options"] == "nosniff" and ("Content-Security-Policy" in headers) == path.endswith(".svg"), (path, headers)
        for path in ("/nowhere", "/../demo-password", "/.git/config", "/js/"):
            assert ask(stack, "GET", path)[0] in (400, 403, 404), path
        must_be_problem(*ask(stack, "POST", "/api/accounts", b"x" * 70000, {"Content-Type": "application/json"}), "too_large")
        must_be_problem(*ask(stack, "GET", "/api/" + "a" * 40000), "too_large")
        must_be_problem(*ask_raw(stack, b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 40000 + b"\r\n\r\n"), "invalid")
        must_be_problem(*ask_raw(stack, b"GET / HTTP/1.1\r\n\r\n"), "invalid")
        # The Authorization header reaches the program, which refuses an unknown token.
        status, _, body = ask(stack, "GET", "/api/account", headers={"Authorization": "Bearer " + "A" * 43})
        assert status == 401 and json.loads(body)["code"] == "unauthenticated", (status, body)
        # Both processes are gone and not restarted: 503 busy with Retry-After. Then they are back.
        stack.process.send_signal(signal.SIGSTOP)
        gone = stack.program_pids()
        for pid in gone:
            os.kill(pid, signal.SIGKILL)
        until("they are gone", lambda: not [pid for pid in gone if is_alive(pid)])
        for method in ("GET", "POST"):
            status, headers, body = ask(stack, method, "/api/accounts", b"{}" if method == "POST" else None, {"Content-Type": "application/json"})
            assert status == 503 and int(headers["Retry-After"]) >= 1, (status, headers)
            must_be_problem(status, headers, body, "busy")
        # An error of a request is logged without what was asked for, and without the page before.
        secret = {"Referer": "http://shoes.example/?q=secretword"}
        for path in ("/api/listings?q=secretword", "/search.html?q=secretword", "/%zz?q=secretword", "/../?q=secretword"):
            ask(stack, "GET", path, headers=secret)
        for line in (b"GET /api/listings?q=secretword HTTP/9.9", b"SECRETWORD /?q=secretword HTTP/1.1", b"GET http://?q=secretword HTTP/1.1",
                     b"GET /?q=secretword HTTP/1.1\r\nX-Long: " + b"a" * 40000):
            try:
                ask_raw(stack, line + b"\r\nHost: x\r\n\r\n")
            except (OSError, IndexError):
                pass  # closed without an answer
        stack.process.send_signal(signal.SIGCONT)
        until("they are back", lambda: is_well(stack))
        # The logs contain paths, but neither queries nor tokens.
        ask(stack, "GET", "/api/listings?q=secretword", headers={"Authorization": "Bearer " + "B" * 43})
        body = json.dumps({"name": "Somebody", "email": "secret@example.net", "password": "secret password"})
        for _ in range(2):  # the second time PostgreSQL logs an error
            ask(stack, "POST", "/api/accounts", body, {"Content-Type": "application/json"})
        stack.stop(keep_state=True)
        logs = "".join(path.read_text(errors="replace") for path in pathlib.Path(stack.state, "log").glob("*.log"))
        assert "/api/listings" in logs
        for word in ("secretword", "BBBBBBBB", "secret@example.net", "secret password"):
            assert word not in logs, [line for line in logs.splitlines() if word in line]


def nginx_keeps_the_contract():
    """nginx: the site with its headers, its own errors as problem documents, 503 while no process runs, no secrets in logs."""
    web_server_keeps_the_contract("nginx")


def apache_keeps_the_contract():
    """Apache httpd: the same."""
    web_server_keeps_the_contract("apache")


def batched_calls_pass_to_the_next_process():
    """nginx sends all purchases to the first process. While that is gone, the second takes them at once, since they were not sent yet."""
    with Stack(env={"SHOETOPIA_ONE_LINE": "1"}) as stack:
        owner, buyer = shops(stack, 1, "next")[0], people(stack, 1, "buyer")[0]
        listing_id = list_pair(stack, owner, 1000, 100)
        sockets = {pid: int(path.rpartition("/")[2].partition(".")[0]) for pid in stack.program_pids()
                   for path in pathlib.Path(f"/proc/{pid}/cmdline").read_text().split("\0") if path.endswith(".sock")}
        first = min(sockets, key=sockets.get)
        stack.process.send_signal(signal.SIGSTOP)  # ./start would restart it
        os.kill(first, signal.SIGKILL)
        until("it is gone", lambda: not is_alive(first))
        for _ in range(10):
            bought = checkout(buyer, [(listing_id, 1)])
            headers = {"Authorization": "Bearer " + buyer.token, "Idempotency-Key": bought["key"], "Content-Type": "application/json"}
            status, _, body = ask(stack, "POST", bought["path"], json.dumps(bought["body"]), headers)
            assert status == 201, (status, body)
        stack.process.send_signal(signal.SIGCONT)


def apache_ends_stalled_bodies():
    """600 clients that stall in the body of a request delay no others for long, though each holds a worker of Apache; they get 408 soon."""
    stalled, long_seconds = 600, 2
    head = b"POST /api/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    with Stack(server="apache") as stack, contextlib.ExitStack() as connections:
        opened = []
        for _ in range(stalled):
            opened.append(connections.enter_context(socket.create_connection(("127.0.0.1", stack.port), PATIENCE_SECONDS)))
            opened[-1].sendall(head)
        while not select.select(opened, [], [], 0)[0]:
            began = time.monotonic()
            assert ask(stack, "GET", "/api/listings")[0] == 200
            must_take_less(long_seconds, began)
        answers = {connection.recv(4096).split(b" ")[1] for connection in opened}
        assert answers <= {b"408", b"503"} and b"408" in answers, answers


def a_listed_proxy_is_believed():
    """SHOETOPIA_TRUSTED_PROXIES: what a listed peer of nginx or Apache says of the address and the scheme counts, whatever a client wrote before it."""
    for server in ("nginx", "apache"):
        with Stack(server=server, processes=1, env={"SHOETOPIA_TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.0/8"}) as stack:
            assert ask(stack, "GET", "/api/metrics")[0] == 200
            for lines in ("X-Forwarded-For: 192.0.2.7", "X-Forwarded-For: 127.0.0.1, 192.0.2.7", "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 192.0.2.7",
                          "X-Forwarded-For: 192.0.2.7, 10.1.2.3"):
                text = f"GET /api/metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n\r\n"
                assert ask_raw(stack, text.encode())[0] == 403, (server, lines)
            over_https = {"X-Forwarded-Proto": "https"}
            for path in ("/api/nowhere", "/api/listings"):  # the latter is cached, for each scheme apart
                for _ in range(2):
                    assert "Strict-Transport-Security" not in ask(stack, "GET", path)[1], (server, path)
                    assert "Strict-Transport-Security" in ask(stack, "GET", path, headers=over_https)[1], (server, path)
            body = json.dumps({"name": "Somebody", "email": f"{server}@example.net", "password": "correct horse battery"})
            _, headers, _ = ask(stack, "POST", "/api/accounts", body, over_https | {"Content-Type": "application/json"})
            assert headers["Set-Cookie"].startswith("__Host-shoetopia_session=") and "; Secure" in headers["Set-Cookie"], (server, headers)
            cookie = {"Cookie": headers["Set-Cookie"].split(";")[0], "Content-Type": "application/json", "Host": "shoes.example"}
            for origin, status in (("https://shoes.example", 201), ("http://shoes.example", 403)):
                done = ask(stack, "POST", "/api/shops", json.dumps({"name": f"Shop {server} {status}"}), cookie | over_https | {"Origin": origin})
                assert done[0] == status, (server, origin, done)
            assert ask(stack, "GET", "/api/account", headers=cookie)[0] == 401, server


def a_default_postgresql_logs_no_client():
    """With PostgreSQL's default settings of its log, requests that fail write nothing into it: neither what they hold nor anything else."""
    with Stack() as stack:
        defaults = "".join(f"alter system set {name} = {value};" for name, value in (
            ("log_min_messages", "warning"), ("log_min_error_statement", "error"), ("log_error_verbosity", "default"),
            ("log_parameter_max_length", "-1"), ("log_parameter_max_length_on_error", "-1")))
        for statement in defaults.rstrip(";").split(";"):
            stack.psql(statement, user="postgres")
        stack.psql("select pg_reload_conf()", user="postgres")
        log = pathlib.Path(stack.state, "log", "postgres.log")
        until("the settings are read", lambda: stack.psql("show log_min_messages", user="postgres") == "warning")
        until("the reload is logged", lambda: "log_parameter_max_length_on_error" in log.read_text())
        before = log.stat().st_size
        body = json.dumps({"name": "Somebody", "email": "secret@example.net", "password": "secret password"})
        for _ in range(3):
            assert ask(stack, "GET", "/api/account", headers={"Authorization": "Bearer " + "B" * 43})[0] == 401
            assert ask(stack, "POST", "/api/checkout", "{}", {"Content-Type": "application/json", "Authorization": "Bearer " + "B" * 43,
                                                              "Idempotency-Key": "secret-key-1"})[0] == 401
            assert ask(stack, "POST", "/api/accounts", body, {"Content-Type": "application/json"})[0] in (201, 409)
            assert ask(stack, "GET", "/api/listings/999999999")[0] == 404
        assert log.read_bytes()[before:] == b"", log.read_text()[before:]


def apache_of_its_own(stack, folder, words, modules):
    """Runs an Apache httpd with one of the configurations of deploy/apache; returns its process and a stand-in for the stack."""
    front = type("Front", (), {"port": free_port()})
    text = words.replace("/usr/local/bin/shoetopia", stack.program()).replace("/run/postgresql", stack.database["PGHOST"])
    text = text.replace("/run/shoetopia-password", stack.program_env()["SHOETOPIA_RUN"])
    needed = ["mpm_event", "authz_core", "alias", "env", "headers", *modules]
    conf = [f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in needed]
    conf += [f'ServerRoot "{folder}"', f'DefaultRuntimeDir "{folder}"', f'PidFile "{folder}/pid"', f'ErrorLog "{folder}/error.log"', "ServerName localhost",
             f"Listen 127.0.0.1:{front.port}", f"Mutex fcntl:{folder} default", "User www-data\nGroup www-data" if os.geteuid() == 0 else "",
             "<Directory />\nRequire all denied\n</Directory>", *(["ScriptSock cgisock"] if "cgid" in modules else []),
             *([f"FcgidIPCDir {folder}/fcgid\nFcgidProcessTableFile {folder}/fcgid/table"] if "fcgid" in modules else []), text]
    (folder / "httpd.conf").write_text("\n".join(conf) + "\n")
    (folder / "fcgid").mkdir(exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(folder / "fcgid", "www-data")
    with open(folder / "out", "w") as out:
        server = subprocess.Popen(["/usr/sbin/apache2", "-f", str(folder / "httpd.conf"), "-D", "FOREGROUND"], stdout=out, stderr=out, start_new_session=True)
    return server, front


def apache_can_run_the_program():
    """mod_fcgid and plain CGI, as deploy/apache has them: reads, a sign-up, a token, a body that is too large."""
    with Stack() as stack:
        for name, modules in (("fcgid", ["fcgid"]), ("cgi", ["cgid"])):
            folder = pathlib.Path(tempfile.mkdtemp(prefix="shoetopia-"))
            os.chmod(folder, 0o755)
            server, front = apache_of_its_own(stack, folder, (TOP / "deploy" / "apache" / f"{name}.conf").read_text(), modules)
            try:
                until(f"Apache answers by {name}", lambda: is_well(front) or server.poll() is not None)
                body = json.dumps({"name": name, "email": f"{name}@example.net", "password": "long enough"})
                status, _, answer = ask(front, "POST", "/api/accounts", body, {"Content-Type": "application/json"})
                assert status == 201, (name, status, answer)
                token = {"Authorization": "Bearer " + json.loads(answer)["token"]}
                status, _, answer = ask(front, "GET", "/api/account", headers=token)
                assert status == 200 and json.loads(answer)["name"] == name, (name, status, answer)
                assert ask(front, "GET", "/api/listings?brand=a%2Fb&limit=3")[0] == 200, name
                assert_root_is_of_the_program(front)
                status = ask(front, "POST", "/api/accounts", b"x" * 70000, {"Content-Type": "application/json"})[0]
                assert status == 413, (name, status)
            except Exception:
                print("".join(path.read_text(errors="replace") for path in (folder / "out", folder / "error.log") if path.exists()))
                raise
            finally:
                server.terminate()
                server.wait(PATIENCE_SECONDS)
                shutil.rmtree(folder)


TESTS = (batched_calls_pass_to_the_next_process, apache_ends_stalled_bodies, a_listed_proxy_is_believed, a_default_postgresql_logs_no_client, nginx_keeps_the_contract, apache_keeps_the_contract, apache_can_run_the_program)
