/* The reviews of a shop: on its page, and the newest for its owner. */

import { get } from "./api.js";
import { h, time } from "./dom.js";

const SHOWN = 100;

const stars = (review) => [h("span", { class: "stars", "aria-hidden": "true" }, "★".repeat(review.rating) + "☆".repeat(5 - review.rating)), h("span", { class: "unseen" }, `${review.rating} of 5`), " "];

function draw_review(review) {
	return h("li", {}, h("p", {}, stars(review), h("span", { class: "hint" }, review.name ? `${review.name}, ` : "", time(review.updated_at || review.created_at))),
		review.comment ? h("p", {}, review.comment) : null);
}

/* Fills the <ul> list, newest first. */
export async function show_reviews(shop_id, list) {
	let cursor = "";

	list.replaceChildren();
	do {
		const page = await get(`/shops/${shop_id}/reviews?limit=20${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);

		list.append(...page.reviews.map(draw_review));
		cursor = page.next || "";
	} while (cursor && list.children.length < SHOWN);
	if (!list.children.length)
		list.append(h("li", {}, "Nobody has said anything yet."));
}

export async function show_newest_reviews(shop_id, list) {
	const { reviews } = await get(`/shops/${shop_id}/reviews?limit=20`);

	list.replaceChildren(...(reviews.length ? reviews.map((review) => h("li", {}, stars(review), review.comment || "")) : [h("li", {}, "No reviews yet.")]));
}
