/* A shop: its running sale, its listings, its reviews. */

import { get, write } from "./api.js";
import { $, empty, failed, h, missing, parts_are_there, typed } from "./dom.js";
import { on_submit } from "./form.js";
import { me } from "./frame.js";
import { fill_paged_list } from "./paged_list.js";
import { show_reviews } from "./reviews.js";
import { is_planned, sale_box, watch_sale } from "./sale.js";
import { draw_tray, rating, shipping_words, tile, typed_lines, verified_badge } from "./shoe.js";

const id = new URLSearchParams(location.search).get("id");
const page = $("#page");

let shop = null;

async function show_head() {
	shop = await get(`/shops/${id}`);

	document.title = `${shop.name} · Shoetopia`;
	$("h1").replaceChildren(typed(shop.name), " ", verified_badge(shop) || "");
	show_profile();
	$("#standing").replaceChildren(rating(shop.rating, shop.reviews), " · ", h("a", { href: `/slots.html?id=${id}` }, "Book an appointment"));
}

/* What the shop says of itself, and how it delivers. */
function show_profile() {
	const rows = [["Delivery", shop.offers_shipping ? `${shipping_words({ shipping_cents: shop.shipping_cents ?? 0 })}${shop.offers_pickup ? ", or pick-up" : ""}` : "Pick-up only"],
		["Pick-up", shop.pickup_address && typed_lines(shop.pickup_address)], ["Open", shop.pickup_hours && typed_lines(shop.pickup_hours)],
		["Contact", shop.contact_email && h("a", { href: `mailto:${shop.contact_email}` }, typed(shop.contact_email))]];

	$("#about").replaceChildren(shop.about ? h("p", {}, typed_lines(shop.about)) : "",
		h("dl", {}, rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}

const TURN_MS = 2000; /* so long after a sale begins, lists have its prices */

/* Polls the sale, on or planned. Called only if there is one: /sale answers 404 without. Calls shown() each time that it is shown. */
function follow_sale(shown) {
	const box = sale_box();
	let left = null, was_planned = false;

	watch_sale(id, (sale) => {
		box.update(sale);
		$("#sale").replaceChildren(box);
		shown();
		/* Listings lose their sale price when the discounts run out. */
		if (left > 0 && (!sale || sale.discounts_left === 0))
			show_listings();
		else if (was_planned && !is_planned(sale))
			setTimeout(show_listings, TURN_MS);
		left = sale ? sale.discounts_left : 0;
		was_planned = Boolean(sale) && is_planned(sale);
	});
}

const show_listings = () => fill_paged_list($("#listings"), `/shops/${id}/listings`, "limit=24", { draw: tile, none: empty("Nothing on this shelf yet", "This shop has no pairs to sell right now.", h("a", { class: "button", href: "/" }, "See other shops' shoes")) });

async function show_listings_and_sale() {
	const [{ sales }] = await Promise.all([get(`/sales?shop_id=${id}`), show_listings()]);

	if (sales.length)
		await new Promise(follow_sale);
}

async function load() {
	if (!/^\d+$/.test(id || "")) {
		gone();
		return;
	}
	try {
		await show_head();
	} catch (error) {
		if (error.status === 404)
			gone();
		else
			fail(error);
		return;
	}
	draw_tray();
	await parts_are_there([show_listings_and_sale(), show_reviews(id, $("#reviews")), show_viewer()]);
	page.hidden = false;
	if (location.hash === "#review")
		$("#review").scrollIntoView(); /* it was hidden when the browser scrolled to the fragment */
}

/* What depends on who looks: the form for a review, or a link for the owner. */
async function show_viewer() {
	const account = await me;

	$("#review").hidden = !account || String(account.shop_id) === id;
	if (account && String(account.shop_id) === id)
		$("#standing").append(" · ", h("a", { href: "/desk.html" }, "This is your shop: run it"));
	if (account?.role === "admin") {
		const { draw_decision } = await import("./verification_decision.js");

		$("#decision").hidden = false;
		const { suspension_box } = await import("./suspension.js");

		draw_decision({ shop_id: id, name: shop.name }, $("#decision"), show_head);
		$("#decision").after(suspension_box({ ...shop, kind: "shop", id }));
	}
}

function fail(error) {
	page.hidden = false;
	page.replaceChildren(failed(error, () => location.reload()));
}

function gone() {
	page.hidden = false;
	page.replaceChildren(missing("There is no such shop", "The address may be mistyped.", h("a", { class: "button", href: "/" }, "See what there is")));
}

on_submit($("#review"), async (values) => {
	await write("PUT", `/shops/${id}/review`, values);
	await Promise.all([show_head(), show_reviews(id, $("#reviews"))]);
	return "Thank you. Your review is there for all to see.";
});

load();
