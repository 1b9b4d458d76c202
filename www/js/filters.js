/* The controls of the home page that filter, and the filters that are set. */

import { $, cents_of, h, money, own, phrase, typed } from "./dom.js";
import { GROUPS, count_filters, go, query, restate, with_words, without } from "./query.js";
import { AUDIENCES, COLORS, CONDITIONS, capital } from "./shoe.js";

const KNOWN = new Map([["color", COLORS], ["audience", AUDIENCES], ["condition", CONDITIONS]]);
const BRANDS_SHOWN = 10;
/* Where the thumbs of the price slider stand, in cents. The last place is "any price". */
const STEPS = [0, 2500, 5000, 7500, 10000, 12500, 15000, 17500, 20000, 25000, 30000];
const SLIDE_MS = 400; /* a thumb that rests this long is meant */

let all_brands = false;
let words = []; /* filters among the words of the search that stay words */

/* Without filters. */
function clear() {
	const rest = new URLSearchParams();

	["q", "sort"].filter((name) => query.has(name)).forEach((name) => rest.set(name, query.get(name)));
	go(rest);
}

/* ---- values with their counts ---- */

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

/* The values of each group with their counts, a Map of objects. */
export function draw_facets(facets) {
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

/* ---- prices ---- */

/* Cents of the address as money; what is no number stays as it is, and the answer names the error. */
const price = (cents) => (/^[0-9]{1,12}$/.test(cents) ? money(Number(cents)) : cents);
const dollars = (name) => price(query.get(name) || "").replace(/^\$/, "").replace(/\.00$/, "");

/* The place of a price on the slider. */
function step_of(cents, last) {
	const beyond = STEPS.findIndex((step) => step > Number(cents));

	if (cents === null || Number.isNaN(Number(cents)))
		return last;
	return beyond < 0 ? STEPS.length - 1 : beyond - 1;
}

/* The slider and its texts show these places: what a thumb says, and the part of the track between the two. */
function draw_slider(from, up_to) {
	const any = STEPS.length;

	$("#from").value = from;
	$("#up-to").value = up_to;
	$("#from").setAttribute("aria-valuetext", from ? `from ${price(STEPS.at(from))}` : "any price");
	$("#up-to").setAttribute("aria-valuetext", up_to < any ? `up to ${price(STEPS.at(up_to))}` : "any price");
	$(".slider").style.setProperty("--from", from / any);
	$(".slider").style.setProperty("--up-to", up_to / any);
}

function draw_prices() {
	$("#min").value = dollars("min_price_cents");
	$("#max").value = dollars("max_price_cents");
	$("#price-error").hidden = true;
	$("#min").removeAttribute("aria-invalid");
	$("#max").removeAttribute("aria-invalid");
	draw_slider(step_of(query.get("min_price_cents"), 0), step_of(query.get("max_price_cents"), STEPS.length));
}

/* Thumbs do not pass each other, and are at least a step apart. */
function slide(event) {
	const is_low = event.target.id === "from";
	const other = Number($(is_low ? "#up-to" : "#from").value);
	const at = is_low ? Math.min(Number(event.target.value), other - 1) : Math.max(Number(event.target.value), other + 1);

	draw_slider(is_low ? at : other, is_low ? other : at);
	$("#min").value = $("#from").value > 0 ? STEPS.at($("#from").value) / 100 : "";
	$("#max").value = $("#up-to").value < STEPS.length ? STEPS.at($("#up-to").value) / 100 : "";
	clearTimeout(slide.timer);
	slide.timer = setTimeout(set_prices, SLIDE_MS);
}

function set_prices() {
	const rest = without("min_price_cents", "max_price_cents");
	let good = true;

	clearTimeout(slide.timer);
	for (const [id, name] of [["#min", "min_price_cents"], ["#max", "max_price_cents"]]) {
		const text = $(id).value.trim().replace(/^\$/, "");
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
	if (good && String(rest) !== String(query))
		go(rest);
}

/* ---- the filters that are set, above the list ---- */

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

function draw_chosen() {
	const filters_set = [...query].filter(([name]) => !["q", "sort"].includes(name));

	$("#chosen").replaceChildren(...filters_set.map(([name, value]) => chosen(name, value, () => without_value(name, value))),
		...words.map(({ field, value, rest }) => chosen(field, value, () => with_words(rest))));
}

/*
 * Words that were understood as filters become filters of the URL, which finds the same. Where a filter of their field is set already, both
 * hold, which the URL cannot say: then they stay words, and are shown as filters all the same. Returns whether the query has changed.
 */
export function adopt({ rest, filters: found }) {
	if (found.some(({ field }) => query.has(field))) {
		words = found;
		draw_chosen();
		return false;
	}
	restate((all) => {
		all.delete("q");
		if (rest)
			all.set("q", rest);
		for (const { field, value } of found)
			all.append(field, value);
	});
	return true;
}

/* All controls but the counted values, from the query. */
export function draw_filters() {
	const used = count_filters();

	words = [];
	draw_prices();
	$("#verified").checked = query.get("verified") === "true";
	$("#on-sale").checked = query.get("on_sale") === "true";
	draw_chosen();
	$("#clear").hidden = used === 0;
	$("#show-filters").textContent = used ? `Filters (${used})` : "Filters";
}

/* On a phone the filters are moved into a sheet, a modal dialog, and back when it closes. */
function open_sheet() {
	$("#sheet .content").append($("#filters"));
	$("#sheet").showModal();
}

$("#prices").addEventListener("submit", (event) => {
	event.preventDefault();
	set_prices();
});
$("#from").addEventListener("input", slide);
$("#up-to").addEventListener("input", slide);
for (const [id, name] of [["#verified", "verified"], ["#on-sale", "on_sale"]])
	$(id).addEventListener("change", (event) => {
		const rest = without(name);

		if (event.target.checked)
			rest.set(name, "true");
		go(rest);
	});
$("#clear").addEventListener("click", () => {
	clear();
	($("#sheet").open ? $("#hide-filters") : $("#found")).focus();
});
$("#show-filters").addEventListener("click", open_sheet);
$("#hide-filters").addEventListener("click", () => $("#sheet").close());
$("#sheet").addEventListener("close", () => $("#aside").append($("#filters")));
matchMedia("(min-width: 48.01rem)").addEventListener("change", () => $("#sheet").close());
