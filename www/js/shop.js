/* A shop: its running sale, live, what is on its shelf, what others say of it. */

import { get, write } from "./api.js";
import { $, empty, failed, h, missing, time } from "./dom.js";
import { on_submit } from "./form.js";
import { me } from "./frame.js";
import { sale_box, watch_sale } from "./sale.js";
import { draw_tray, rating, verified_badge } from "./shoe.js";
import { fill_shelf } from "./shelf.js";

const id = new URLSearchParams(location.search).get("id");
const page = $("#page");

function draw_review(review) {
	return h("li", {}, h("p", {}, h("span", { class: "stars", "aria-hidden": "true" }, "★".repeat(review.rating) + "☆".repeat(5 - review.rating)),
		h("span", { class: "unseen" }, `${review.rating} of 5`), " ", h("span", { class: "hint" }, review.name ? `${review.name}, ` : "", time(review.updated_at || review.created_at))),
	review.comment ? h("p", {}, review.comment) : null);
}

async function show_reviews() {
	const list = $("#reviews");
	let cursor = "";

	list.replaceChildren();
	do {
		const answer = await get(`/shops/${id}/reviews?limit=20${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);

		list.append(...answer.reviews.map(draw_review));
		cursor = answer.next || "";
	} while (cursor && list.children.length < 100);
	if (!list.children.length)
		list.append(h("li", {}, "Nobody has said anything yet."));
}

async function show_head() {
	const shop = await get(`/shops/${id}`);

	document.title = `${shop.name} · Shoetopia`;
	$("h1").replaceChildren(shop.name, " ", verified_badge(shop) || "");
	$("#standing").replaceChildren(rating(shop.rating, shop.reviews), " · ", h("a", { href: `/slots.html?id=${id}` }, "Book an appointment"));
}

/* A sale is followed from when the shelf tells of one; asking a shop without one would only be told 404. */
function follow_sale() {
	const box = sale_box();
	let left = null;

	watch_sale(id, (sale) => {
		box.update(sale);
		$("#sale").replaceChildren(box);
		/* The prices on the shelf change when the discounts run out. */
		if (left > 0 && (!sale || sale.discounts_left === 0))
			show_shelf();
		left = sale ? sale.discounts_left : 0;
	});
}

const show_shelf = () => fill_shelf($("#shelf"), `/shops/${id}/listings`, "limit=24", { none: empty("Nothing on this shelf yet", "This shop has no pairs to sell right now.", h("a", { class: "button", href: "/" }, "See other shops' shoes")) });

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
			page.replaceChildren(failed(error, () => location.reload()));
		return;
	}
	draw_tray();
	show_reviews().catch((error) => $("#reviews").replaceChildren(h("li", {}, failed(error, show_reviews))));
	const shelf = await show_shelf();

	if (shelf?.listings.some((listing) => listing.sale_price_cents !== null))
		follow_sale();
	const account = await me;

	$("#review").hidden = !account || String(account.shop_id) === id;
	if (location.hash === "#review")
		$("#review").scrollIntoView(); /* it was hidden when the browser looked for it */
	if (account && String(account.shop_id) === id)
		$("#standing").append(" · ", h("a", { href: "/myshop.html" }, "This is your shop: run it"));
}

function gone() {
	page.replaceChildren(missing("There is no such shop", "The address may be mistyped.", h("a", { class: "button", href: "/" }, "See what there is")));
}

on_submit($("#review"), async (values) => {
	await write("PUT", `/shops/${id}/review`, values);
	await Promise.all([show_head(), show_reviews()]);
	return "Thank you. Your review is there for all to see.";
});

load();
