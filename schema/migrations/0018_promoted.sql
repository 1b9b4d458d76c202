-- Whoever asks for a narrow price range, a word, a style or verified shops in the promoted order is taken along it until a page is full, past thousands that do
-- not match. What decides stands in the index now, so these are not looked up one by one: a third to a quarter of the time for a
-- narrow price range, measured on 200,000 listings. The index is three times as large (13 MB there).
drop index market.listing_promoted;
create index listing_promoted on market.listing ((promotion_tier::bigint << 48 | listing_id))
	include (listing_id, promotion_tier, shop_id, shoe_id, price_cents) where in_stock;
