"""The format of a .case file: how it is read, and how an answer is compared with what a step expects.

    # What the file tests.
    use shop ann                        a prelude, see tests/lib/people.py; it sets variables
    use listing ann quantity=3

    == a title                          a step; "[nginx]" or "[cgi]" in the title: only through this transport
    each PRICE: 0 | -1 | 19.99          the step once for each value; several such lines: all combinations
    POST /api/shops/{{ann_shop}}/listings
    As: ann                             Authorization: Bearer {{ann}}
    Accept: text/html

    {"price_cents": {{PRICE}}}
    ---
    422 invalid price_cents             status; code of the problem; the fields that its errors name
    Retry-After: <int>

    {"listing_id": <int:listing>, "brand": "Nike", ...}

Request: without Content-Type a body that begins with { or [ is sent as application/json, any other as a form;
"Content-Type:" without a value sends none. "Transfer: chunked" sends the body chunked (nginx only). "Env NAME: value"
sets an environment variable (CGI only). A request line "SQL" runs the rest by psql as the database's owner.

Answer: a header must be equal; <any> = present, <none> = absent, /expression/ = matches, and its named groups become
variables. The body is a JSON pattern: <any> <int> <number> <text> <bool> <time> match any such value, <int:name> also
stores it as {{name}}; "..." at the end of an object or a list allows more. Or it is lines of text: "~ words" must be in
the body, "!~ words" must not, likewise with /expressions/ (named groups become variables); "empty": no body. Of an SQL
step: the lines that psql prints (-At).

In requests and answers {{name}} is a variable, {{name|digest}} the BLAKE2b-256 of it in hex, {{name|url}} percent-encoded,
{{repeat:3:ab}} ababab, {{times:3:name}} the variable three times, {{hex:c328}} those bytes, {{deep:1000}} JSON nested so deep. {{unique}} differs in each run of a case.
"""
import hashlib
import itertools
import json
import re
import urllib.parse


class Wrong(Exception):
    """A mistake in the case file."""


class Step:
    def __init__(self, title, line):
        self.title, self.line = title, line
        self.each, self.request, self.sql = [], None, False
        self.headers, self.body = [], None
        self.status, self.code, self.fields = None, None, []
        self.want_headers, self.want_body = [], None

    def only(self):
        found = re.search(r"\[(nginx|cgi)\]", self.title)
        return found.group(1) if found else None

    def turns(self):
        """The variables of each run of the step: one for each combination of the "each" lines."""
        names = [name for name, _ in self.each]
        for values in itertools.product(*(values for _, values in self.each)):
            yield dict(zip(names, values))


class Case:
    def __init__(self, name):
        self.name, self.preludes, self.steps = name, [], []


def split_blank(lines):
    """Lines before the first blank one, and those after it (None if there is no blank line)."""
    for i, line in enumerate(lines):
        if not line.strip():
            return lines[:i], lines[i + 1:]
    return lines, None


def header_of(line, where):
    name, colon, value = line.partition(":")
    if not colon or not re.fullmatch(r"(Env )?[A-Za-z0-9_-]+", name):
        raise Wrong(f"{where}: not a header: {line}")
    return name, value.strip()


def read_step(step, lines, where):
    if "---" not in lines:
        raise Wrong(f"{where}: no --- in step '{step.title}'")
    cut = lines.index("---")
    ask, want = lines[:cut], lines[cut + 1:]
    while ask and (found := re.fullmatch(r"each (\w+): (.*)", ask[0])):
        step.each.append((found.group(1), [v.strip() for v in found.group(2).split(" | ")]))
        ask = ask[1:]
    if not ask:
        raise Wrong(f"{where}: no request in step '{step.title}'")
    while want and not want[-1].strip():
        want.pop()
    if ask[0].startswith("SQL"):
        step.sql = True
        step.body = "\n".join([ask[0][3:], *ask[1:]]).strip()
        step.want_body = "\n".join(want)
        return
    step.request = ask[0]
    heads, body = split_blank(ask[1:])
    step.headers = [header_of(line, where) for line in heads]
    if body:
        while body and not body[-1].strip():
            body.pop()
        step.body = "\n".join(body)
    if not want:
        raise Wrong(f"{where}: nothing expected in step '{step.title}'")
    step.status, *rest = want[0].split()
    if rest:
        step.code, *step.fields = rest
    heads, body = split_blank(want[1:])
    step.want_headers = [header_of(line, where) for line in heads]
    step.want_body = "\n".join(body).strip() if body else None


def read_case(path):
    case = Case(path.stem)
    step, lines = None, []
    for number, line in enumerate([*path.read_text(encoding="utf-8").split("\n"), None], 1):
        if line is not None and not line.startswith("== "):
            if step is not None:
                lines.append(line)
            elif line.startswith("use "):
                case.preludes.append(line[4:].split())
            elif line.strip() and not line.startswith("#"):
                raise Wrong(f"{path.name}:{number}: before the first step only # and use: {line}")
            continue
        if step is not None:
            read_step(step, lines, f"{path.name}:{step.line}")
            case.steps.append(step)
        if line is not None:
            step, lines = Step(line[3:].strip(), number), []
    if not case.steps:
        raise Wrong(f"{path.name}: no step")
    return case


