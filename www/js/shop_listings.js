/* The listings of my shop, each with forms for price and stock, and a button to withdraw it. */

import { write } from "./api.js";
import { $, ask, empty, h, money, phrase, plural, say, typed } from "./dom.js";
import { field, on_submit } from "./form.js";
import { fill_paged_list } from "./paged_list.js";
import { show_net } from "./payment.js";
import { BOXES, listing_path, silhouette, title } from "./shoe.js";

const path_of = (listing) => `/shops/${listing.shop_id}/listings/${listing.listing_id}`;

async function withdraw(listing, row) {
	if (!(await ask(phrase`Withdraw ${title(listing)}?`, "It can no longer be found or bought. Orders keep it.", "Withdraw it", { no: "Leave it", grave: true })))
		return;
	try {
		await write("DELETE", path_of(listing));
		row.remove();
		say(phrase`${title(listing)} is off the shelf.`);
		$("#shoes h2").focus();
	} catch (error) {
		say(error.message, { bad: true });
	}
}

const stock_text = (available) => (available ? `${plural(available, "pair")} in stock` : "Sold out");

/* What is said of a pair, in a form that opens: of used pairs, and of others that have something said. A box that was named can be changed, not unnamed. */
function draw_words(listing) {
	const n = listing.listing_id;
	const form = h("form", { class: "words", id: `words-form-${n}` },
		field("Description", h("textarea", { id: `words-${n}`, name: "description", maxlength: "2000", rows: "3" }, listing.description || ""), "How much they were worn, and what a buyer should know."),
		field("Box", h("select", { id: `box-${n}`, name: "box" }, listing.box ? null : h("option", { value: "" }, "Not said"),
			Object.entries(BOXES).map(([box, words]) => h("option", { value: box, selected: box === listing.box }, words)))),
		h("button", { class: "quiet" }, "Save", h("span", { class: "unseen" }, phrase` what is said of ${title(listing)}`)));

	on_submit(form, async (values) => {
		await write("PATCH", path_of(listing), { description: "", ...values });
		return "Saved.";
	});
	return h("details", {}, h("summary", {}, listing.description ? "What you say of it" : "Describe this pair"), form);
}

function draw_row(listing) {
	const n = listing.listing_id;
	const left = h("p", { class: "facts left live" }, stock_text(listing.available));
	const cost = h("form", { class: "row-form", id: `price-form-${n}` },
		field("Price in $", h("input", { id: `price-${n}`, name: "price_cents", "data-kind": "money", inputmode: "decimal", required: true, value: money(listing.price_cents).slice(1), size: "9" })),
		h("button", { class: "quiet" }, "Set", h("span", { class: "unseen" }, phrase` the price of ${title(listing)}`)));
	const more = h("form", { class: "row-form", id: `stock-form-${n}` },
		field("More or fewer", h("input", { id: `delta-${n}`, name: "delta", "data-kind": "integer", inputmode: "text", required: true, placeholder: "+5 or -1", size: "9" })),
		h("button", { class: "quiet" }, "Change", h("span", { class: "unseen" }, phrase` the stock of ${title(listing)}`)));
	const row = h("li", { class: "item", id: `listing-${n}` }, silhouette(listing),
		h("div", {}, h("h3", {}, h("a", { href: listing_path(listing) }, typed(title(listing)))), h("p", { class: "facts" }, `US ${listing.size} · ${listing.color} · ${listing.audience} · ${listing.condition}`), left,
			listing.condition === "used" || listing.description || listing.box ? draw_words(listing) : null),
		cost, more, h("button", { type: "button", class: "grave", onclick: () => withdraw(listing, row) }, "Withdraw", h("span", { class: "unseen" }, phrase` ${title(listing)}`)));

	show_net($("input", cost));
	on_submit(cost, async (values) => {
		const after = await write("PATCH", path_of(listing), values);

		$("input", cost).value = money(after.price_cents).slice(1);
		return `Now ${money(after.price_cents)}.`;
	});
	on_submit(more, async (values, attempt) => {
		const { available } = await attempt.post(`${path_of(listing)}/stock`, values);

		left.textContent = stock_text(available);
		$("input", more).value = "";
		return stock_text(available) + ".";
	});
	return row;
}

export const draw_listings = (shop) => fill_paged_list($("#listings"), `/shops/${shop.shop_id}/listings`, "limit=50",
	{ draw: draw_row, keep: true, none: empty("Your shelf is empty", "Add your first pair below. Buyers find it at once.") });
