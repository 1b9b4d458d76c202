/* The money of my shop: what it has, the entries of its ledger, newest first, and, where payments are on, its payouts. */

import { get } from "./api.js";
import { $, h, money, own, time, typed } from "./dom.js";
import { on_submit } from "./form.js";
import { fill_paged_list } from "./paged_list.js";
import { set_fee } from "./payment.js";
import { capital } from "./shoe.js";

const REASON = { sold: "Sold", cancelled: "Cancelled", paid: "Paid", lapsed: "Not paid" };
const STATUS = { requested: "Asked for", paid: "Paid out", refused: "Refused" };

const what = (entry) => `${own(REASON, entry.reason) || capital(entry.reason || "entry")}${entry.order_id ? `, order ${entry.order_id}` : ""}`;

function draw_entry(entry) {
	return h("tr", { id: `entry-${entry.entry_id}` }, h("td", {}, time(entry.created_at)),
		h("td", {}, what(entry), entry.reason === "sold" && entry.pending_cents ? h("span", { class: "hint" }, ` (${money(entry.pending_cents)}, to be paid)`) : null,
			entry.fee_cents ? h("span", { class: "hint" }, ` (${money(entry.gross_cents)}, less the fee of ${money(entry.fee_cents)})`) : null),
		h("td", {}, money(entry.amount_cents)));
}

/* What the promotion tiers cost, where payments are on. */
function draw_tiers(tiers) {
	$("#tiers").hidden = !tiers;
	$("#tiers dl").replaceChildren(...(tiers || []).flatMap(({ tier, price_cents }) => [h("dt", {}, `Tier ${tier}`), h("dd", {}, money(price_cents))]));
}

function draw_account(balance) {
	const rows = [["Won, not paid yet", balance.pending_cents], ["Paid, less the fee", balance.balance_cents], ["You can have now", balance.available_cents]];

	$("#account").hidden = balance.fee_bps === null;
	if (balance.fee_bps === null)
		return;
	$("#account dl").replaceChildren(...rows.flatMap(([name, cents]) => [h("dt", {}, name), h("dd", {}, money(cents))]));
	$("#payout button").disabled = balance.available_cents <= 0;
	if (document.activeElement !== $("#payout-amount")) /* its default value: what is typed stays */
		$("#payout-amount").defaultValue = balance.available_cents > 0 ? money(balance.available_cents).slice(1) : "";
}

const draw_payout = (payout) => h("li", { class: "card", id: `payout-${payout.payout_id}` },
	h("div", { class: "head" }, h("h3", {}, money(payout.amount_cents)), h("span", { class: `badge ${payout.status === "paid" ? "good" : payout.status === "refused" ? "cancelled" : "pending"}` }, own(STATUS, payout.status) || payout.status),
		h("span", { class: "hint" }, time(payout.requested_at))), payout.note ? h("p", {}, typed(payout.note)) : null);

const draw_payouts = (shop) => fill_paged_list($("#payouts"), `/shops/${shop.shop_id}/payouts`, "limit=20", { items: "payouts", draw: draw_payout, keep: true, none: "Nothing was paid out yet." });

/* Reads what the marketplace takes of a price, for show_net(), and what the shop has. Resolves to the balance. */
export async function learn_terms(shop) {
	const balance = await get(`/shops/${shop.shop_id}/balance?limit=1`);

	set_fee(balance.fee_bps);
	return balance;
}

export async function draw_balance(shop) {
	const rows = $("#entries tbody") || h("tbody", {});
	const table = $("#entries .scroll") || h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Entries" }, h("table", {},
		h("thead", {}, h("tr", {}, ["When", "What", "Amount"].map((name) => h("th", { scope: "col" }, name)))), rows));

	if (!table.isConnected)
		$("#entries").replaceChildren(table);
	const balance = await fill_paged_list(rows, `/shops/${shop.shop_id}/balance`, "limit=20", { items: "entries", draw: draw_entry, behind: table, keep: true, none: "Nothing has come in yet." });

	if (balance) {
		table.hidden = !balance.entries.length;
		$("#balance-now").textContent = money(balance.balance_cents);
		set_fee(balance.fee_bps);
		draw_tiers(balance.tiers);
		draw_account(balance);
		if (balance.fee_bps !== null)
			await draw_payouts(shop);
	}
}

/* shop(): the shop as it is now. */
export function listen_to_balance(shop) {
	on_submit($("#payout"), async (values, attempt) => {
		const { amount_cents } = await attempt.post(`/shops/${shop().shop_id}/payouts`, values);

		$("#payout").reset();
		await draw_balance(shop());
		return `${money(amount_cents)} is asked for. We pay it to you soon.`;
	});
}
