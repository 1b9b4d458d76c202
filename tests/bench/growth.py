"""How much the database grows with its sales: bytes of heap, TOAST, indexes and WAL for each sale, by table.

The sales are made by api.checkout, in batches of 64, of listings in turn, so that orders, lines and ledgers are real. Which table a record of the log is for is
read from a sample at the end (pg_walinspect), without the full-page images, which depend on how many sales lie between two checkpoints.
"""
import time

from .common import CLIENTS, make_buyers, make_listing, say, sell_before, table, whole

LISTINGS = 20
SAMPLE = 4000
BUYERS = 20000
MIB = 1 << 20

SIZES = """select c.relname, pg_relation_size(c.oid), coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0), pg_indexes_size(c.oid)
    from pg_class c where c.relnamespace = 'market'::regnamespace and c.relkind = 'r'"""
WAL_BY_TABLE = """select coalesce(t.relname, r.resource_manager), sum(r.record_length - r.fpi_length)::bigint
    from pg_get_wal_records_info('{begin}', '{end}') r
        left join pg_class c on c.relfilenode = substring(r.block_ref from 'rel [0-9]+/[0-9]+/([0-9]+)')::oid
        left join pg_index i on i.indexrelid = c.oid
        left join pg_class t on t.oid = coalesce(i.indrelid, (select h.oid from pg_class h where h.reltoastrelid = c.oid), c.oid)
            and t.relnamespace = 'market'::regnamespace
    group by 1"""

def how(bench):
    return f"{whole(bench.sales)} sales, {time.strftime('%Y-%m-%d')}, at {bench.commit}."


def sizes(stack):
    return {name: tuple(map(int, figures)) for name, *figures in stack.rows(SIZES)}


def wal(stack):
    """Bytes of log, and of full-page images in it at most: each is a page or less."""
    stack.psql("select pg_stat_force_next_flush()", user="postgres")
    position, images = stack.rows("select pg_current_wal_lsn() - '0/0', wal_fpi from pg_stat_wal", user="postgres")[0]
    return int(position), int(images)


def sell(stack, listings, sales):
    each = sales // len(listings)
    for listing in listings:
        sell_before(stack, listing, each, CLIENTS)


def wal_by_table(stack):
    listing = make_listing(stack, "growth-sample", SAMPLE)
    stack.psql("create extension if not exists pg_walinspect", user="postgres")
    begin = stack.psql("select pg_current_wal_lsn()", user="postgres")
    sell_before(stack, listing, SAMPLE, CLIENTS)
    end = stack.psql("select pg_current_wal_flush_lsn()", user="postgres")
    found = {}
    for name, size in stack.rows(WAL_BY_TABLE.format(begin=begin, end=end), user="postgres"):
        found[name] = int(size) / SAMPLE
    return found


def part(bench):
    with bench.market() as stack:
        make_buyers(stack, BUYERS)
        listings = [make_listing(stack, f"growth-{n}", bench.sales // LISTINGS) for n in range(LISTINGS)]
        stack.psql("vacuum (analyze); checkpoint", user="postgres")
        before, (log, images), began = sizes(stack), wal(stack), time.monotonic()
        sell(stack, listings, bench.sales)
        say(f"  {whole(bench.sales)} sales in {time.monotonic() - began:.0f} s")
        after, (log_after, images_after) = sizes(stack), wal(stack)
        written = wal_by_table(stack)
    grown = {name: [(now - then) / bench.sales for now, then in zip(after[name], before[name])] for name in after}
    names = sorted(set(grown) | set(written), key=lambda name: -sum(grown.get(name, [0])) - written.get(name, 0))
    figures = [[name, *grown.get(name, [0, 0, 0]), written.get(name, 0)] for name in names]
    figures = [row for row in figures if max(row[1:]) >= 1]
    figures.append(["together", *(sum(row[i] for row in figures) for i in range(1, 5))])
    total = sum((sum(after[name]) - sum(before[name])) for name in after)
    text = table(["for each sale, bytes", "heap", "TOAST", "indexes", "WAL without full-page images"], [[row[0], *map(whole, row[1:])] for row in figures])
    text += f"\n\n{whole(bench.sales)} sales: {whole(total / MIB)} MiB of tables and indexes, {whole((log_after - log) / MIB)} MiB of WAL"
    return text + f" ({whole((log_after - log) / bench.sales)} bytes for each; {whole(images_after - images)} full-page images)."
