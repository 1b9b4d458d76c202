-- Charges that are disputed or were lost: a shop's desk and its payouts look for those of its orders, which are few among all.
create index payment_charge_disputed on market.payment_charge (order_id) where dispute is not null and dispute <> 'won';
