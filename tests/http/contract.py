"""What the contract promises of every answer, and the OpenAPI document with the schemas of all answers."""
import json
import re
import subprocess
import threading
import urllib.parse
import warnings

import transports

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import jsonschema

CODES = {
    "invalid": 422, "not_json": 400, "unauthenticated": 401, "wrong_password": 401, "forbidden": 403,
    "cross_origin": 403, "not_found": 404, "method_not_allowed": 405, "email_taken": 409, "name_taken": 409,
    "shop_exists": 409, "sale_active": 409, "out_of_stock": 409, "cart_empty": 409, "too_large": 413,
    "unsupported_type": 415, "price_changed": 409, "out_of_funds": 409, "invalid_state": 409, "slot_taken": 409, "key_missing": 400, "bad_signature": 400, "key_reused": 422,
    "too_many_requests": 429, "busy": 503,
    "already_booked": 409, "already_reserved": 409, "stale": 412, "version_missing": 428,
}
# These cannot succeed here, where payments are off; race tests, isolation specs and browser tests have them succeed.
WITH_PAYMENTS = {("POST", "/api/orders/{order_id}/payment"), ("POST", "/api/payments/events"), ("POST", "/api/shops/{shop_id}/payouts"),
        ("PUT", "/api/admin/shipments/{shipment_id}"), ("PUT", "/api/admin/payments/{order_id}")}
WITH_FILES = {("POST", "/api/shops/{shop_id}/listings/{listing_id}/photos"), ("PUT", "/api/shops/{shop_id}/listings/{listing_id}/photos"),
              ("DELETE", "/api/shops/{shop_id}/listings/{listing_id}/photos/{photo_id}"), ("GET", "/api/photos/{hash}/{file}")}  # photos.py
LEAKS = re.compile(r"sqlstate|plpgsql|pg_catalog|libpq|\bmarket\.\w|\bapi\.\w+\(|syntax error|violates|backtrace|\.c:\d", re.I)


def strict_json(body):
    """Parses bytes as JSON as a strict client does: UTF-8, no member twice, no NaN."""
    def once(pairs):
        names = [n for n, _ in pairs]
        if len(names) != len(set(names)):
            raise ValueError(f"a member is there twice: {names}")
        return dict(pairs)

    def no(name):
        raise ValueError(f"{name} is no JSON")
    return json.loads(body.decode("utf-8"), object_pairs_hook=once, parse_constant=no)


def every_answer(asked, a, step):
    """Yields each promise of the contract for all answers that this one breaks."""
    method, target = asked.split(" ", 1)
    wanted = {n.lower() for n, _ in step.want_headers}
    kind = a.header("Content-Type") or ""
    if not target.startswith("/api"):
        return
    if not re.fullmatch(r"[0-9A-Za-z._-]{8,128}", a.header("X-Request-Id") or ""):
        yield f"X-Request-Id is {a.header('X-Request-Id')}"
    if a.header("Cache-Control") is None:
        yield "Cache-Control is missing"
    elif a.header("Cache-Control") != "no-store" and "cache-control" not in wanted:
        yield f"Cache-Control is '{a.header('Cache-Control')}', not 'no-store'"
    for name in ("Cache-Control", "X-Request-Id", "Content-Type", "Location", "Content-Length"):
        if len(a.all(name)) > 1:
            yield f"{name} is there twice: {a.all(name)}"
    if method == "HEAD" or a.status in (204, 304):
        if a.body:
            yield f"there is a body: {a.body[:100]!r}"
        return
    text = a.body.decode("utf-8", "replace")
    if a.status >= 400 and (found := LEAKS.search(text)):
        yield f"the answer shows internals: ...{text[max(0, found.start() - 40):found.end() + 40]}..."
    if kind.startswith("text/html"):
        return
    if a.status == 303:
        return
    if a.status < 400:
        if not re.fullmatch(r"application/json(; ?charset=utf-8)?", kind, re.I) and not target.startswith("/api/metrics") and not (kind == "text/csv; charset=utf-8" and target.endswith("/export")):
            yield f"Content-Type is '{kind}'"
        return
    yield from problem_faults(a, kind)


def problem_faults(a, kind):
    if not kind.startswith("application/problem+json"):
        yield f"Content-Type is '{kind}', not application/problem+json"
        return
    try:
        p = strict_json(a.body)
    except ValueError as e:
        yield f"not JSON: {e}"
        return
    for name in ("type", "title", "detail", "code"):
        if not isinstance(p.get(name), str) or not p[name]:
            yield f"the problem's {name} is {p.get(name)!r}"
    if p.get("status") != a.status:
        yield f"the problem's status is {p.get('status')!r}"
    if CODES.get(p.get("code")) != a.status and (p.get("code"), a.status) not in (("too_large", 414), ("invalid", 400)):
        yield f"the code {p.get('code')} does not go with {a.status}"
    if a.status == 422 and not isinstance(p.get("errors"), list):
        yield "a 422 has errors"
    for e in p.get("errors", []) if a.status == 422 else []:
        if not isinstance(e.get("field"), str) or not isinstance(e.get("message"), str) or not e["message"]:
            yield f"an error is {e}"
    if a.status in (429, 503) and not re.fullmatch(r"[1-9]\d*", a.header("Retry-After") or ""):
        yield f"Retry-After is {a.header('Retry-After')}"
    if a.status == 405 and not a.header("Allow"):
        yield "Allow is missing"


