/* The balance of my shop, with the newest entries of its ledger. */

import { get } from "./api.js";
import { $, h, money, own, time } from "./dom.js";
import { capital } from "./shoe.js";

const REASON = { sold: "Sold", cancelled: "Cancelled" };

function draw_entry(entry) {
	return h("tr", {}, h("td", {}, time(entry.created_at)), h("td", {}, `${own(REASON, entry.reason) || capital(entry.reason || "entry")}${entry.order_id ? `, order ${entry.order_id}` : ""}`),
		h("td", {}, money(entry.amount_cents)));
}

export async function draw_balance(shop) {
	const balance = await get(`/shops/${shop.shop_id}/balance?limit=50`);

	$("#balance-now").textContent = money(balance.balance_cents);
	$("#entries").replaceChildren(balance.entries.length ? h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Entries" }, h("table", {},
		h("thead", {}, h("tr", {}, ["When", "What", "Amount"].map((name) => h("th", { scope: "col" }, name)))),
		h("tbody", {}, balance.entries.map(draw_entry)))) :
		h("p", {}, "Nothing has come in yet."), balance.next ? h("p", { class: "hint" }, "These are the newest 50.") : "");
}
