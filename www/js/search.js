/* The home page: search. The query is the page's URL, so that it can be bookmarked, shared and gone back to. */

import { get } from "./api.js";
import { event_path, places_text } from "./bookings.js";
import { $, cents_of, empty, h, money, own, parts_are_there, phrase, plural, time, typed } from "./dom.js";
import { me } from "./frame.js";
import { fill_paged_list } from "./paged_list.js";
import { draw_recommendations } from "./recommendations.js";
import { sale_box, watch_sale } from "./sale.js";
import { AUDIENCES, COLORS, CONDITIONS, capital, draw_tray, shop_path, tile } from "./shoe.js";

const GROUPS = ["brand", "size", "color", "audience", "condition"];
const NAMES = ["q", ...GROUPS, "style", "min_price_cents", "max_price_cents", "shop_id", "shoe_id", "verified", "on_sale", "sort"];
const KNOWN = new Map([["color", COLORS], ["audience", AUDIENCES], ["condition", CONDITIONS]]);
const BRANDS_SHOWN = 10;

const list = $("#listings");
const filters = $("#filters");
let query = read_query();
let word_filters = []; /* filters among the words of the search that stay words */
let running = null;
let all_brands = false;
let has_recommendations = false;

function read_query() {
	const all = new URLSearchParams();

	for (const [name, value] of new URLSearchParams(location.search))
		if (NAMES.includes(name) && value !== "")
			all.append(name, value);
	return all;
}

function without(...names) {
	const rest = new URLSearchParams(query);

	names.forEach((name) => rest.delete(name));
	return rest;
}

function go(next) {
	query = next;
	history.pushState(null, "", query.size ? `/?${query}` : "/");
	load();
}

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

function values_of(name, counts) {
	if (name === "size")
		return [...new Set([...Object.keys(counts), ...query.getAll(name)].map(Number))].sort((a, b) => a - b).map(String);
	if (KNOWN.has(name))
		return KNOWN.get(name).filter((value) => own(counts, value) || query.getAll(name).includes(value));
	return [...new Set([...query.getAll(name), ...Object.entries(counts).sort(([a, n], [b, m]) => m - n || a.localeCompare(b)).map(([value]) => value)])];
}

const count_of = (counts, value) => own(counts, value) ?? own(counts, Number(value).toFixed(1)) ?? 0;

function choice(name, value, counts) {
	const on = query.getAll(name).includes(value);
	const box = h("input", { type: "checkbox", id: `f-${name}-${encodeURIComponent(value)}`, checked: on, onchange: () => {
		const rest = without(name);
		const kept = query.getAll(name).filter((other) => other !== value);

		[...kept, ...(on ? [] : [value])].forEach((each) => rest.append(name, each));
		go(rest);
	} });

	return h("label", { class: `chip chip-${name}` }, box,
		name === "color" ? h("span", { class: `dot c-${value}`, "aria-hidden": "true" }) : null,
		h("span", {}, KNOWN.has(name) ? capital(value) : typed(value)), name === "size" ? h("span", { class: "unseen" }, `, ${count_of(counts, value)}`) : h("span", { class: "n" }, String(count_of(counts, value))));
}

function draw_facets(facets) {
	const focused = document.activeElement?.id;

	for (const name of GROUPS) {
		const group = $(`#by-${name}`);
		const counts = facets.get(name) || {};
		const values = values_of(name, counts);
		const shown = name === "brand" && !all_brands ? values.slice(0, BRANDS_SHOWN) : values;

		group.hidden = values.length === 0;
		$(".chips", group).replaceChildren(...shown.map((value) => choice(name, value, counts)));
		if (shown.length < values.length)
			$(".chips", group).append(h("button", { type: "button", class: "text", id: "all-brands", onclick: () => {
				all_brands = true;
				draw_facets(facets);
				$(`#f-brand-${CSS.escape(encodeURIComponent(values.at(BRANDS_SHOWN)))}`)?.focus();
			} }, `All ${values.length} brands`));
	}
	if (focused)
		document.getElementById(focused)?.focus();
}

