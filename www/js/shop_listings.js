/* The listings of my shop as rows, in which price and stock are changed in place, all pairs are taken off, and the listing is withdrawn. */

import { write } from "./api.js";
import { $, ask, h, money, phrase, plural, say, typed } from "./dom.js";
import { field, on_submit } from "./form.js";
import { fill_paged_list } from "./paged_list.js";
import { show_net } from "./payment.js";
import { BOXES, listing_path, silhouette, title } from "./shoe.js";

const path_of = (listing) => `/shops/${listing.shop_id}/listings/${listing.listing_id}`;
const unseen = (words) => h("span", { class: "unseen" }, words);

/* Where the focus goes when a row is gone: to the next one, or to the heading of the page. */
function leave(row) {
	const link = $("a", row.nextElementSibling || row.previousElementSibling || row);
	const next = link && !row.contains(link) ? link : $("h1");

	row.remove();
	next.focus();
}

async function withdraw(listing, row) {
	if (!(await ask(phrase`Withdraw ${title(listing)}?`, "It can no longer be found or bought. Orders keep it.", "Withdraw it", { no: "Leave it", grave: true })))
		return;
	try {
		await write("DELETE", path_of(listing));
		say(phrase`${title(listing)} is off the shelf.`);
		leave(row);
	} catch (error) {
		say(error.message, { bad: true });
	}
}

const stock_text = (available) => (available ? `${plural(available, "pair")} in stock` : "Sold out");

/* changed(listing) is called after each change. */
function price_form(listing, changed) {
	const n = listing.listing_id;
	const input = h("input", { id: `price-${n}`, name: "price_cents", "data-kind": "money", inputmode: "decimal", required: true, value: money(listing.price_cents).slice(1), size: "7", autocomplete: "off" });
	const form = h("form", { class: "row-form", id: `price-form-${n}` }, field("Price in $", input), h("button", { class: "quiet" }, "Set", unseen(phrase` the price of ${title(listing)}`)));

	show_net(input);
	on_submit(form, async (values) => {
		const after = await write("PATCH", path_of(listing), values);

		input.value = input.defaultValue = money(after.price_cents).slice(1);
		changed(after);
		return `Now ${money(after.price_cents)}.`;
	});
	return form;
}

/* changed(available) is called after each change. */
function stock_form(listing, changed) {
	const n = listing.listing_id;
	const input = h("input", { id: `delta-${n}`, name: "delta", "data-kind": "integer", inputmode: "text", required: true, placeholder: "+5", size: "7", autocomplete: "off" });
	const form = h("form", { class: "row-form", id: `stock-form-${n}` }, field("More or fewer", input), h("button", { class: "quiet" }, "Change", unseen(phrase` the stock of ${title(listing)}`)));

	on_submit(form, async (values, attempt) => {
		const { available } = await attempt.post(`${path_of(listing)}/stock`, values);

		changed(available);
		input.value = "";
		return stock_text(available) + ".";
	});
	return form;
}

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
	let { available, sale_price_cents } = listing;
	const left = h("p", { class: "facts left live" });
	const none = h("button", { type: "button", class: "quiet" }, "Sold out", unseen(phrase`: ${title(listing)}`));
	const row = h("li", { class: "stock", id: `listing-${listing.listing_id}` });

	function show(now) {
		available = now;
		left.textContent = sale_price_cents === null ? stock_text(now) : `${stock_text(now)} · ${money(sale_price_cents)} in the sale`;
		none.disabled = now === 0;
	}

	function reprice(after) {
		({ sale_price_cents } = after);
		show(available);
	}

	none.addEventListener("click", async () => {
		none.disabled = true; /* pressed twice it would take off what is there no more */
		try {
			show((await write("POST", `${path_of(listing)}/stock`, { delta: -available })).available);
			say(phrase`${title(listing)} is sold out.`);
			$("a", row).focus();
		} catch (error) {
			if (error.code === "out_of_stock")
				show(error.errors[0]?.available ?? available);
			none.disabled = available === 0;
			say(error.code === "out_of_stock" ? "Somebody has just bought one: look at what is left." : error.message, { bad: true });
		}
	});
	show(available);
	row.append(silhouette(listing),
		h("div", {}, h("h3", {}, h("a", { href: listing_path(listing) }, typed(title(listing)))), listing.suspension ? h("p", { class: "why" }, h("span", { class: "badge cancelled" }, "Suspended"), " ", typed(listing.suspension.reason)) : null, h("p", { class: "facts" }, `US ${listing.size} · ${listing.color} · ${listing.audience} · ${listing.condition}`), left,
			listing.condition === "used" || listing.description || listing.box ? draw_words(listing) : null),
		price_form(listing, reprice), stock_form(listing, show),
		h("div", { class: "ends" }, none, h("button", { type: "button", class: "grave", onclick: () => withdraw(listing, row) }, "Withdraw", unseen(phrase` ${title(listing)}`))));
	return row;
}

/* Fills a list with those of the shop's listings that a query asks for. */
export const fill_listings = (shop, list, query, options) => fill_paged_list(list, `/shops/${shop.shop_id}/listings`, query, { draw: draw_row, keep: true, ...options });
