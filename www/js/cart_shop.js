/*
 * The pairs of one shop in the cart: what each costs and why, how they are delivered, and their subtotal.
 *
 * The page gives its part of the work as `page`: set_quantity(listing_id, quantity), take_out(shortages), most_of(item), choose_delivery(shop, delivery).
 */

import { $, h, money, phrase, plural, typed } from "./dom.js";
import { clear_errors, field_error } from "./form.js";
import { listing_path, shop_path, silhouette, title, typed_lines } from "./shoe.js";

/* Why an item costs what it costs: "2 of 3 pairs at 50% off, 1 at $80.00". */
function price_words(item, percent_off) {
	const full = item.quantity - item.discounted;

	if (!item.discounted)
		return item.quantity > 1 ? `${money(item.price_cents)} a pair` : "";
	if (!full)
		return item.quantity > 1 ? `All ${item.quantity} pairs at ${percent_off}% off` : `${percent_off}% off`;
	return `${item.discounted} of ${item.quantity} pairs at ${percent_off}% off, ${full} at ${full > 1 ? `${money(item.price_cents)} each` : money(item.price_cents)}`;
}

function line_price(item, percent_off) {
	const full = item.price_cents * item.quantity;
	const saved = item.total_cents < full;

	return [h("p", { class: saved ? "price on-sale" : "price" }, saved ? [h("strong", {}, money(item.total_cents)), " ", h("span", { class: "unseen" }, "instead of "), h("s", {}, money(full))] : money(full)),
		h("p", { class: "facts" }, price_words(item, percent_off))];
}

/* Shows at an item that too few are left, with a button that takes it out, or all but what is left. */
export function mark_short(line, listing_id, available, message, page) {
	const some = available > 0;
	const name = $("h3", line)?.textContent;

	clear_errors(line);
	$(".short", line)?.remove();
	line.classList.add("is-short");
	field_error($("input", line), message);
	line.append(h("p", { class: "short" }, h("button", { type: "button", class: "quiet", onclick: () => page.take_out([{ listing_id, available }]) },
		some ? `Take the ${available} that ${available === 1 ? "is" : "are"} left` : "Take it out", h("span", { class: "unseen" }, phrase`: ${name}`))));
}

function draw_item(item, shop, page) {
	const { listing, listing_id } = item;
	const most = page.most_of(item);
	const input = h("input", { id: `quantity-${listing_id}`, type: "number", inputmode: "numeric", min: "1", max: "100", value: String(item.quantity),
		onchange: () => {
			clear_errors(line);
			if (/^\d{1,3}$/.test(input.value))
				page.set_quantity(listing_id, Number(input.value));
			else
				field_error(input, `Enter a number from 1 to 100. Your cart has ${item.quantity}.`);
		} });
	const line = h("li", { class: "item", id: `item-${listing_id}` },
		silhouette(listing),
		h("div", {}, h("h3", {}, h("a", { href: listing_path(listing) }, typed(title(listing)))), h("p", { class: "facts" }, `US ${listing.size}, ${listing.condition}`), line_price(item, shop.percent_off)),
		h("div", { class: "field" }, h("label", { for: input.id }, "Pairs", h("span", { class: "unseen" }, phrase` of ${title(listing)}`)), input),
		h("button", { type: "button", class: "quiet", id: `remove-${listing_id}`, onclick: () => page.set_quantity(listing_id, 0) }, "Remove", h("span", { class: "unseen" }, phrase` ${title(listing)}`)));

	if (most < item.quantity)
		mark_short(line, listing_id, most, most ? `Only ${plural(most, "pair")} left.` : "Sold out.", page);
	return line;
}

/* What the shop's sale does for its pairs here; null without one. */
function draw_discount(shop) {
	if (shop.percent_off === null)
		return null;
	const saved = shop.items.reduce((sum, item) => sum + item.price_cents * item.quantity - item.total_cents, 0);

	if (!shop.discounted)
		return h("p", { class: "hint" }, `The discounts of this shop's sale (${shop.percent_off}% off) are gone.`);
	const words = shop.discounted < shop.quantity ? `${shop.discounted} of ${shop.quantity} pairs at ${shop.percent_off}% off` : `${shop.quantity > 1 ? `All ${shop.quantity} pairs at ` : ""}${shop.percent_off}% off`;

	return h("p", { class: "discount" }, h("strong", {}, words), `: you save ${money(saved)}. `,
		shop.discounted < shop.quantity ? "That was the last discount there is for you." : "The first to order get it, so it can run out.");
}

function draw_way(shop, delivery, label, hint, page) {
	return h("label", { class: "pick" }, h("input", { type: "radio", id: `delivery-${shop.shop_id}-${delivery}`, name: `delivery-${shop.shop_id}`, value: delivery, checked: shop.delivery === delivery,
		onchange: () => page.choose_delivery(shop, delivery) }), h("span", {}, label, h("small", {}, hint)));
}

const pickup_words = ({ pickup_address, pickup_hours }) => (pickup_address ? [typed_lines(pickup_address), pickup_hours ? [" · ", typed_lines(pickup_hours)] : []] : ["at the shop"]);

function draw_delivery(shop, page) {
	const ways = [shop.offers_pickup && ["pickup", "I pick them up", pickup_words(shop)],
		shop.shipping_cents !== null && ["ship", "Send them to me", shop.shipping_cents ? `by parcel, ${money(shop.shipping_cents)}` : "by parcel, free"]].filter(Boolean);

	return h("fieldset", {}, h("legend", { class: "unseen" }, phrase`How do you get the pairs of ${shop.shop_name}?`), ways.map(([delivery, label, hint]) => draw_way(shop, delivery, label, hint, page)),
		ways.length > 1 ? null : h("p", { class: "hint" }, shop.offers_pickup ? "This shop does not ship." : "This shop offers no pick-up."));
}

export function draw_shop(shop, page) {
	const shipping = shop.delivery === "ship" ? shop.shipping_cents : 0;

	return h("section", { class: "card shop-part", "aria-labelledby": `shop-${shop.shop_id}` },
		h("h2", { id: `shop-${shop.shop_id}` }, h("a", { href: shop_path(shop) }, typed(shop.shop_name))),
		h("ul", { class: "items" }, shop.items.map((item) => draw_item(item, shop, page))),
		draw_discount(shop), draw_delivery(shop, page),
		h("p", { class: "subtotal" }, h("span", {}, shipping ? `Subtotal with ${money(shipping)} for shipping` : "Subtotal"), " ", h("strong", {}, money(shop.items_cents + shipping))));
}