/* Cents of the address as money; what is no number stays as it is, and the answer names the error. */
const price = (cents) => (/^[0-9]{1,12}$/.test(cents) ? money(Number(cents)) : cents);
const dollars = (name) => price(query.get(name) || "").replace(/^\$/, "").replace(/\.00$/, "");

function draw_query() {
	const words = query.get("q");
	const used = [...query.keys()].filter((name) => !["q", "sort"].includes(name)).length;

	$(".find input").value = words || "";
	$("#sort").value = query.get("sort") || "promoted";
	$("#min").value = dollars("min_price_cents");
	$("#max").value = dollars("max_price_cents");
	$("#verified").checked = query.get("verified") === "true";
	$("#on-sale").checked = query.get("on_sale") === "true";
	draw_chosen();
	$("#clear").hidden = used === 0;
	$("#show-filters").textContent = used ? `Filters (${used})` : "Filters";
	$("#welcome").hidden = query.size > 0;
	$("#friends-want").hidden = query.size > 0 || !has_recommendations;
	$("#found").replaceChildren(...(words ? phrase`“${words}”` : [used ? "Your choice" : "On the shelf"]));
	$("#shoes").hidden = query.size === 0;
	document.title = words ? `${words} · Shoetopia` : "Shoetopia: shoes from small shops";
}

const CHOSEN = new Map(Object.entries({
	size: (value) => `Size ${value}`,
	brand: (value) => phrase`Brand: ${value}`,
	style: (value) => phrase`Style: ${value}`,
	color: (value) => `Colour: ${value}`,
	audience: (value) => `For: ${value}`,
	condition: (value) => `Condition: ${value}`,
	min_price_cents: (value) => phrase`From ${price(value)}`,
	max_price_cents: (value) => phrase`Up to ${price(value)}`,
	shop_id: () => "One shop",
	shoe_id: () => "One shoe",
	verified: (value) => (value === "true" ? "Verified shops" : "Other shops"),
	on_sale: (value) => (value === "true" ? "On sale" : "Not on sale"),
}));

/* A filter with a button that removes it; rest() is the query without it. */
const chosen = (name, value, rest) => h("li", {}, h("button", { type: "button", class: "chip", onclick: () => {
	go(rest());
	$("#found").focus();
} }, h("span", { class: "unseen" }, "Remove filter "), h("span", {}, CHOSEN.get(name)(value)), h("span", { "aria-hidden": "true" }, "×")));

function without_value(name, value) {
	const rest = without(name);

	query.getAll(name).filter((other) => other !== value).forEach((other) => rest.append(name, other));
	return rest;
}

function with_words(words) {
	const rest = without("q");

	if (words)
		rest.set("q", words);
	return rest;
}

/* Above the list: the filters that are set, and those among the words. */
function draw_chosen() {
	const filters_set = [...query].filter(([name]) => !["q", "sort"].includes(name));

	$("#chosen").replaceChildren(...filters_set.map(([name, value]) => chosen(name, value, () => without_value(name, value))),
		...word_filters.map(({ field, value, rest }) => chosen(field, value, () => with_words(rest))));
}

/*
 * Words that were understood as filters become filters of the URL, which finds the same. Where a filter of their field is set already, both
 * hold, which the URL cannot say: then they stay words, and are shown as filters all the same.
 */
function adopt({ rest, filters: found }) {
	if (found.some(({ field }) => query.has(field))) {
		word_filters = found;
		draw_chosen();
		return;
	}
	query.delete("q");
	if (rest)
		query.set("q", rest);
	for (const { field, value } of found)
		query.append(field, value);
	history.replaceState(null, "", `/?${query}`);
	draw_query();
}

