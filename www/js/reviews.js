/* The reviews of a shop, newest first: on its page, and for its owner. */

import { h, time, typed } from "./dom.js";
import { fill_paged_list } from "./paged_list.js";

const stars = (review) => [h("span", { class: "stars", "aria-hidden": "true" }, "★".repeat(review.rating) + "☆".repeat(5 - review.rating)), h("span", { class: "unseen" }, `${review.rating} of 5`), " "];

function draw_review(review) {
	return h("li", {}, h("p", {}, stars(review), h("span", { class: "hint" }, review.name ? [typed(review.name), ", "] : "", time(review.updated_at || review.created_at))),
		review.comment ? h("p", {}, typed(review.comment)) : null);
}

/* Fills the <ul> list. */
export const show_reviews = (shop_id, list, none = "Nobody has said anything yet.") => fill_paged_list(list, `/shops/${shop_id}/reviews`, "limit=20", { items: "reviews", draw: draw_review, none });
