"""build/storm, a flash sale that a shop owner can watch: its table equals the database, and its exit status is 0 only if all checks hold.

    staged   200 buyers; few pairs and fewer discounts, or more of either than are wanted

What it guards against: a table that says "Everything adds up" whatever happened. The twin sells without the locks of stock and sale, and build/storm
itself must notice and exit with a failure.
"""
import os
import pathlib
import random
import re
import subprocess

from flash_sale import UNPROTECTED
from race import RaceTest, Violation, figures, must, must_equal
from stack import TOP

BUYERS = 200
SALES = [(20, 5), (20, 5), (300, 30), (50, 80)]  # pairs, discounts
PRICE, SALE_PRICE = 12000, 9000


def run_sale(stack, *options):
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "SHOETOPIA_"))}
    program = pathlib.Path(os.environ.get("SHOETOPIA_BUILD") or TOP / "build") / "storm"
    return subprocess.run([program, *options], env=env | {"SHOETOPIA_STATE": stack.state}, capture_output=True, text=True, check=False)


def audit_is_clean(stack):
    """Before the sale: the twin's database may contain violations of other race tests."""
    done = subprocess.run([stack.program(), "--audit"], env=stack.program_env("shoetopia_owner"), capture_output=True, check=False)
    return done.returncode == 0


def number_before(words, text):
    found = re.search(rf"([\d,]+) +{re.escape(words)}", text)
    must(found, "the table does not say", words, "\n" + text)
    return int(found[1].replace(",", ""))


def staged(stack, was_clean):
    pairs, discounts = random.choice(SALES)
    done = run_sale(stack, "--buyers", str(BUYERS), "--pairs", str(pairs), "--discounts", str(discounts))
    table = done.stdout
    if "CHECKED" not in table:
        raise RuntimeError(f"build/storm ended with {done.returncode}: {done.stderr}\n{table}")
    wrong = re.findall(r"^  NO  (.*)", table, re.M)
    must_equal("exit status", done.returncode, 1 if wrong else 0)
    wrong = [words for words in wrong if was_clean or not words.startswith("shoetopia --audit")]
    if wrong:
        raise Violation("; ".join(wrong))
    sold = min(BUYERS, pairs)
    cheap = min(sold, discounts)
    must_equal("at the discount, at the full price, sold out, in the table",
               [number_before(words, table) for words in ("bought at the discount", "bought at the full price", "were told")],
               [cheap, sold - cheap, BUYERS - sold])
    have = figures(stack, """select count(*), sum(i.quantity), sum(i.discounted), sum(i.total_cents), count(distinct o.account_id), min(k.available),
            (select count(*) from market.session s join market.account a using (account_id) where a.email_key ~ '^storm[.][0-9]+@example[.]com$')
        from market.order_line i join market.orders o using (order_id) join market.stock k using (shop_id, listing_id)
        where i.listing_id = (select max(l.listing_id) from market.listing l join market.shop h using (shop_id) where h.name = 'Storm Shop')""")
    must_equal("orders, pairs, discounted, cents, buyers, left, sessions that it leaves", have,
               [sold, sold, cheap, cheap * SALE_PRICE + (sold - cheap) * PRICE, sold, pairs - sold, 0])


RACE_TESTS = [RaceTest("staged", staged, setup=audit_is_clean, twin=UNPROTECTED, few=True)]
