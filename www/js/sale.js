/* A sale, polled: seldom before it starts, often while discounts are left, seldom when none is, no more once it has ended. */

import { server_time } from "./api.js";
import { h, time } from "./dom.js";
import { watch } from "./watch.js";

const OFTEN = 2000, SELDOM = 15000;

/* Whether a sale is planned: prices stay until it starts. */
export const is_planned = (sale) => Date.parse(sale.starts_at) > server_time();

function pace_of(sale) {
	if (is_planned(sale))
		return Math.min(SELDOM, Math.max(Date.parse(sale.starts_at) - server_time(), 500));
	return sale.discounts_left > 0 ? OFTEN : SELDOM;
}

/* Calls seen(sale) at each change, when it starts, and seen(null) at the end. Returns a function that stops it. */
export function watch_sale(shop_id, seen) {
	let was_planned = false;

	return watch(`/shops/${shop_id}/sale`, seen, (sale) => {
		if (was_planned && !is_planned(sale)) /* nothing of it has changed but the time */
			queueMicrotask(() => seen(sale));
		was_planned = is_planned(sale);
		return pace_of(sale);
	});
}

/* The sale as a box. update(sale) and update(null) redraw only what changed: a screen reader repeats nothing. */
export function sale_box({ heading = "h2" } = {}) {
	const title = h(heading, {});
	const left = h("p", { class: "left" });
	const bar = h("progress", { "aria-label": "Discounts left" });
	const until = h("p", { class: "hint" });
	const news = h("p", { class: "unseen", role: "status" });
	const box = h("section", { class: "sale" }, title, left, bar, until, news);

	box.update = (sale) => {
		if (!sale) {
			box.classList.add("over");
			title.textContent = "This sale is over";
			left.replaceChildren("The shoes are at their full price again.");
			bar.hidden = until.hidden = true;
			news.textContent = "The sale is over.";
			return;
		}
		const gone = sale.discounts_left === 0;

		box.classList.toggle("over", gone);
		if (is_planned(sale)) {
			title.textContent = `Flash sale to come: ${sale.percent_off}% off`;
			left.replaceChildren(h("strong", {}, String(sale.discounts)), ` discounted ${sale.discounts === 1 ? "pair" : "pairs"}${sale.per_account ? `, ${sale.per_account} for each account` : ""}`);
			bar.hidden = true;
			until.hidden = false;
			until.replaceChildren("Starts ", time(sale.starts_at), sale.ends_at ? ", ends " : ". Until then prices stay as they are.", sale.ends_at ? time(sale.ends_at) : "");
			return;
		}
		title.textContent = gone ? "Flash sale: all discounts are gone" : `Flash sale: ${sale.percent_off}% off`;
		left.replaceChildren(h("strong", {}, String(sale.discounts_left)), ` of ${sale.discounts} left${sale.per_account ? `, ${sale.per_account} for each account` : ""}`);
		bar.hidden = until.hidden = false;
		bar.max = sale.discounts;
		bar.value = sale.discounts_left;
		until.replaceChildren(sale.ends_at ? "Until " : "First come, first served: the next pairs sold here get it.", sale.ends_at ? time(sale.ends_at) : "");
		if (gone)
			news.textContent = "All discounts are gone.";
	};
	return box;
}
