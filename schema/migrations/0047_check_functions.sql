-- PostgreSQL parses the checks of a table anew in each statement that writes it: those of payments were 8 KB of expressions for each batch of sales, also where
-- payments are off. A function is parsed once in a connection, and is not called where its first argument is NULL.
create function market.payment_is_whole(p_payment_status text, p_status text, p_due_at timestamptz, p_refunded_cents bigint, p_closing_reason text)
returns boolean
language plpgsql immutable parallel safe as $$
begin
	return p_due_at is not null and p_refunded_cents >= 0
		and coalesce(p_closing_reason in ('deadline', 'cancelled'), false) = (p_payment_status = 'closing')
		and (p_closing_reason is null or p_payment_status = 'closing')
		and p_status = case when p_payment_status in ('due', 'paid', 'open', 'closing') then 'placed'
			when p_payment_status in ('refund_due', 'refunded', 'void') then 'cancelled' else '' end;
end
$$;
create function market.fee_is_whole(p_fee_bps int, p_fee_cents bigint, p_total_cents bigint) returns boolean
language plpgsql immutable parallel safe as $$
begin
	return p_fee_bps between 0 and 10000 and p_fee_cents is not null and p_fee_cents between 0 and p_total_cents;
end
$$;
alter table market.orders
	drop constraint orders_payment,
	add constraint orders_payment check (payment_status is null or market.payment_is_whole(payment_status, status, due_at, refunded_cents, closing_reason));
alter table market.shipment
	drop constraint shipment_fee,
	add constraint shipment_fee check (fee_bps is null or market.fee_is_whole(fee_bps, fee_cents, total_cents));
