"""The words that STYLE.md replaces: plain_words() yields each place that still has one.

Text that people read on pages stays as it is: in JavaScript no string literal is looked at, elsewhere only for the strong words. ALLOWED has the lines
that must have such a word.
"""
import re
import subprocess

# A pattern (letters before or after it do not match, an underscore does) and what to write instead.
# STRONG words have no other meaning here: no file has them. WEAK words may occur in text that buyers and sellers read.
STRONG = {
    "passengers?": "pending call", "lanes?": "batcher, database", "line_board": "queue_take", "culprits?": "the call that fails",
    "travel(s|led|ling|lers?)?": "be batched", "travel_alone": "run_inline", "vacancy_fd|left_fd": "wake_fd, always_ready_fd",
    "hasty": "send timeout", "take_time": "before_blocking", "may_leave": "can_detach", "is_started": "try_start",
    "line_ended": "backlog_drained", "complaints?|complain(s|ed)?": "field error", "off_page": "api_only", "turnstiles?": "limiter",
    "reservation_lasts": "reservation_set_hold_seconds", "answer_from": "answer_set_db", "reply_unsure": "REPLY_NOT_REPLICATED",
    "v_twin": "v_duplicate", "goods": "listings", "weather": "rounds", "storms?": "race test", "db_would_wait|db_start": "db_submit",
    "houses?": "marketplace, tree", "rooms?": "layer, space", "undone": "requeued", "boards?": "batch",
    "plays?|played": "fixture, run", "vacanc(y|ies)": "wake-up descriptor",
}
WEAK = {
    "nobody": "no caller, nothing", "whoever": "the caller that", "told": "answered, reported", "aboard|on board": "in the batch",
    "shel(f|ves)": "page of listings", "parcels?": "shipment",
}
# Identifiers alone: these are ordinary words in a sentence.
IDENTIFIERS = {
    r"\.otherwise|->otherwise": "default_value", r"\.either|->either": "or_field", r"\bWHOLE\b|\bHALVES\b": "FIELD_INTEGER, FIELD_HALF_STEPS",
    r"\bdrivers?\b": "batch worker", r"\bexchange\w*|\bstruct (lead|shape|place)\b|\blead_\w+": "transport, leader, answer_schema, slot",
}
PATHS = ["src", "cgi-bin", "sandbox", "schema", "tests", "docs", "www/js", "build-aux", "deploy", "m4", "check", "start", "Makefile.am", "configure.ac", "*.md"]
# The expected output of isolation specs repeats what the specs say; the old migrations are append-only; these two tables are the list itself.
SKIPPED = re.compile(r"^(schema/migrations/00(0\d|1[0-8])_|tests/isolation/expected/|tests/fuzz/corpus/|tests/lint/words\.py$|STYLE\.md$|docs/.*\.svg$"
                     r"|tests/browser/package-lock\.json$)")
# FILE: what a line there may say, and why.
ALLOWED = (
    # The program build/storm, its output, its accounts and its shop keep their names. README shows the output.
    ("", re.compile(r"build/storm|\bstorm_(SOURCES|LDADD|CPPFLAGS)\b|noinst_PROGRAMS = storm|[\"/]storm\"|Storm (buyer|Shop)|were told|storm\.\d+@|\^storm\[", re.I)),
    ("tests/tools/demo", re.compile(r"storm", re.I)),  # the sources of build/storm
    ("tests/tools/crowd.c", re.compile(r"CURLOPT_NOBODY")),  # libcurl's name
    ("schema/demo.sql", re.compile(r"High Top House|Warehouse")),  # names of shops
    ("README.md", re.compile(r"TO BE TOLD|told clearly|as told|on the shelf|nobody who came later|nobody gets in")),
    ("tests/catalogue/generate.sql", re.compile(r"'Air Cloud Court")),  # styles of shoes
    ("tests/http/friend.case", re.compile(r"^~ Nobody here has this e-mail")),  # a sentence that buyers read
    ("", re.compile(r"desk[-_]shelf")),  # a page, by the name that sellers read
    ("tests/start/run", re.compile(r'getpwnam\("nobody"\)')),  # a user of the system
)


def compiled(words):
    return [(re.compile(rf"(?<![A-Za-z])(?:{pattern})(?![A-Za-z])", re.I), instead) for pattern, instead in words.items()]


STRONG_RE, WEAK_RE = compiled(STRONG), compiled(WEAK)
IDENTIFIER_RE = [(re.compile(pattern), instead) for pattern, instead in IDENTIFIERS.items()]
STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`')


def is_allowed(name, line):
    return any(name.startswith(file) and pattern.search(line) for file, pattern in ALLOWED)


def found_in(name, line):
    """The words of one line, with what to write instead."""
    text = STRING.sub('""', line) if name.endswith((".js", ".mjs", ".c", ".h", ".sql", ".case")) else line
    is_page = name.endswith((".js", ".mjs")) or name == "schema/demo.sql"
    for words, where in ((STRONG_RE, text if is_page else line), (WEAK_RE, text), (IDENTIFIER_RE if name.endswith((".c", ".h")) else (), line)):
        for pattern, instead in words:
            for match in pattern.finditer(where):
                yield match[0], instead


def plain_words(top):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *PATHS], cwd=top, capture_output=True, text=True, check=True)
    for name in listed.stdout.split("\n"):
        if not name or SKIPPED.match(name) or not (top / name).is_file():
            continue
        for n, line in enumerate((top / name).read_text(encoding="utf-8", errors="replace").split("\n"), 1):
            if is_allowed(name, line):
                continue
            for word, instead in found_in(name, line):
                yield f'{name}:{n}: "{word}": write {instead}'
