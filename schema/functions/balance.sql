-- Balances: what a shop is owed. Orders and cancellations change them (checkout.sql, order.sql).

-- The shop's balance with its newest ledger entries: pending, what was won and is not paid; balance, what was paid, less the fee; available, what can be paid
-- out; and the terms: the marketplace's fee, and what the promotion tiers cost. (p_payout_days, p_fee_bps and p_tier_cents NULL: payments are off.)
create function api.shop_balance(p_session bytea, p_shop_id bigint, p_limit int, p_cursor text, p_payout_days int default null,
	p_fee_bps int default null, p_tier_cents bigint[] default null) returns json
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
	v_before bigint := coalesce(api.cursor_id(p_cursor, 'b'), 9223372036854775807);
begin
	perform api.require(p_session, 'owner', p_shop_id);
	return (
		with page as (
			select e.entry_id, row_number() over (order by e.entry_id desc) as nth, json_build_object(
				'entry_id', e.entry_id,
				'amount_cents', e.amount_cents,
				'gross_cents', e.amount_cents + e.fee_cents,
				'fee_cents', e.fee_cents,
				'net_cents', e.amount_cents,
				'pending_cents', e.pending_cents,
				'pairs', e.pairs,
				'reason', e.reason,
				'order_id', e.order_id,
				'created_at', market.rfc3339(e.at)) as answer
			from market.balance_ledger e
			where e.shop_id = p_shop_id and e.entry_id < v_before
			order by e.entry_id desc
			limit p_limit + 1
		)
		select json_build_object(
			'pending_cents', b.pending_cents,
			'balance_cents', b.balance_cents,
			'available_cents', case when p_payout_days is null then 0 else api.available_cents(p_shop_id, p_payout_days, market.clock()) end,
			'pairs_sold', b.pairs_sold,
			'fee_bps', p_fee_bps,
			'tiers', (select json_agg(json_build_object('tier', t.tier, 'price_cents', t.cents) order by t.tier)
				from unnest(p_tier_cents) with ordinality as t(cents, tier)),
			'entries', coalesce((select json_agg(p.answer order by p.nth) from page p where p.nth <= p_limit), '[]'),
			'next', (select 'b' || max(p.entry_id) filter (where p.nth = p_limit) from page p having count(*) > p_limit))
		from market.balance b
		where b.shop_id = p_shop_id
	);
end
$$;
