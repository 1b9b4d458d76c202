/* How a shoe is shown: silhouette, price, tile; and the tray of listings to compare. */

import { $, h, money, phrase, plural, svg, typed } from "./dom.js";
import { first_photo, photo_of } from "./photo.js";
import { heart } from "./wishlist_heart.js";

export const COLORS = ["black", "grey", "white", "ivory", "beige", "brown", "metallic", "purple", "blue", "green", "yellow", "orange", "pink", "red", "burgundy", "other"];
export const AUDIENCES = ["men", "women", "unisex", "youth"];
export const CONDITIONS = ["new", "used"];
export const BOXES = { original: "Original box", replaced: "Another box", none: "No box" };

const SHAPES = [
	["boot", /\b(boots?|chelsea|chukka|hiker|1460|timber\w*|desert|frost\w*|snow\w*|moab)\b/i],
	["slide", /\b(slides?|sandals?|flip\w*|clogs?|arizona|mules?)\b/i],
	["loafer", /\b(loafers?|oxford|derby|brogue|moc\w*|boat|driver|slip[- ]?on)\b/i],
	["heel", /\b(heels?|pumps?|stiletto)\b/i],
	["high", /\b(hi|high|mid|chuck\w*|hike|basketball)\b/i],
	["runner", /\b(run\w*|gel|boost|pegasus|trail|marathon|air|wave|rider|cloud\w*|ultra\w*|990|574|ghost|clifton|speedcross|kayano|jazz|disruptor)\b/i],
	["low", /\b(low|classic|court|club|canvas|samba|star|superstar|skool|trainer|66|speedcat|newport)\b/i],
];

/* For a shoe without a photo the words of the style choose the silhouette, else a hash chooses one of three sneakers; it also chooses its panels and laces. */
function shape_of({ brand, style }) {
	const named = SHAPES.find(([, words]) => words.test(style));
	let sum = 0;

	for (const letter of brand + style)
		sum = (sum * 31 + letter.codePointAt(0)) % 9973;
	return { shape: named ? named[0] : ["low", "runner", "high"].at(sum % 3), look: sum % 4 };
}

let shapes = null;

/* The drawings become a part of the page, once: a reference to their file would be one more request for each list that is drawn. */
async function load_shapes() {
	const text = await (await fetch("/shoes.svg")).text();
	const all = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;

	all.setAttribute("class", "unseen");
	all.setAttribute("aria-hidden", "true");
	document.body.append(all);
}

/* The shoe's photo, or a drawing of it. */
export function silhouette(shoe) {
	const { shape, look } = shape_of(shoe);
	const photo = first_photo(shoe);

	if (photo)
		return h("div", { class: "stage has-photo" }, photo_of(shoe, photo));
	shapes ||= load_shapes().catch((error) => console.warn(error.message));
	return h("div", { class: `stage c-${COLORS.includes(shoe.color) ? shoe.color : "other"} look-${look}` },
		svg("svg", { viewBox: "0 0 200 120", width: "200", height: "120", "aria-hidden": "true", focusable: "false" }, svg("use", { href: `#${shape}` })));
}

export const title = (shoe) => `${shoe.brand} ${shoe.style}`;
export const capital = (word) => word.charAt(0).toUpperCase() + word.slice(1);
export const listing_path = (listing) => `/listing.html?id=${listing.listing_id}`;
export const shoe_path = (shoe, choice = {}) => `/shoes/${shoe.shoe_id}${Object.keys(choice).length ? `?${new URLSearchParams(choice)}` : ""}`;
export const shop_path = (shop) => `/shop.html?id=${shop.shop_id}`;

export function price(listing) {
	if (listing.sale_price_cents === null || listing.sale_price_cents === undefined)
		return h("p", { class: "price" }, money(listing.price_cents));
	return h("p", { class: "price on-sale" }, h("span", { class: "unseen" }, "Sale price "), h("strong", {}, money(listing.sale_price_cents)), " ",
		h("span", { class: "unseen" }, "instead of "), h("s", {}, money(listing.price_cents)));
}

/* What its delivery costs, besides the price. */
export function shipping_words({ shipping_cents }) {
	if (shipping_cents === null || shipping_cents === undefined)
		return "Pick-up only";
	return shipping_cents ? `Shipping ${money(shipping_cents)}` : "Free shipping";
}

/* Several lines that somebody typed, such as an address. */
export const typed_lines = (text) => text.split("\n").flatMap((line, n) => (n ? [h("br"), typed(line)] : [typed(line)]));

export function verified_badge(listing) {
	return listing.verified ? h("span", { class: "badge good" }, "Verified") : null;
}

