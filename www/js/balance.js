/* The balance of my shop, with the entries of its ledger, newest first. */

import { $, h, money, own, time } from "./dom.js";
import { fill_paged_list } from "./paged_list.js";
import { set_fee } from "./payment.js";
import { capital } from "./shoe.js";

const REASON = { sold: "Sold", cancelled: "Cancelled" };

function draw_entry(entry) {
	return h("tr", { id: `entry-${entry.entry_id}` }, h("td", {}, time(entry.created_at)), h("td", {}, `${own(REASON, entry.reason) || capital(entry.reason || "entry")}${entry.order_id ? `, order ${entry.order_id}` : ""}`),
		h("td", {}, money(entry.amount_cents)));
}

export async function draw_balance(shop) {
	const rows = $("#entries tbody") || h("tbody", {});
	const table = $("#entries .scroll") || h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Entries" }, h("table", {},
		h("thead", {}, h("tr", {}, ["When", "What", "Amount"].map((name) => h("th", { scope: "col" }, name)))), rows));

	if (!table.isConnected)
		$("#entries").replaceChildren(table);
	const balance = await fill_paged_list(rows, `/shops/${shop.shop_id}/balance`, "limit=20", { items: "entries", draw: draw_entry, behind: table, keep: true, none: "Nothing has come in yet." });

	if (balance) {
		set_fee(balance.fee_bps ?? null);
		table.hidden = !balance.entries.length;
		$("#balance-now").textContent = money(balance.balance_cents);
	}
}
