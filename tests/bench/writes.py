"""Accounts and listings created per second, through nginx by 64 clients; and by their SQL functions alone, called by pgbench for one at a time on 64
connections.

A new account's password is hashed with Argon2id (19 MiB, two passes), one hash for each core at a time: this, not the database, limits
the sign-ups per second, on purpose. pgbench calls the insert without a hash. New listings are of a thousand shoes,
so that most of them find an existing shoe.
"""
from .common import CLIENTS, HERE, WARM_SECONDS, pgbench, ratio, table, whole, wrk
from people import accounts_sql, digest, new_token

ACCOUNT_SQL = """select n, code, answer from api.create_account(jsonb_build_array(jsonb_build_object('name', 'Pat',
    'email', gen_random_uuid() || '@example.net', 'password_hash', '!', 'new_session', '\\x' || encode(sha256(gen_random_uuid()::text::bytea), 'hex'))));
"""
LISTING_SQL = """\\set n random(1, :sellers)
\\set style random(1, 1000)
select n, code, answer from api.create_listing((select jsonb_build_array(jsonb_build_object('session', s.session, 'shop_id', s.shop_id,
    'brand', 'Aero', 'style', 'Style ' || :style::int, 'color', 'red', 'size', 9, 'condition', 'new', 'audience', 'men', 'price_cents', 1999, 'quantity', 10))
    from bench.lister s where s.n = :n::int));
"""
SELLERS = 256


def make_sellers(stack):
    """Creates shops: their tokens and ids in a file for wrk, and in bench.lister for SQL."""
    tokens = [new_token() for _ in range(SELLERS)]
    stack.psql(accounts_sql([(f"Lister {i}", f"lister{i}@example.com", t) for i, t in enumerate(tokens)]))
    stack.psql("create schema bench; create table bench.lister (n int primary key, session text not null, shop_id bigint);"
               "grant usage on schema bench to shoetopia_app; grant select, update on bench.lister to shoetopia_app;"
               "insert into bench.lister values " + ",".join(f"({i}, '\\x{digest(t)}')" for i, t in enumerate(tokens, 1)), user="postgres")
    shops = stack.psql("""update bench.lister s set shop_id = (select (c.answer ->> 'shop_id')::bigint
        from api.create_shop(s.session::bytea, 'Shop ' || s.n, null, null) c);
        select shop_id from bench.lister order by n""", user="shoetopia_app").split()
    path = stack.folder / "sellers"
    path.write_text("".join(f"{token} {shop}\n" for token, shop in zip(tokens, shops)))
    return path


def part(bench):
    with bench.market() as stack:
        sellers = make_sellers(stack)
        (stack.folder / "account.sql").write_text(ACCOUNT_SQL)
        (stack.folder / "listing.sql").write_text(LISTING_SQL)

        def through(kind, seconds):
            return wrk(stack.url, seconds, script=HERE / "write.lua", arguments=(kind, sellers)).rate

        def alone(kind):
            return pgbench(stack, stack.folder / f"{kind}.sql", bench.seconds, variables={"sellers": SELLERS}, warm=WARM_SECONDS).rate

        through("listing", 1)
        seen = bench.paired({"account": lambda: through("account", bench.seconds), "account alone": lambda: alone("account"),
                             "listing": lambda: through("listing", bench.seconds), "listing alone": lambda: alone("listing")})
    rows = [[words, whole(seen[name]), whole(seen[name + " alone"]), ratio(seen[name] / seen[name + " alone"])]
            for name, words in (("account", "`POST /api/accounts`, with the password's Argon2id hash"), ("listing", "`POST /api/shops/{shop_id}/listings`"))]
    return table([f"{CLIENTS} clients", "through nginx, a second", "pgbench, the function for one at a time, without hashes", "ratio"], rows)