def deep(n):
    return '{"a":' * n + "1" + "}" * n


def expand(text, variables):
    """Replaces variables. Bytes that are not UTF-8 are kept as surrogates: encode with errors="surrogateescape"."""
    def one(found):
        word = found.group(1)
        if word.startswith("repeat:"):
            _, count, what = word.split(":", 2)
            return what * int(count)
        if word.startswith("times:"):
            _, count, name = word.split(":", 2)
            return str(variables[name]) * int(count)
        if word.startswith("hex:"):
            return bytes.fromhex(word[4:]).decode("utf-8", "surrogateescape")
        if word.startswith("deep:"):
            return deep(int(word[5:]))
        name, _, how = word.partition("|")
        if name not in variables:
            raise Wrong(f"no variable {{{{{name}}}}}")
        value = str(variables[name])
        if how == "digest":
            return hashlib.blake2b(value.encode(), digest_size=32).hexdigest()
        if how == "url":
            return urllib.parse.quote(value, safe="")
        return value
    for _ in range(2):  # a value may contain a variable
        text = re.sub(r"\{\{([^{}]+)\}\}", one, text)
    return text


TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<[a-z]+(?::\w+)?>|\.\.\.|[^"<.]+|.', re.S)
FITS = {
    "any": lambda v: True,
    "int": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
    "text": lambda v: isinstance(v, str),
    "bool": lambda v: isinstance(v, bool),
    "time": lambda v: isinstance(v, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", v) is not None,
}
MORE = "\u0000more"


def pattern(text):
    """JSON with placeholders, as python values: a placeholder is a tuple (kind, name or None)."""
    out = []
    for token in TOKEN.findall(text):
        if token.startswith("<") and len(token) > 1:
            token = json.dumps("\u0000" + token[1:-1])
        elif token == "...":
            before = "".join(out).rstrip()
            depth = 0
            for i, c in reversed(list(enumerate(re.sub(r'"(?:[^"\\]|\\.)*"', lambda m: "s" * len(m.group()), before)))):
                depth += {"}": 1, "]": 1, "{": -1, "[": -1}.get(c, 0)
                if depth < 0:
                    token = f"{json.dumps(MORE)}: 0" if c == "{" else json.dumps(MORE)
                    break
        out.append(token)
    try:
        return json.loads("".join(out))
    except ValueError as e:
        raise Wrong(f"not a pattern: {e}: {text}") from None


def fit(want, have, variables, where="body"):
    """Yields the differences, in words; stores the values of named placeholders."""
    if isinstance(want, str) and want.startswith("\u0000") and want != MORE:
        kind, _, name = want[1:].partition(":")
        if kind not in FITS:
            raise Wrong(f"no placeholder <{kind}>")
        if not FITS[kind](have):
            yield f"{where} is {json.dumps(have)}, which is no {kind}"
        if name:
            variables[name] = json.dumps(have) if not isinstance(have, str) else have
    elif isinstance(want, dict):
        if not isinstance(have, dict):
            yield f"{where} is {json.dumps(have)}, not an object"
            return
        for key in want:
            if key == MORE:
                continue
            if key not in have:
                yield f"{where}.{key} is missing"
            else:
                yield from fit(want[key], have[key], variables, f"{where}.{key}")
        if MORE not in want:
            for key in have.keys() - want.keys():
                yield f"{where}.{key} is not expected"
    elif isinstance(want, list):
        if not isinstance(have, list):
            yield f"{where} is {json.dumps(have)}, not a list"
            return
        open_end = bool(want) and want[-1] == MORE
        items = want[:-1] if open_end else want
        if len(have) < len(items) or (len(have) > len(items) and not open_end):
            yield f"{where} has {len(have)} items, not {len(items)}: {json.dumps(have)[:300]}"
            return
        for i, item in enumerate(items):
            yield from fit(item, have[i], variables, f"{where}[{i}]")
    elif type(want) is not type(have) and not {type(want), type(have)} <= {int, float} or want != have:
        yield f"{where} is {json.dumps(have)}, not {json.dumps(want)}"


def fit_text(want, have, variables, where):
    """One line of text: as it stands, <any>, <none> or /expression/."""
    if want == "<any>":
        return [] if have is not None else [f"{where} is missing"]
    if want == "<none>":
        return [] if have is None else [f"{where} is there: {have}"]
    if have is None:
        return [f"{where} is missing"]
    if want == "<int>":
        return [] if re.fullmatch(r"\d+", have) else [f"{where} is '{have}', no number"]
    if len(want) > 2 and want.startswith("/") and want.endswith("/"):
        found = re.search(want[1:-1], have, re.S)
        if not found:
            return [f"{where} does not match {want}: {have[:2000]}"]
        variables.update({k: v for k, v in found.groupdict().items() if v is not None})
        return []
    return [] if want == have else [f"{where} is '{have}', not '{want}'"]
