"""Texts that look the same: the tables of characters in SQL and in C, and the migration of names that differ in invisible characters."""
import hashlib
import pathlib
import re
import subprocess

TOP = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = TOP / "schema"
BEFORE = int(next(SCHEMA.glob("migrations/????_text.sql")).name[:4]) - 1  # the last migration before the rule


def database_at(stack, name, version):
    """A database with the migrations up to this one, and none of the functions."""
    stack.psql(f"create database {name} owner shoetopia_owner template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'", user="postgres")
    stack.psql((SCHEMA / "migrate" / "begin.sql").read_text(), database=name)
    for file in sorted(SCHEMA.glob("migrations/*.sql"))[:version]:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        stack.psql(f"begin; {file.read_text()}\n; insert into market.schema_version values ({int(file.name[:4])}, '{file.stem}', '{digest}', now()); commit",
                   database=name)


def run_program(stack, task, database):
    env = stack.program_env("shoetopia_owner")
    return subprocess.run([stack.program(), task], env=env | {"PGDATABASE": database}, capture_output=True, text=True, check=False)


def table_of_c(name):
    """The code points of a table of ranges in src/base/unicode.c."""
    text = (TOP / "src/base/unicode.c").read_text()
    table = re.search(rf"struct range {name}\[\] = \{{(.*?)\n\}};", text, re.S)[1]
    return {c for first, last in re.findall(r"\{ 0x(\w+), 0x(\w+) \}", table) for c in range(int(first, 16), int(last, 16) + 1)}


def table_of_sql(stack, piece, found):
    """The code points c from U+00A0 on for which the regular expression `found` finds chr(c) in what market.one_line leaves of all pieces, one behind the other."""
    left = stack.psql(f"select market.one_line(string_agg('<' || {piece} || '>', '' order by c)) from generate_series(160, 1114111) c where c not between 55296 and 57343")
    return {ord(c) for c in re.findall(found, left, re.S)}


def sql_and_c_know_the_same_characters(stack):
    invisible, pictographs = table_of_c("invisible"), table_of_c("pictographs")
    assert len(invisible) > 4000 and len(pictographs) > 3000
    every = {c for c in range(0xa0, 0x110000) if not 0xd800 <= c < 0xe000 and c & 0xfffe != 0xfffe}
    for known, found in ((invisible, every - table_of_sql(stack, "chr(c)", "<(.)>")),
                         (pictographs, table_of_sql(stack, "chr(c) || chr(65039)", "<(.)\ufe0f>"))):
        assert known == found, [hex(c) for c in sorted(known ^ found)[:20]]
    # What is compared: without them, also where they keep an accent from its letter.
    assert stack.psql("select market.without_invisible(string_agg(chr(c), '')) from unnest(array[" + ",".join(map(str, sorted(invisible))) + "]) c") == ""
    assert stack.psql("select market.fold('Cre' || chr(847) || chr(768) || chr(65279) || 'ME') = market.fold('Crème')") == "t"
    for text, clean in (("👩🏽\u200d💻❤\ufe0f", None), ("1\ufe0f\u20e3", None), ("🏳\ufe0f\u200d🌈", None), ("1\ufe0f", "1"), ("a\u200db", "ab"),
                        ("👟\u200d", "👟"), ("\u200d👟", "👟"), ("👟\u200da", "👟a"), ("❤\ufe0f\ufe0f", "❤\ufe0f"), ("Ni\u202eke", "Nike")):
        assert stack.psql(f"select market.one_line('{text}')") == (clean or text), ascii(text)


def a_name_with_them_is_refused_by_the_tables(stack):
    for table, columns, values in (
            ("account", "name, email, password_hash, created_at", "'Ann\u200b', 'twin@example.com', 'x', now()"),
            ("account", "name, email, password_hash, created_at", "'Ann', 'tw\u034fin@example.com', 'x', now()"),
            ("shop", "account_id, name, created_at", "1, 'Gum\ufeff', now()"),
            ("shoe", "brand, style, color", "'Ni\u00adke', 'Twin', 'red'"),
            ("shoe", "brand, style, color", "'Nike', 'Twin\u202e', 'red'")):
        done = stack.psql(f"do $$ begin insert into market.{table} ({columns}) values ({values}); raise exception 'accepted';"
                          " exception when check_violation then null; end $$; select 'refused'", user="postgres")
        assert done == "refused", (table, ascii(values))


