/* An admin's decision on the verification of a shop: to verify it, to refuse it, or to take a verification back. */

import { get, write } from "./api.js";
import { $, failed, h, phrase } from "./dom.js";
import { clear_errors, field, show_problem } from "./form.js";

/*
 * The form to decide on a shop, which has a shop_id and a name; now: its verification. Calls done(answer, words) after a decision; words say what was
 * decided.
 */
export function decision_form(shop, now, done) {
	const reason = h("textarea", { id: `reason-${shop.shop_id}`, name: "reason", maxlength: "2000", rows: "2" });
	const form = h("form", {}, field(`Reason${now.status === "verified" || !now.eligible ? "" : ", if you like"}`, reason,
		now.status === "verified" ? "The shop sees it." : now.eligible ? "The shop sees it." : "The shop is not eligible: without a reason it cannot be verified. It sees the reason."),
	h("p", { class: "row" }, now.status === "verified" ? [button("Take it back", false, "The verification is taken back.", "grave")] :
		[button("Verify", true, phrase`${shop.name} is verified.`), button("Refuse", false, phrase`${shop.name} is refused.`, "grave")]));

	function button(text, verified, words, kind = "") {
		return h("button", { type: "button", class: kind, onclick: () => decide(verified, words) }, text, h("span", { class: "unseen" }, phrase` ${shop.name}`));
	}

	async function decide(verified, words) {
		const buttons = form.querySelectorAll("button");
		const text = reason.value.trim();

		clear_errors(form);
		buttons.forEach((each) => { each.disabled = true; });
		try {
			done(await write("PUT", `/shops/${shop.shop_id}/verification`, { verified, ...(text && { reason: text }) }), words);
		} catch (error) {
			show_problem(form, error);
		} finally {
			buttons.forEach((each) => { each.disabled = false; });
		}
	}

	form.addEventListener("submit", (event) => event.preventDefault());
	return form;
}

/* For an admin on the page of a shop: fills place with its verification and the form. */
export async function draw_decision(shop, place, done) {
	try {
		show(await get(`/shops/${shop.shop_id}/verification`));
	} catch (error) {
		place.replaceChildren(failed(error, () => draw_decision(shop, place, done)));
	}

	function show(now, words) {
		place.replaceChildren(h("h2", {}, "For admins"), h("div", { class: "card" }, words ? h("p", { class: "done", role: "status" }, words) : "",
			h("p", {}, `Verification: ${now.status}${now.eligible ? "" : ", not eligible"}.`), now.reason ? h("p", {}, phrase`Reason: “${now.reason}”`) : "",
			decision_form(shop, now, (answer, said) => { show(answer, said); done(); })));
		if (words)
			$("textarea", place).focus();
	}
}
