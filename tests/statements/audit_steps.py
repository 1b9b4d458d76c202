"""The incremental audit by its steps: it misses no order, and names no counter for a sum that is wrong."""
import subprocess
import time

import clients
from fixtures import list_pair, people, shops, start_sale
from stack import Stack

SWEEP = """do $$
begin
    update market.audit_pass set started_at = null, swept_at = null, at_key = -9223372036854775808;
    while exists (select from market.audit_pass p where p.swept_at is null and p.source not like 'new %' and p.source <> 'touched') loop
        update market.audit_state set next_at = '-infinity', mark_at = mark_at - interval '1 minute';
        perform api.audit_step();
    end loop;
end
$$"""


def kept(stack):
    return {row[0] for row in stack.rows("select name from api.audit_results(false) where violations > 0")}


def wait_until_new_is_checked(stack):
    """What is committed by now, as the background steps do it, without waiting for their turn."""
    began = stack.psql("select clock_timestamp()")
    give_up = time.monotonic() + 30
    with clients.Holder(stack) as session:  # one: a new session plans anew, which a step takes for slow, and does less the next time
        while stack.psql(f"update market.audit_state set mark_xid = null where mark_at < '{began}'; select coalesce(checked_at >= '{began}', false)"
                         " from market.audit_state") != "t":
            assert time.monotonic() < give_up, stack.rows("select * from market.audit_state")
            session.do("select api.audit_one_step(true)")


def step(stack):
    """One step of the audit, as if the last mark was taken a minute ago."""
    stack.psql("update market.audit_state set mark_at = mark_at - interval '1 minute'")
    stack.psql("select api.audit_one_step(true)")


def new_sums_are_right(stack):
    """All that is committed is in the sums, and these and the ledgers say the same of the counters."""
    wait_until_new_is_checked(stack)
    assert kept(stack) == set(), kept(stack)
    wrong = stack.rows("""
        with sold as (
            select i.shop_id, i.listing_id, sum(i.quantity) as pairs
            from market.order_line i
            where i.order_id <= (select orders_upto from market.audit_state)
            group by i.shop_id, i.listing_id
        )
        select * from sold s
        full join (select a.* from market.audit_sold a join market.audit_state t using (generation) where a.kind = 'listing') a
            on a.shop_id = s.shop_id and a.id = s.listing_id
        where coalesce(s.pairs, 0) <> coalesce(a.pairs, 0)""")
    assert not wrong, wrong
    done = subprocess.run([stack.program(), "--audit"], env=stack.program_env("shoetopia_owner"), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done


def wait_for_touched(stack):
    give_up = time.monotonic() + 30
    while stack.psql("select exists (select from market.audit_sold where touched)") != "t":
        assert time.monotonic() < give_up
        step(stack)


MANY = """with n as (
    select i, nextval('market.orders_order_id_seq') as order_id, nextval('market.shipment_shipment_id_seq') as shipment_id from generate_series(1, 30100) as i
), o as (
    insert into market.orders (order_id, account_id, status, total_cents, discount_cents, delivery, created_at)
    select n.order_id, {buyer}, 'placed', 100, 0, 'pickup', now() from n
), p as (
    insert into market.shipment (shop_id, shipment_id, order_id, status, total_cents, pairs, created_at, updated_at)
    select {shop}, n.shipment_id, n.order_id, 'pending', 100, 1, now(), now() from n
), i as (
    insert into market.order_line (shop_id, order_id, listing_id, shipment_id, position, quantity, discounted, price_cents, total_cents)
    select {shop}, n.order_id, {listing}, n.shipment_id, 1, 1, 0, 100, 100 from n
), k as (
    update market.stock set available = available - 30100 where listing_id = {listing}
)
update market.balance set balance_cents = balance_cents + 3010000, pairs_sold = pairs_sold + 30100 where shop_id = {shop}"""


def steps_never_miss_an_order(_):
    """The first order after a mark, one that a transaction holds back over a mark, and more than a comparison reads: all are summed up."""
    with Stack(processes=1) as stack:
        stack.psql("update market.audit_state set next_at = 'infinity'")  # no background steps
        for _ in range(3):
            step(stack)
        shop, = shops(stack, 1, "steps")
        buyer, = people(stack, 1, "steps buyer")
        listing = list_pair(stack, shop, 9900, 100000)
        start_sale(stack, shop, 100, 10)
        clients.ask(stack, "POST", "/api/checkout", buyer.token, {"items": [{"listing_id": listing, "quantity": 1}]}, key="first-order")
        assert stack.psql("select min(order_id) from market.orders") == "1"
        new_sums_are_right(stack)

        # Two transactions run when the mark is taken. The one that has drawn numbers has the greater id, and ends last.
        stack.psql("insert into market.session (session_digest, account_id, created_at, expires_at)"
                   f" values (sha256('steps'), {buyer.account_id}, now(), now() + interval '1 hour')")
        stack.psql("update market.audit_state set mark_xid = null")
        with clients.Holder(stack) as other, clients.Holder(stack) as holder:
            other.do("begin")
            other.do("select pg_current_xact_id()")
            holder.do("begin")
            assert holder.do("select code is null from api.checkout(jsonb_build_array(jsonb_build_object('session', sha256('steps'), 'items',"
                             f" '[{{\"listing_id\": {listing}, \"quantity\": 1}}]'::jsonb)))") == "t"
            stack.psql("select api.audit_one_step(true)")
            other.do("commit")
            for _ in range(3):
                step(stack)
            holder.do("commit")
        new_sums_are_right(stack)

        # A counter waits to be compared while 30,000 orders come: the next mark is reached all the same.
        clients.ask(stack, "POST", "/api/checkout", buyer.token, {"items": [{"listing_id": listing, "quantity": 1}]}, key="third-order")
        wait_for_touched(stack)
        stack.psql(MANY.format(buyer=buyer.account_id, shop=shop.shop_id, listing=listing))
        new_sums_are_right(stack)


def a_wrong_sum_is_no_violation(stack):
    """What the sums say is compared once more, with the ledgers, before it is kept."""
    stack.psql("update market.audit_sold set pairs = pairs + 1, cents = cents + 1, touched = true")
    wait_until_new_is_checked(stack)
    found = kept(stack)
    for _ in range(2):
        stack.psql(SWEEP)
    assert found == kept(stack) == set(), found


TESTS = (steps_never_miss_an_order, a_wrong_sum_is_no_violation)
