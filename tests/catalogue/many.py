"""What is read of a shop with many orders, and of a shoe that sold often: only as much as the answer needs. In buffers, which other load does not disturb."""
import json
import os
import pathlib
import re
import subprocess

from stack import newest_psql

ORDERS = 20000  # half of them in shop 1, of listing 1; half of these are to be picked up
SESSION = "sha256('many')"


def buffers(stack, call):
    return int(re.search(r"Buffers: shared hit=(\d+)", stack.psql(f"explain (analyze, buffers, timing off) select {call}", user="postgres"))[1])


def a_shop_with_many_orders_is_read_in_parts(catalogue):
    stack = catalogue.stack
    made = subprocess.run([newest_psql(), "-Xq", "-v", f"orders={ORDERS}", "-v", "delivered=50", "-f",
                           str(pathlib.Path(__file__).resolve().parent / "orders.sql")], env={**os.environ, **stack.database}, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    stack.psql("insert into market.session (session_digest, account_id, created_at, expires_at)"
               f" select {SESSION}, account_id, now(), now() + interval '1 hour' from market.shop where shop_id = 1")

    read = buffers(stack, "api.shoe_prices((select shoe_id from market.listing where listing_id = 1))")
    assert 2000 < read < 80000, f"the prices of a shoe read {read} buffers"
    read = buffers(stack, f"api.shop_shipments({SESSION}, 1, null, 'ship', 10, null)")
    assert 2000 < read < 20000, f"a page of what is to be sent reads {read} buffers"
    plan = stack.psql("explain select * from market.balance_ledger e where e.shop_id = 1 order by e.entry_id desc limit 25")
    assert "Merge Append" in plan and "Sort  (" not in plan, f"a page of a shop's ledger reads all of it:\n{plan}"

    # Nothing is to be sent, and much to be picked up: pages are empty, but the last one is reached.
    pages, cursor = 0, "null"
    while cursor and pages < 10:
        page = json.loads(stack.psql(f"select api.shop_shipments({SESSION}, 1, null, 'ship', 10, {cursor})", user="postgres"))
        assert page["shipments"] == [], page
        pages, cursor = pages + 1, page["next"] and f"'{page['next']}'"
    assert 1 < pages < 10, pages
