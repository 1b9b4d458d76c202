"""The rival: what a careful author of a small shop has without batches. Lean tables and two functions of its own (rival/schema.sql) in the cluster, and
with the settings, of the marketplace that is measured; each sale is a durable commit of its own.

pgbench calls the functions as a web server's pool of 8 connections does: however many clients there are, 8 calls run at a time and the others
wait for a connection. There is no HTTP and no web program in front of it, so that the rival's figures are the most that such a shop can have.
"""
from .common import HERE, Failure, pgbench

FOLDER = HERE / "rival"
POOL, THREADS = 8, 2
WARM_SECONDS = 1  # a new connection plans the statements of a function


def make_rival(stack):
    """The tables, filled with the shops and listings that the marketplace has now."""
    stack.psql("set statement_timeout = 0;\n" + (FOLDER / "schema.sql").read_text(), user="postgres")


def run_rival(stack, script, seconds, clients, **variables):
    """Calls a second of rival/SCRIPT.sql."""
    return pgbench(stack, FOLDER / f"{script}.sql", seconds, min(clients, POOL), variables, warm=WARM_SECONDS, threads=THREADS).rate


def buy_of_rival(stack, seconds, clients, first, last):
    """Sales a second of the listings from `first` to `last`."""
    return run_rival(stack, "buy", seconds, clients, first=first, last=last)


def list_of_rival(stack, seconds, clients):
    """Lists of 24 shoes a second."""
    return run_rival(stack, "list", seconds, clients)


def check_rival(stack):
    """Every sale has its order, line and entries, and took one pair."""
    sold = set(stack.psql("""select count(*) from rival.orders union all select count(*) from rival.order_line
        union all select -sum(delta) from rival.stock_entry union all select count(*) from rival.balance_entry
        union all select sum(made - available) from rival.stock""", user="postgres").split())
    if len(sold) != 1 or sold == {"0"}:
        raise Failure(f"the rival sold {sold}")