async function load() {
	running?.abort();
	running = new AbortController();
	const { signal } = running;
	const asked = new URLSearchParams(query);

	word_filters = [];
	draw_query();
	asked.set("limit", "24");
	asked.set("facets", "1");
	try {
		const page = await fill_paged_list(list, "/listings", asked, { signal, draw: tile, none: empty("Nothing like this is on the shelf",
			"No shop has such a pair right now. Take a filter away, or search for something else.",
			h("button", { type: "button", onclick: () => go(new URLSearchParams()) }, "Show everything")) });

		if (!page)
			return;
		if (page.understood)
			adopt(page.understood);
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
}

/* Above the list: the two sales with the smallest share of discounts left, polled, and a link to all of them. */
async function show_sales() {
	const { sales } = await get("/sales?limit=20");
	const left = (sale) => sale.discounts_left / sale.discounts;
	const now = sales.filter((sale) => sale.discounts_left > 0).sort((one, other) => left(one) - left(other)).slice(0, 2);

	$("#sales").replaceChildren(...now.map((sale) => {
		const box = sale_box({ heading: "h2" });

		box.update(sale);
		box.append(h("p", {}, h("a", { href: shop_path(sale) }, phrase`Go to ${sale.shop_name || "the shop"}`)));
		watch_sale(sale.shop_id, box.update);
		return box;
	}), ...(sales.length > now.length ? [h("p", {}, h("a", { href: "/api/sales" }, "All flash sales"))] : []));
}

/* The next release event that can be booked, in one line. */
async function show_release() {
	let cursor = "", next = null;

	do { /* the first ones may have begun */
		const page = await get(`/events?limit=10${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);

		next = page.events.find((event) => event.open);
		cursor = page.next || "";
	} while (!next && cursor);
	if (!next)
		return;
	$("#release").replaceChildren("Next release: ", h("a", { href: event_path(next) }, typed(next.title)), " at ", typed(next.shop_name), ", ", time(next.starts_at), `. ${places_text(next)}.`);
	$("#release").hidden = false;
}

function set_prices(event) {
	const rest = without("min_price_cents", "max_price_cents");
	let good = true;

	event.preventDefault();
	for (const [id, name] of [["#min", "min_price_cents"], ["#max", "max_price_cents"]]) {
		const text = $(id).value.trim();
		const cents = text ? cents_of(text) : null;

		$(id).toggleAttribute("aria-invalid", false);
		if (Number.isNaN(cents)) {
			$(id).setAttribute("aria-invalid", "true");
			good = false;
		} else if (cents !== null) {
			rest.set(name, cents);
		}
	}
	$("#price-error").hidden = good;
	if (good)
		go(rest);
}

list.addEventListener("grown", () => list.ongrown?.());
addEventListener("popstate", () => { query = read_query(); load(); });
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
$("#prices").addEventListener("submit", set_prices);
for (const [id, name] of [["#verified", "verified"], ["#on-sale", "on_sale"]])
	$(id).addEventListener("change", (event) => {
		const rest = without(name);

		if (event.target.checked)
			rest.set(name, "true");
		go(rest);
	});
$("#clear").addEventListener("click", () => {
	const rest = new URLSearchParams();

	["q", "sort"].filter((name) => query.has(name)).forEach((name) => rest.set(name, query.get(name)));
	go(rest);
	$("#found").focus();
});
$("#show-filters").addEventListener("click", (event) => {
	const open = filters.classList.toggle("open");

	event.target.setAttribute("aria-expanded", String(open));
});

async function show_viewer() {
	const account = await me;

	$("#welcome-join").hidden = Boolean(account);
	if (!account)
		return;
	await draw_recommendations();
	has_recommendations = true;
	$("#friends-want").hidden = query.size > 0;
}

draw_tray();
const parts = [show_sales(), show_release(), show_viewer()];

parts.forEach((part) => part.catch((error) => console.warn(error.message)));
await parts_are_there([load(), ...parts]);
$("#now").hidden = false;
$(".browse").hidden = false;
