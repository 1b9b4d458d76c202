/*
 * The sale as it goes on: its figures as plots, who bought, shipments and stock. One request tells all of one moment: what was sold since the last one, and
 * the sale. Not while the page is hidden; after a failure less and less often, and it says so.
 */

import { get, server_time } from "./api.js";
import { $, h, money, phrase, plural } from "./dom.js";
import { clock_text, plot } from "./plot.js";
import { is_planned } from "./sale.js";
import { listing_path, title } from "./shoe.js";

const OFTEN = 1000, SELDOM = 5000, SLOWEST = 20000; /* ms between two looks */
const POINTS = 400;         /* more are thinned out */
const RECENT = 15 * 60000;  /* ms: of a sale that began later than that ago, plots begin with its start */
const BUYERS = 12;

/* An amount on an axis: "$1,200" without cents where they do not matter. */
export const dollars = (cents) => (cents === 0 || Math.abs(cents) >= 10000 ? money(Math.round(cents)).slice(0, -3) : money(Math.round(cents)));

const plots = {
	pairs: plot({ title: "Pairs sold", about: "Pairs sold since the sale started." }),
	left: plot({ title: "Discounts left", about: "Discounts left of the sale.", kind: "steps" }),
	rate: plot({ title: "Sales per second", about: "Orders per second between two looks." }),
	cents: plot({ title: "Revenue", about: "What buyers pay for what was sold since the sale started.", y_text: dollars }),
};

/* Every second one of the older points goes; the newer half stays as it is. */
function thin(points) {
	const half = Math.floor(points.length / 2);

	return points.length > POINTS ? [...points.slice(0, half).filter((point, n) => n % 2 === 0), ...points.slice(half)] : points;
}

function new_figures(sale) {
	const start = Date.parse(sale.starts_at);
	const begins = start < server_time() && start > server_time() - RECENT;
	const first = (y) => (begins ? [{ x: start, y }] : []);

	return { sale_id: sale.sale_id, last_id: null, at: 0, orders: 0, pairs: 0, cents: 0, points: { pairs: first(0), left: first(sale.discounts), rate: [], cents: first(0) } };
}

function draw_plots(figures, sale) {
	const { points } = figures;

	plots.pairs.update(points.pairs, figures.pairs.toLocaleString("en-US"));
	plots.left.update(points.left, sale.discounts_left.toLocaleString("en-US"));
	plots.rate.update(points.rate, points.rate.length ? points.rate.at(-1).y.toLocaleString("en-US", { maximumFractionDigits: 1 }) : "");
	plots.cents.update(points.cents, money(figures.cents));
}

/* Adds what an answer tells to the figures. */
function add(figures, sold, is_first) {
	const now = server_time();
	const { points } = figures;
	const seconds = (now - figures.at) / 1000;

	figures.last_id = sold.last_id;
	figures.orders += sold.orders;
	figures.pairs += sold.pairs;
	figures.cents += sold.cents;
	points.pairs = thin([...points.pairs, { x: now, y: figures.pairs }]);
	points.left = thin([...points.left, { x: now, y: sold.sale.discounts_left }]);
	points.cents = thin([...points.cents, { x: now, y: figures.cents }]);
	if (!is_first && seconds > 0.2)
		points.rate = thin([...points.rate, { x: now, y: sold.orders / seconds }]);
	figures.at = now;
}

function draw_buyers(newest) {
	const rows = newest.map((one) => h("li", {}, h("span", {}, phrase`${one.buyer}`, h("span", { class: "hint" }, ` ${plural(one.pairs, "pair")}, ${one.delivery === "ship" ? "to send" : "to be picked up"}`)),
		h("time", { class: "hint", datetime: one.created_at }, clock_text(new Date(one.created_at))), h("strong", {}, money(one.total_cents))));

	$("#buyers").prepend(...rows);
	while ($("#buyers").children.length > BUYERS)
		$("#buyers").lastElementChild.remove();
	$("#no-buyers").hidden = $("#buyers").children.length > 0;
}

