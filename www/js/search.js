/* The home page: the list of what is found, and its order. query.js has the query, front.js what stands above the list where there is none. */

import { get } from "./api.js";
import { $, empty, h, own, parts_are_there, phrase, plural } from "./dom.js";
import { adopt, draw_facets, draw_filters } from "./filters.js";
import { draw_other_strips, draw_sales_strip } from "./front.js";
import { fill_paged_list } from "./paged_list.js";
import { GROUPS, count_filters, go, list_query, query, with_words, without } from "./query.js";
import { draw_tray, tile } from "./shoe.js";

const list = $("#listings");
let running = null;
let is_shown = false; /* nothing is, until all that stands above is there: so nothing moves */
let sales_strip = null, other_strips = null; /* promises of what stands above the list, once one has seen the page without a query */

/*
 * The counts beside the filters. They count results, so the other values of a group with a chosen value would all be 0: the counts of
 * such a group are read by one more request without it.
 */
async function count_facets(found, signal) {
	const facets = new Map(Object.entries(found));

	await Promise.all(GROUPS.filter((name) => query.has(name)).map(async (name) => {
		const rest = without(name, "sort");

		rest.set("limit", "1");
		rest.set("facets", "1");
		facets.set(name, own((await get(`/listings?${rest}`, { signal })).facets, name));
	}));
	return facets;
}

/* What the address says: the words, the order, the filters; and what stands above the list only where it says nothing. */
function draw_query() {
	const words = query.get("q");

	$(".find input").value = words || "";
	$("#sort").value = query.get("sort") || "promoted";
	$("#order").hidden = query.has("sort") && query.get("sort") !== "promoted";
	draw_filters();
	$("#welcome").classList.toggle("unseen", query.size > 0);
	$("#front").hidden = query.size > 0 || !is_shown;
	$("#found").replaceChildren(...(words ? phrase`“${words}”` : [count_filters() ? "Your choice" : "On the shelf"]));
	document.title = words ? `${words} · Shoetopia` : "Shoetopia: shoes from small shops";
}

/* What to do where nothing is found: take away one filter, all of them, or the words. */
function nothing_found() {
	const used = count_filters();
	const words = query.get("q");

	if (!query.size)
		return empty("The shelf is empty", "No shop has put a pair on it yet. Be the first.", h("a", { class: "button", href: "/desk.html" }, "Open a shop"));
	return empty("Nothing like this is on the shelf",
		used ? "No shop has such a pair right now. Take a filter away above, or all of them." : "No shop has such a pair right now. Look for a brand or a style, such as “Nike” or “boot”.",
		used && words ? h("button", { type: "button", class: "quiet", onclick: () => go(new URLSearchParams({ q: words })) }, h("span", {}, phrase`Only “${words}”`)) : null,
		h("button", { type: "button", onclick: () => go(new URLSearchParams()) }, "Show everything"));
}

function load_front() {
	if (query.size)
		return [];
	sales_strip ||= draw_sales_strip();
	other_strips ||= draw_other_strips();
	return [...sales_strip, ...other_strips];
}

/* The browser paints what there is; not in a hidden tab, so not for long. */
const painted = () => Promise.race([new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))), new Promise((resolve) => setTimeout(resolve, 200))]);

/* The first strip alone, whose pictures are the largest thing in the first screen of a phone: a slow one takes a while to build the rest. */
async function show_sales_strip() {
	sales_strip = draw_sales_strip();
	await parts_are_there(sales_strip);
	$("#front").hidden = false;
	await painted();
}

async function load() {
	running?.abort();
	running = new AbortController();
	const { signal } = running;

	draw_query();
	try {
		const page = await fill_paged_list(list, "/listings", list_query(), { signal, draw: (listing) => tile(listing), none: nothing_found() });

		if (!page)
			return;
		if (page.understood && adopt(page.understood))
			draw_query();
		const total = Object.values(page.facets?.condition || {}).reduce((sum, n) => sum + n, 0);

		say_count(total);
		list.ongrown = () => say_count(total);
		draw_facets(await count_facets(page.facets || {}, signal));
	} catch (error) {
		if (error.name !== "AbortError")
			console.warn(error.message);
	}
}

function say_count(total) {
	const shown = list.children.length;

	$("#count").textContent = total > shown ? `${shown} of ${plural(total, "offer")}` : plural(total, "offer");
	$("#order").hidden ||= total < 2;
	$("#hide-filters").textContent = total ? `Show ${plural(total, "offer")}` : "Nothing found: back";
}

list.addEventListener("grown", () => list.ongrown?.());
addEventListener("query", () => {
	load_front();
	load();
});
$(".find").addEventListener("submit", (event) => {
	event.preventDefault();
	go(with_words($(".find input").value.trim()));
});
$("#sort").addEventListener("change", (event) => {
	const rest = without("sort");

	if (event.target.value !== "promoted")
		rest.set("sort", event.target.value);
	go(rest);
});

draw_tray();
if (!query.size)
	await show_sales_strip();
is_shown = true;
await parts_are_there([load(), ...load_front()]);
$(".browse").hidden = false;
$("#front").classList.remove("coming");
