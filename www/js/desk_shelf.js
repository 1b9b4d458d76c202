/* The desk's page of listings: searched and filtered as one types, a page at a time. */

import { $, empty, failed, h, typed } from "./dom.js";
import { learn_terms } from "./balance.js";
import { need_shop } from "./desk.js";
import { fill_listings } from "./shop_listings.js";
import { watch } from "./watch.js";

const PACE = 5000;      /* ms between two looks for new sales */
const TYPING_MS = 250;  /* without a key before a search begins */

const form = $("#shelf-find");
const shop = await need_shop();
let search = new AbortController();

const chosen = () => new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
const list_shoes = () => h("a", { class: "button", href: "/desk-list.html" }, "List shoes");

function none_of(query) {
	if (!query.size)
		return empty("Your shelf is empty", "List your first pair. Buyers find it at once.", list_shoes(), h("a", { class: "button quiet", href: "/desk-import.html" }, "Import a file"));
	return empty("Nothing of the kind", query.has("q") ? ["No listing of yours has the words “", typed(query.get("q")), "”."] : query.get("stock") === "low" ? "Of all your new shoes there are three pairs or more." : "There is none.",
		h("button", { type: "button", class: "quiet", onclick: show_all }, "Show all"));
}

function show_all() {
	form.reset();
	for (const control of form.elements)
		control.value = "";
	show();
	$("#shelf-q").focus();
}

/* Shows what is asked for. Another one than before is drawn anew; the same one keeps the rows in which somebody works. */
async function show({ keep = false } = {}) {
	const query = chosen();

	search.abort();
	search = new AbortController();
	history.replaceState(null, "", query.size ? `?${query}` : location.pathname);
	query.set("limit", "20");
	const none = none_of(chosen());

	await fill_listings(shop, $("#listings"), query, { none, keep, signal: search.signal }).catch((error) => {
		if (error.name !== "AbortError")
			throw error;
	});
}

let timer = 0;
const asked = new URLSearchParams(location.search);

$("#shelf-q").value = asked.get("q") ?? "";
$("#shelf-stock").value = asked.get("stock") ?? "";
form.addEventListener("submit", (event) => {
	event.preventDefault();
	clearTimeout(timer);
	show();
});
form.addEventListener("input", () => {
	clearTimeout(timer);
	timer = setTimeout(show, TYPING_MS);
});

const [terms] = await Promise.allSettled([learn_terms(shop), show().catch((error) => $("#listings").replaceChildren(failed(error, () => location.reload())))]);
let earned = terms.value && JSON.stringify(terms.value);

$("#page").hidden = false;
/* Sales and cancellations change the stock too. */
watch(`/shops/${shop.shop_id}/balance?limit=1`, (balance) => {
	if (balance && JSON.stringify(balance) !== earned)
		show({ keep: true }).catch((error) => console.warn(error.message));
	earned = JSON.stringify(balance);
}, () => PACE);