class Contract:
    """GET /api/openapi.json of a stack."""

    def __init__(self, stack):
        self.stack = stack
        self.document = json.loads(transports.Nginx(stack).ask("GET", "/api/openapi.json", [], None, {}).body)
        base = self.document.get("servers", [{"url": ""}])[0]["url"].rstrip("/")
        self.prefix = urllib.parse.urlsplit(base).path
        self.routes = []  # (expression, path, its operations); those without parameters first: they take precedence
        for path, operations in self.document["paths"].items():
            expression = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(self.prefix + path))
            self.routes.append((re.compile(expression), path, operations))
        self.routes.sort(key=lambda r: r[1].count("{"))
        self._lock, self._checkers, self.seen = threading.Lock(), {}, set()

    def schema_faults(self, asked, a):
        """Yields where the answer to `asked` differs from the schema of its route and status."""
        method, target = asked.split(" ", 1)
        method = "get" if method == "HEAD" else method.lower()
        path = target.partition("?")[0]
        _, route, operations = next((r for r in self.routes if r[0].fullmatch(path)), (None, None, {}))
        operation = operations.get(method)
        if operation is None or a.status in (303, 405, 414):
            return []
        status = str(a.status)
        answer = operation["responses"].get(status) or operation["responses"].get("default")
        if answer is None:
            return [f"the OpenAPI document has no {status} for {method.upper()} {route}"]
        with self._lock:
            self.seen.add((method.upper(), route, a.status))
        answer = self.resolve(answer)
        kind = (a.header("Content-Type") or "").partition(";")[0]
        if kind == "text/html" or not a.body:
            return []
        content = answer.get("content", {})
        if "*/*" in content and route in ("/api/metrics", "/api/openapi.json"):  # the two whose body is not an answer schema
            return []
        if kind not in content:
            return [f"the OpenAPI document has no {kind} for {status} of {method.upper()} {route}"]
        if "json" not in kind:
            return []
        if "schema" not in content[kind]:
            return [f"the OpenAPI document has no schema for {status} of {method.upper()} {route}"]
        try:
            data = strict_json(a.body)
        except ValueError as e:
            return [f"not JSON: {e}"]
        return [f"not as its schema says: {'/'.join(map(str, e.absolute_path))}: {e.message[:300]}"
                for e in self.checker(content[kind]["schema"]).iter_errors(data)]

    def resolve(self, part):
        while "$ref" in part:
            at = self.document
            for name in part["$ref"].removeprefix("#/").split("/"):
                at = at[name.replace("~1", "/").replace("~0", "~")]
            part = at
        return part

    def checker(self, schema):
        text = json.dumps(schema, sort_keys=True)
        with self._lock, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            if text not in self._checkers:
                whole = {**schema, "components": self.document.get("components", {})}
                jsonschema.Draft202012Validator.check_schema(whole)
                self._checkers[text] = jsonschema.Draft202012Validator(whole)
            return self._checkers[text]

    def document_faults(self, whole_run):
        """Compares the document with --routes; after a run of all cases, every route must have succeeded and been refused."""
        faults = []
        listed = subprocess.run([self.stack.program(), "--routes"], env=self.stack.program_env(), capture_output=True,
                                text=True, check=True).stdout
        routes = {(m.group(1), m.group(2)) for m in re.finditer(r"^\W*(GET|POST|PUT|PATCH|DELETE)\s+(/api/\S*)", listed, re.M)}
        routes = {(m, p.removeprefix(self.prefix) if self.prefix else p) for m, p in routes}
        methods = {"get", "post", "put", "patch", "delete"}
        documented = {(m.upper(), p) for p, operations in self.document["paths"].items() for m in operations if m in methods}
        if not routes or routes != documented:
            faults.append(f"only in --routes: {sorted(routes - documented)}; only in openapi.json: {sorted(documented - routes)}")
        printed = subprocess.run([self.stack.program(), "--openapi"], env=self.stack.program_env(), capture_output=True,
                                 text=True, check=True).stdout
        if json.loads(printed) != self.document:
            faults.append("--openapi prints another document than GET /api/openapi.json")
        if not str(self.document.get("openapi", "")).startswith("3.1"):
            faults.append("the document is not OpenAPI 3.1")
        if whole_run:
            succeeded = {(m, p) for m, p, s in self.seen if s < 400}
            faults += [f"no case has {m} {p} succeed" for m, p in sorted(documented - succeeded - WITH_PAYMENTS - WITH_FILES)]
            refused = {(m, p) for m, p, s in self.seen if s >= 400}
            faults += [f"no case has {m} {p} refused" for m, p in sorted(documented - refused - WITH_FILES)]
        return faults


def audit_faults(stack):
    """No invariant may be violated, whatever the cases did."""
    done = subprocess.run([stack.program(), "--audit"], env=stack.program_env("shoetopia_owner"), capture_output=True,
                          text=True, check=False)
    return [] if done.returncode == 0 else [f"--audit ended with {done.returncode}:\n{done.stdout}{done.stderr}"]
