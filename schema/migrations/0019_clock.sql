-- The time and the price rule, each in one place.

-- The time of the database: what every function decides by. A function calls it after its last lock; now() would be the time before the
-- wait. The owner may replace it in a test database, or within one transaction, to act at another time. No function takes the time as
-- an argument.
create function market.clock() returns timestamptz
language sql volatile parallel safe
return clock_timestamp();

-- What one pair costs in a flash sale, in cents, rounded down; NULL without a sale.
create function market.sale_price(p_price_cents bigint, p_percent_off int) returns bigint
language sql immutable parallel safe
return p_price_cents * (100 - p_percent_off) / 100;

revoke execute on function market.clock(), market.sale_price(bigint, int) from public;
grant execute on function market.clock(), market.sale_price(bigint, int) to shoetopia_api, shoetopia_app;

-- A line keeps the price that its discounted pairs were sold at, so that it stays right when the rule above changes.
alter table market.order_line add column discounted_price_cents bigint;
update market.order_line i
set discounted_price_cents = market.sale_price(i.price_cents, f.percent_off)
from market.sale f
where i.discounted > 0 and f.shop_id = i.shop_id and f.sale_id = i.sale_id;
alter table market.order_line
	add constraint order_line_discounted_price check ((discounted > 0) = (discounted_price_cents is not null)
		and discounted_price_cents between 0 and price_cents);
