/* An admin's decision on a payout that a shop asked for: it was paid, or it is refused and goes back. */

import { write } from "./api.js";
import { $, empty, h, money, time, typed } from "./dom.js";
import { clear_errors, field, show_problem } from "./form.js";
import { fill_paged_list } from "./paged_list.js";

function decision_form(payout, decided) {
	const name = h("span", { class: "unseen" }, ` payout ${payout.payout_id}`);
	const note = h("textarea", { id: `note-${payout.payout_id}`, name: "note", maxlength: "2000", rows: "2" });
	const button = (text, status, kind) => h("button", { type: "button", class: kind, onclick: () => decide(status) }, text, name.cloneNode(true));
	const form = h("form", {}, field("Note, if you like", note, "The shop sees it."), h("p", { class: "row" }, button("It is paid", "paid", ""), button("Refuse", "refused", "grave")));

	async function decide(status) {
		const text = note.value.trim();
		const buttons = form.querySelectorAll("button");

		clear_errors(form);
		buttons.forEach((each) => { each.disabled = true; });
		try {
			decided(await write("PUT", `/admin/payouts/${payout.payout_id}`, { status, ...(text && { note: text }) }));
		} catch (error) {
			show_problem(form, error);
		} finally {
			buttons.forEach((each) => { each.disabled = false; });
		}
	}

	form.addEventListener("submit", (event) => event.preventDefault());
	return form;
}

/* Fills the list of payouts, those to be decided first. Calls changed() after a decision. */
export function draw_payouts(list, changed) {
	const draw = (payout) => {
		const row = h("li", { class: "card", id: `payout-${payout.payout_id}` },
			h("div", { class: "head" }, h("h3", {}, h("a", { href: `/shop.html?id=${payout.shop_id}` }, typed(payout.shop_name))), h("strong", {}, money(payout.amount_cents)), h("span", { class: "hint" }, time(payout.requested_at))),
			payout.status === "requested" ? decision_form(payout, (after) => {
				row.replaceChildren(h("p", { class: "done", role: "status", tabindex: "-1" }, `Payout ${after.payout_id} is ${after.status}.`));
				$("p", row).focus();
				changed();
			}) : h("p", {}, `It is ${payout.status}.`, payout.note ? [" ", typed(payout.note)] : null));

		return row;
	};

	return fill_paged_list(list, "/admin/payouts", "limit=20", { items: "payouts", draw, none: empty("Nothing to pay out", "What shops ask for is listed here.") });
}