/* The stars repeat the text beside them, so screen readers skip them. */
export function rating(mean, reviews) {
	if (!reviews)
		return h("span", { class: "rating" }, "No reviews yet");
	const stars = Math.round(Number(mean));

	return h("span", { class: "rating" }, h("span", { class: "stars", "aria-hidden": "true" }, "★".repeat(stars) + "☆".repeat(5 - stars)),
		` ${Number(mean).toFixed(1)} of 5`, h("span", { class: "hint" }, ` (${plural(reviews, "review")})`));
}

/* The listings to compare: in sessionStorage, four at most. */
export const compared = {
	slot: "shoetopia.compare",
	get ids() {
		try {
			return JSON.parse(sessionStorage.getItem(this.slot)) || [];
		} catch {
			return [];
		}
	},
	set(ids) {
		sessionStorage.setItem(this.slot, JSON.stringify(ids.slice(-4)));
		draw_tray();
	},
	toggle(id) {
		this.set(this.ids.includes(id) ? this.ids.filter((other) => other !== id) : [...this.ids, id]);
	},
};

export const compare_path = (ids) => "/compare.html?" + ids.map((id) => `id=${id}`).join("&");

function draw_tray() {
	const ids = compared.ids;
	let tray = $("#tray");

	if (!tray) {
		tray = h("aside", { id: "tray", "aria-label": "Compare" });
		$("main").append(tray);
	}
	tray.hidden = ids.length === 0;
	tray.replaceChildren(h("span", { role: "status" }, ids.length < 2 ? "1 shoe to compare: pick another" : `${ids.length} shoes to compare`),
		ids.length > 1 ? h("a", { class: "button", href: compare_path(ids) }, "Compare") : "",
		h("button", { type: "button", class: "quiet", onclick: () => compared.set([]) }, "Clear"));
	document.querySelectorAll("[data-compare]").forEach((box) => { box.checked = ids.includes(Number(box.dataset.compare)); });
}

export function compare_box(listing) {
	return h("label", { class: "compare" },
		h("input", { type: "checkbox", "data-compare": listing.listing_id, checked: compared.ids.includes(listing.listing_id), onchange: () => compared.toggle(listing.listing_id) }),
		h("span", {}, "Compare", h("span", { class: "unseen" }, phrase` ${title(listing)}, size ${listing.size}`)));
}

/* A long name is cut in a tile; its page has all of it. */
function cut(text, longest) {
	const letters = [...text];

	return typed(letters.length > longest ? `${letters.slice(0, longest - 1).join("").trimEnd()}…` : text);
}

const BRAND = 24, STYLE = 36; /* letters of a name in a tile */

const tile_name = (shoe) => [h("span", { class: "brand" }, cut(shoe.brand, BRAND)), " ", h("span", { class: "style" }, cut(shoe.style, STYLE))];

/* A listing as a tile: silhouette above, facts below; in a strip without the box to compare it. */
export function tile(listing, { compares = true } = {}) {
	return h("li", { class: listing.available === 0 ? "tile gone" : "tile" },
		silhouette(listing), heart(listing),
		h("div", { class: "label" },
			h("h3", {}, h("a", { href: listing_path(listing) }, tile_name(listing))),
			h("div", { class: "size" }, h("span", { class: "us" }, "US "), String(listing.size)),
			price(listing),
			h("p", { class: "facts" }, shipping_words(listing), listing.promoted ? [" · ", h("span", { class: "promoted" }, "Promoted")] : null),
			h("p", { class: "facts" }, [capital(listing.audience), capital(listing.color), capital(listing.condition)].join(" · ")),
			h("p", { class: "facts last" }, typed(listing.shop_name), " ", verified_badge(listing))),
		listing.available === 0 ? h("p", { class: "sold-out" }, "Sold out") : compares ? compare_box(listing) : null);
}

/* A shoe as a tile, with its cheapest listing, if there is one. */
export function shoe_tile(shoe) {
	const name = tile_name(shoe);
	const there = shoe.listing_id !== null;

	return h("li", { class: "tile" },
		silhouette(shoe), heart(shoe),
		h("div", { class: "label" },
			h("h3", { class: "wide" }, h("a", { href: shoe_path(shoe) }, name)),
			there ? h("p", { class: "price" }, h("span", { class: "facts" }, "from "), money(shoe.price_cents)) : h("p", { class: "facts wide" }, "No shop has it right now."),
			h("p", { class: "facts last" }, capital(shoe.color), shoe.friends ? ` · ${plural(shoe.friends, "friend")}` : null)),
		there ? null : h("p", { class: "sold-out" }, h("a", { href: `/?brand=${encodeURIComponent(shoe.brand)}` }, phrase`Other ${shoe.brand}`)));
}

export { draw_tray };
