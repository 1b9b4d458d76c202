/*
 * The query of the home page. It is the page's URL, so that it can be bookmarked, shared and gone back to; each change of it dispatches the event
 * "query". This module is the first of its page: it sends the page's first requests while the other modules are still on their way.
 */

import { ask_early } from "./api.js";

/* Filters with counted values. */
export const GROUPS = ["brand", "size", "color", "audience", "condition"];
const NAMES = ["q", ...GROUPS, "style", "min_price_cents", "max_price_cents", "shop_id", "shoe_id", "verified", "on_sale", "sort"];

export let query = read_query();

/* What stands above the list where the query is empty, as paths of the API. */
export const FRONT = {
	sales: "/sales?limit=20",
	on_sale: "/listings?on_sale=true&limit=12",
	events: "/events?limit=10",
	newest: "/listings?sort=newest&limit=6",
};

function read_query() {
	const all = new URLSearchParams();

	for (const [name, value] of new URLSearchParams(location.search))
		if (NAMES.includes(name) && value !== "")
			all.append(name, value);
	return all;
}

/* The query of the API for a page of the list, with the counts for the filters. */
export function list_query() {
	const asked = new URLSearchParams(query);

	asked.set("limit", "24");
	asked.set("facets", "1");
	return asked;
}

export function without(...names) {
	const rest = new URLSearchParams(query);

	names.forEach((name) => rest.delete(name));
	return rest;
}

export function with_words(text) {
	const rest = without("q");

	if (text)
		rest.set("q", text);
	return rest;
}

/* How many filters are set: the words of the search and the order are none. */
export const count_filters = () => [...query.keys()].filter((name) => !["q", "sort"].includes(name)).length;

const address = () => (query.size ? `/?${query}` : "/");

export function go(next) {
	query = next;
	history.pushState(null, "", address());
	dispatchEvent(new Event("query"));
}

/* The same query in other words: neither an entry of the history nor an event. */
export function restate(change) {
	change(query);
	history.replaceState(null, "", address());
}

addEventListener("popstate", () => {
	query = read_query();
	dispatchEvent(new Event("query"));
});

[`/listings?${list_query()}`, ...(query.size ? [] : Object.values(FRONT))].forEach(ask_early);