OLD = """
insert into market.account (account_id, name, email, password_hash, created_at)
select n, 'Ann', e, 'x', now() from unnest(array['ann@example.com', E'a\\u034fnn@example.com', E'bea\\ufe0f@example.com', 'strasse@example.com',
	E'stra\\u1e9ee@example.com', E'\\u00dfe@example.com', E'\\u1e9ee@example.com', 'cleo@example.com']) with ordinality as a(e, n);
insert into market.cart select account_id from market.account;
update market.account set name = E'Ann\\u202e' where account_id = 1;
insert into market.address values (1, E'\\u200bAnn', E'1 Low\\u00ad Street', null, 'Basel', E'\\u2060', '4001', 'CH');
insert into market.shop (shop_id, account_id, name, created_at) select n, n, s, now()
from unnest(array[E'Gum\\u200b & Lace', 'Gum & Lace', E'\\ufeffGum & Lace', E'Last \\u2764\\ufe0f', E'Last\\u2800\\u2764', E'Box\\ufffc']) with ordinality as a(s, n);
insert into market.balance (shop_id) select shop_id from market.shop;
insert into market.slot (shop_id, slot_id, station, starts_at, ends_at, created_at)
select 1, n, s, timestamptz '2030-01-01 10:00Z' + h * interval '1 hour', timestamptz '2030-01-01 11:00Z' + h * interval '1 hour', now()
from unnest(array['Chair', E'Ch\\u200bair', E'Ch\\u200bair', E'Chair\\u2060'], array[0, 0, 1, 1]) with ordinality as a(s, h, n);
insert into market.event (shop_id, event_id, title, starts_at, capacity, created_at) values (1, 1, E'Drop\\u3164\\u2028two', now(), 5, now());
insert into market.shoe (shoe_id, brand, style, color) values (1, E'Ni\\u200bke', 'Air', 'red'), (2, 'Nike', 'Air', 'red'), (3, E'Ve\\u2060ja', 'V10', 'red'),
	(4, E'Veja\\ufe0f', 'V10', 'red'), (5, 'Asics', 'Gel', 'red');
insert into market.listing (shop_id, listing_id, shoe_id, brand_key, color, size, condition, audience, price_cents, in_stock, promotion_tier, created_at)
select 1, s.shoe_id + 10, s.shoe_id, s.brand_key, s.color, 9, 'new', 'men', 1000, true, 0, now() from market.shoe s;
insert into market.stock (shop_id, listing_id, available) select shop_id, listing_id, 1 from market.listing;
insert into market.stock_entry (shop_id, listing_id, delta, reason, at) select shop_id, listing_id, 1, 'listed', now() from market.listing;
insert into market.wish (account_id, shoe_id, added_at) values (1, 1, now()), (1, 2, now()), (2, 1, now()), (2, 4, now()), (3, 3, now()), (3, 4, now());
insert into market.friendship (low_account_id, high_account_id, low_asked_at, low_email, low_emailed_at) values (1, 2, now(), E'a\\u034fnn@example.com', now());
insert into market.shoe_word (word, shoe_id) select w, s.shoe_id from market.shoe s, unnest(market.words(s.brand || ' ' || s.style || ' ' || s.color)) w;
insert into market.word_slip (slip, word) select distinct r, w.word from market.shoe_word w, market.slips(w.word) r;
"""


def old_names_that_look_the_same_differ_afterwards(stack):
    old = "twins"
    database_at(stack, old, BEFORE)
    stack.psql(OLD, database=old)
    done = run_program(stack, "--migrate", old)
    assert done.returncode == 0, done
    assert "market.changed_text" in done.stderr and 'shop.name of 1 is now "Gum & Lace (2)"' in done.stderr, done.stderr

    def column(query):
        return [row[0] for row in stack.rows(query, database=old)]

    assert column("select name from market.shop order by shop_id") == ["Gum & Lace (2)", "Gum & Lace", "Gum & Lace (3)", "Last ❤\ufe0f", "Last\u2800❤ (2)", "Box□"]
    assert column("select station from market.slot order by slot_id") == ["Chair", "Chair (2)", "Chair (2)", "Chair"]
    emails = column("select email from market.account order by account_id")
    assert emails[0] == "ann@example.com" and emails[2] == "bea@example.com" and emails[3] == "strasse@example.com", emails
    assert re.fullmatch(r"account-2-\w{8}@twin\.invalid", emails[1]) and emails[4] == "straẞe@example.com", emails
    assert emails[5] == "ße@example.com" and re.fullmatch(r"account-7-\w{8}@twin\.invalid", emails[6]), emails
    assert column("select count(*) from market.changed_text where what = 'account.email'") == ["3"]
    assert column("select name from market.account where account_id = 1") == ["Ann"]
    assert stack.rows("select name, line1, region is null from market.address", database=old) == [["Ann", "1 Low Street", "t"]]
    assert column("select title from market.event") == ["Drop two"]
    assert column("select low_email from market.friendship") == ["ann@example.com"]
    assert stack.rows("select shoe_id, brand from market.shoe order by 1", database=old) == [["2", "Nike"], ["3", "Veja"], ["5", "Asics"]]
    assert stack.rows("select listing_id, shoe_id, brand_key from market.listing order by 1", database=old) == [
        ["11", "2", "nike"], ["12", "2", "nike"], ["13", "3", "veja"], ["14", "3", "veja"], ["15", "5", "asics"]]
    assert stack.rows("select account_id, shoe_id from market.wish order by 1, 2", database=old) == [["1", "2"], ["2", "2"], ["2", "3"], ["3", "3"]]
    done = run_program(stack, "--audit", old)
    assert done.returncode == 0, done


TESTS = (sql_and_c_know_the_same_characters, a_name_with_them_is_refused_by_the_tables, old_names_that_look_the_same_differ_afterwards)