async function draw_stock(shop) {
	const [desk, { listings }] = await Promise.all([get(`/shops/${shop.shop_id}/desk`), get(`/shops/${shop.shop_id}/listings?limit=20`)]);
	const sorted = listings.toSorted((a, b) => (a.available || Infinity) - (b.available || Infinity)).slice(0, BUYERS);

	$("#parcels").textContent = [`${plural(desk.to_send, "parcel")} to send`, desk.to_pick_up ? `${plural(desk.to_pick_up, "order")} to be picked up` : ""].filter(Boolean).join(", ");
	$("#stock").replaceChildren(...sorted.map((listing) => h("li", { class: listing.available ? "" : "gone" }, h("a", { href: listing_path(listing) }, phrase`${title(listing)}`), h("span", { class: "hint" }, `US ${listing.size}`),
		h("strong", {}, listing.available ? `${listing.available.toLocaleString("en-US")} left` : "Sold out"))));
}

function pace_of(sale) {
	if (is_planned(sale))
		return Math.max(Math.min(Date.parse(sale.starts_at) - server_time(), SELDOM), 300);
	return sale.discounts_left > 0 ? OFTEN : SELDOM;
}

function show_lost(error) {
	$("#lost").hidden = !error;
	if (error && !$("#lost").textContent)
		$("#lost").textContent = "The connection is lost. What you see is as of the last answer; we keep trying.";
	if (!error)
		$("#lost").textContent = "";
}

/*
 * Follows the sale of a shop, from this first answer on. Calls seen(sale) at each look, and seen(null) once it is over or another one took its place. Returns
 * a function that stops it.
 */
export function follow(shop, first, seen) {
	let figures = new_figures(first.sale);
	let was_planned = is_planned(first.sale);
	let timer = 0, stopped = false, asking = false, wait = OFTEN, drawn_at = 0, is_first = true;

	function take(sold) {
		const { sale } = sold;

		if (!sale || sale.sale_id !== figures.sale_id) {
			stop();
			seen(null);
			return;
		}
		if (was_planned && !is_planned(sale))
			figures = { ...new_figures(sale), last_id: sold.last_id, at: server_time() };
		was_planned = is_planned(sale);
		add(figures, sold, is_first);
		is_first = false;
		wait = sold.is_all ? pace_of(sale) : 0;
		if (!was_planned)
			draw_plots(figures, sale);
		draw_buyers(sold.newest);
		seen(sale);
		if (drawn_at === 0 || sold.orders && server_time() - drawn_at > 2 * OFTEN || server_time() - drawn_at > SELDOM) {
			drawn_at = server_time();
			draw_stock(shop).catch((error) => console.warn(error.message));
		}
	}

	async function look() {
		if (stopped || asking || document.hidden)
			return;
		asking = true;
		try {
			const { sold } = await get(`/shops/${shop.shop_id}/balance?limit=1&sale=true&after=${figures.last_id}`);

			show_lost(null);
			if (!stopped)
				take(sold);
		} catch (error) {
			wait = Math.min(Math.max(wait, OFTEN) * 2, SLOWEST);
			if (error.status === 401 || error.status === 403)
				stop();
			else
				show_lost(error);
		}
		asking = false;
		if (!stopped && !document.hidden)
			timer = setTimeout(look, wait);
	}

	function soon() {
		clearTimeout(timer);
		look();
	}

	function stop() {
		stopped = true;
		clearTimeout(timer);
		document.removeEventListener("visibilitychange", soon);
		removeEventListener("online", soon);
		removeEventListener("offline", show_lost);
	}

	$("#live-plots").replaceChildren(...Object.values(plots));
	$("#buyers").replaceChildren();
	document.addEventListener("visibilitychange", soon);
	addEventListener("online", soon);
	addEventListener("offline", show_lost);
	take(first);
	if (!stopped)
		timer = setTimeout(look, wait);
	return stop;
}
