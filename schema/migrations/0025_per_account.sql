-- A flash sale may give each account only so many discounted pairs. NULL: as many as there are.
alter table market.sale
	add column per_account int,
	add constraint sale_per_account_range check (per_account between 1 and 1000000);
grant insert (per_account) on market.sale to shoetopia_api;

-- How many an account has got of such a sale. Changed under the lock of the sale's row.
create table market.sale_share (
	shop_id bigint not null,
	sale_id bigint not null,
	account_id bigint not null,
	pairs int not null,
	constraint sale_share_pkey primary key (shop_id, sale_id, account_id),
	constraint sale_share_not_negative check (pairs >= 0)
) with (fillfactor = 80);
grant select, insert, update (pairs) on market.sale_share to shoetopia_api;
