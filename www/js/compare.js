/* Compares two to four listings in a table. */

import { get } from "./api.js";
import { $, empty, failed, h, money, phrase, typed } from "./dom.js";
import "./frame.js";
import { capital, compare_path, compared, listing_path, shipping_words, shop_path, silhouette, title, verified_badge } from "./shoe.js";

const ids = new URLSearchParams(location.search).getAll("id").filter((id) => /^\d+$/.test(id));
const page = $("#page");
const cost = (listing) => listing.sale_price_cents ?? listing.price_cents;

const ROWS = [
	["Price now", (listing, best) => [money(cost(listing)), cost(listing) === best ? h("span", { class: "badge good" }, "Lowest") : null]],
	["Full price", (listing) => [money(listing.price_cents)]],
	["Size", (listing) => [`US ${listing.size}`]],
	["Colour", (listing) => [capital(listing.color)]],
	["For", (listing) => [capital(listing.audience)]],
	["Condition", (listing) => [capital(listing.condition)]],
	["In stock", (listing) => [listing.available ? String(listing.available) : "Sold out"]],
	["Delivery", (listing) => [shipping_words(listing)]],
	["Shop", (listing) => [h("a", { href: shop_path(listing) }, typed(listing.shop_name)), verified_badge(listing)]],
];

function drop(listing) {
	const rest = ids.filter((id) => Number(id) !== listing.listing_id);

	compared.set(rest.map(Number));
	location.assign(rest.length > 1 ? compare_path(rest) : "/");
}

function show(listings) {
	const best = Math.min(...listings.map(cost));

	compared.set(listings.map((listing) => listing.listing_id));
	$("#tray").hidden = true;
	page.replaceChildren(h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Comparison" }, h("table", { class: "versus" },
		h("thead", {}, h("tr", {}, h("td", {}), listings.map((listing) => h("th", { scope: "col" }, silhouette(listing), h("a", { href: listing_path(listing) }, typed(title(listing))))))),
		h("tbody", {}, ROWS.map(([name, cell]) => h("tr", {}, h("th", { scope: "row" }, name), listings.map((listing) => h("td", {}, cell(listing, best).flatMap((part) => (part ? [part, " "] : [])))))),
			h("tr", {}, h("td", {}), listings.map((listing) => h("td", {}, h("button", { type: "button", class: "quiet", onclick: () => drop(listing) }, "Remove", h("span", { class: "unseen" }, phrase` ${title(listing)}`)))))))));
}

async function load() {
	if (ids.length < 2 || ids.length > 4) {
		page.replaceChildren(empty("Pick two to four pairs", "Tick “Compare” on the shoes that you hesitate between, then come back here.", h("a", { class: "button", href: "/" }, "Choose shoes")));
		return;
	}
	try {
		show((await get("/listings/compare?" + ids.map((id) => `id=${id}`).join("&"))).listings);
	} catch (error) {
		page.replaceChildren(error.status === 404 ? empty("One of these is gone", "Its shop has taken it off the shelf. Choose again.", h("a", { class: "button", href: "/" }, "Choose shoes")) : failed(error, load));
	}
}

load();
