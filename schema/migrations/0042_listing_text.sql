-- What a seller says of a pair, and the box that it comes in: of used pairs above all. NULL: nothing was said.
alter table market.listing
	add column description text,
	add column box text,
	add constraint listing_description_length check (char_length(description) between 1 and 2000),
	add constraint listing_box_known check (box in ('original', 'replaced', 'none'));
grant insert (description, box), update (description, box) on market.listing to shoetopia_api;
