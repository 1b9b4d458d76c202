"""The two transports to the program: through the stack's nginx (FastCGI), and as plain CGI, where each request is a process of
its own. Both return an Answer."""
import http.client
import itertools
import os
import subprocess


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def header(self, name):
        """The first header of that name, or None."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), None)

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]


class Nginx:
    name = "nginx"

    def __init__(self, stack):
        self.port = stack.port
        self.asked = itertools.count()

    def uncached(self, headers):
        """Adds a unique media type to Accept: nginx caches public answers for a second, and varies by Accept."""
        wants = ", ".join([value for name, value in headers if name.lower() == "accept"] or ["*/*"])
        rest = [(name, value) for name, value in headers if name.lower() != "accept"]
        return [*rest, ("Accept", f"{wants}, text/x-{next(self.asked)};q=0.001")]

    def ask(self, method, target, headers, body, env):
        assert not env, "an environment is for plain CGI"
        if method in ("GET", "HEAD"):
            headers = self.uncached(headers)
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        chunked = False
        try:
            c.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            if not any(n.lower() == "host" for n, _ in headers):
                c.putheader("Host", f"127.0.0.1:{self.port}")  # with port 80 too, as in the origins that the tests send
            for name, value in headers:
                if name == "Transfer":
                    chunked = True
                    c.putheader("Transfer-Encoding", "chunked")
                else:
                    c.putheader(name, value.encode("utf-8", "surrogateescape"))
            if not chunked and (body is not None or method in ("POST", "PUT", "PATCH")) and not any(
                    n.lower() == "content-length" for n, _ in headers):
                c.putheader("Content-Length", str(len(body or b"")))
            try:
                c.endheaders()
                if chunked:
                    for at in range(0, len(body), 65536):
                        part = body[at:at + 65536]
                        c.send(b"%x\r\n%s\r\n" % (len(part), part))
                    c.send(b"0\r\n\r\n")
                elif body:
                    c.send(body)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before the whole body was sent; the answer can be read
            r = c.getresponse()
            return Answer(r.status, r.getheaders(), r.read())
        finally:
            c.close()


class Cgi:
    name = "cgi"

    def __init__(self, stack):
        self.command, self.env = [stack.program()], stack.program_env()
        self.port = stack.port

    def ask(self, method, target, headers, body, env):
        e = dict(self.env)
        e.update({
            "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.port), "REMOTE_ADDR": "127.0.0.1", "REQUEST_METHOD": method, "REQUEST_URI": target,
            "SCRIPT_NAME": "", "PATH_INFO": target.partition("?")[0], "QUERY_STRING": target.partition("?")[2],
            "HTTP_HOST": f"127.0.0.1:{self.port}",
        })
        if body is not None or method in ("POST", "PUT", "PATCH"):
            e["CONTENT_LENGTH"] = str(len(body or b""))
        for name, value in headers:
            key = name.upper().replace("-", "_")
            value = os.fsdecode(value.encode("utf-8", "surrogateescape"))
            e[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else "HTTP_" + key] = value
        e.update(env)
        p = subprocess.run(self.command, input=body or b"", env=e, capture_output=True, timeout=60, check=False)
        head, blank, text = p.stdout.partition(b"\r\n\r\n")
        if p.returncode != 0 or not blank:
            raise RuntimeError(f"the program as CGI ended with {p.returncode}: {p.stdout[:300]!r} {p.stderr[-2000:]!r}")
        got = [tuple(part.strip() for part in line.split(":", 1)) for line in head.decode("latin-1").split("\r\n")]
        status = next((int(v.split()[0]) for n, v in got if n.lower() == "status"), 200)
        return Answer(status, [(n, v) for n, v in got if n.lower() != "status"], text)
