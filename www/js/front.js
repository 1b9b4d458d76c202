/* What stands above the list on the home page: sales with their shoes, releases, what is new, what friends want. */

import { get, server_time } from "./api.js";
import { $, h, phrase, plural, time, typed } from "./dom.js";
import { me } from "./frame.js";
import { fill_paged_list } from "./paged_list.js";
import { FRONT } from "./query.js";
import { shoe_tile, shop_path, tile } from "./shoe.js";
import { watch } from "./watch.js";

const SHOWN = 10; /* pairs of a strip */
const POLL_MS = 5000, CALM_MS = 30000;
const TURN_MS = 2000; /* so long after a sale begins or is over, lists have the new prices */
const HOUR = 3600, DAY = 24 * HOUR;

/* "2 days", "3:05:09", "5:09": how long until a moment, in seconds. */
function span(seconds) {
	const two = (n) => String(n).padStart(2, "0");

	if (seconds >= 2 * DAY)
		return `${Math.floor(seconds / DAY)} days`;
	return (seconds >= HOUR ? [Math.floor(seconds / HOUR), two(Math.floor(seconds / 60) % 60)] : [Math.floor(seconds / 60)]).concat(two(Math.floor(seconds) % 60)).join(":");
}

/* When a sale ends, or begins if it is planned: a text that counts down. */
function countdown({ starts_at, ends_at }) {
	const now = server_time();
	const planned = Date.parse(starts_at) > now;
	const at = planned ? starts_at : ends_at;

	if (!at)
		return "while pairs last";
	return `${planned ? "starts in" : "ends in"} ${span(Math.max(0, (Date.parse(at) - now) / 1000))}`;
}

/* A sale as one line of facts: how much off and where, how many are left, until when. */
function sale_card(sale) {
	const bar = h("progress", { "aria-label": "Discounts left", max: sale.discounts, value: sale.discounts_left });

	return h("li", { class: "sale" },
		h("a", { href: shop_path(sale) }, h("strong", {}, `${sale.percent_off}% off`), " ", typed(sale.shop_name || "a shop")), bar,
		h("p", {}, h("span", { class: "left" }, `${sale.discounts_left} of ${sale.discounts} left`), ", ", h("span", { class: "ends" }, countdown(sale))));
}

/* Those with the smallest share of discounts left come first. A card that stands stays, with new figures: nothing is moved or lost from the focus. */
function draw_sales(sales) {
	const left = (sale) => sale.discounts_left / sale.discounts;
	const now = sales.filter((sale) => sale.discounts_left > 0).sort((one, other) => left(one) - left(other));

	for (const sale of now) {
		const id = `sale-${sale.sale_id}`;
		const card = document.getElementById(id) || sale_card(sale);

		card.id = id;
		card.sale = sale;
		$("progress", card).value = sale.discounts_left;
		$(".left", card).textContent = `${sale.discounts_left} of ${sale.discounts} left`;
		if (!card.isConnected)
			$("#sales").append(card);
	}
	for (const card of [...$("#sales").children])
		if (!now.some((sale) => sale.sale_id === card.sale.sale_id))
			card.remove();
	$("#on-sale-now").hidden = now.length === 0;
	on_now ??= begun();
	say_begun();
}

let on_now = null; /* the sales that had begun when their pairs were read */

const begun = () => [...$("#sales").children].map(({ sale }) => sale).filter(({ starts_at }) => Date.parse(starts_at) <= server_time()).map(({ sale_id }) => sale_id).sort().join();

/* A sale that is planned is not on: its pairs have no other price yet. */
function say_begun() {
	$("#on-sale-title").textContent = begun() ? "On sale now" : "Sales to come";
	$("#on-sale-now .bar a").hidden = !begun();
}

/* A sale that begins or is over changes what is on sale, and its prices. What has the focus stays. */
function follow_pairs() {
	if (on_now === null || on_now === begun() || $("#on-sale-now .tiles").contains(document.activeElement))
		return;
	on_now = begun();
	say_begun();
	setTimeout(() => report(draw_pairs_on_sale()), TURN_MS);
}

function tick() {
	if (document.hidden)
		return;
	follow_pairs();
	for (const card of $("#sales").children) {
		const text = countdown(card.sale);

		if ($(".ends", card).textContent !== text)
			$(".ends", card).textContent = text;
	}
}

/* The sales, polled; resolves when they are there. */
const follow_sales = () => new Promise((resolve) => {
	watch(FRONT.sales, (page) => {
		draw_sales(page?.sales || []);
		resolve();
	}, ({ sales }) => (sales.length ? POLL_MS : CALM_MS));
	setInterval(tick, 1000);
});

const strip_tile = (listing) => tile(listing, { compares: false });

/* One pair of each shop in turn, so that no shop fills the strip. */
function mixed(listings) {
	const nth = new Map();
	const turn = new Map(listings.map((listing) => {
		nth.set(listing.shop_id, (nth.get(listing.shop_id) || 0) + 1);
		return [listing, nth.get(listing.shop_id)];
	}));

	return [...listings].sort((one, other) => turn.get(one) - turn.get(other));
}

async function draw_pairs_on_sale() {
	const { listings } = await get(FRONT.on_sale);

	$("#on-sale-now .tiles").replaceChildren(...mixed(listings).slice(0, SHOWN).map(strip_tile));
}

async function draw_new() {
	const { listings } = await get(FRONT.newest);

	$("#new-in ul").replaceChildren(...listings.map(strip_tile));
	$("#new-in").hidden = listings.length === 0;
}

/* An event as a card. One that can be booked is neither over nor called off: fewer words than those of bookings.js, and one request less. */
function release_card(event) {
	const left = event.capacity - event.booked;

	return h("li", { class: "card" },
		h("h3", {}, h("a", { href: `/event.html?id=${event.event_id}` }, typed(event.title))),
		h("p", {}, time(event.starts_at), ...phrase` at ${event.shop_name}`),
		h("p", { class: "hint" }, left ? `${left.toLocaleString("en-US")} of ${plural(event.capacity, "place")} left` : `All ${plural(event.capacity, "place")} taken`));
}

async function draw_releases() {
	const { events } = await get(FRONT.events);
	const open = events.filter((event) => event.open).slice(0, 4);

	$("#releases ul").replaceChildren(...open.map(release_card));
	$("#releases").hidden = open.length === 0;
}

async function draw_recommendations() {
	if (!(await me))
		return;
	const page = await fill_paged_list($("#friends-want ul"), "/recommendations", "limit=12", { items: "recommendations", draw: shoe_tile });

	$("#friends-want .none").hidden = !page || page.recommendations.length > 0;
	$("#friends-want").hidden = false;
}

const report = (part) => part.catch((error) => console.warn(error.message));

/* Read and draw what is in the first screen of a phone, and what is below; each returns a promise for each of its parts. */
export const draw_sales_strip = () => [follow_sales(), draw_pairs_on_sale()].map(report);
export const draw_other_strips = () => [draw_releases(), draw_new(), draw_recommendations()].map(report);
