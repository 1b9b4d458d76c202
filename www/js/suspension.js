/* An admin suspends a shop or a listing with a reason, or lets it in again. */

import { write } from "./api.js";
import { $, h, phrase } from "./dom.js";
import { clear_errors, field, show_problem } from "./form.js";

/*
 * A box with the form for a thing of this kind ("shop" or "listing"), id and name; `suspension` has its reason, if it is suspended. Calls done() after a
 * decision.
 */
export function suspension_box({ kind, id, name, suspension = null }, done = () => {}) {
	const box = h("div", { class: "card suspension" });

	function draw(now, said) {
		const reason = h("textarea", { id: `suspend-${kind}-${id}`, name: "reason", maxlength: "2000", rows: "2" });
		const button = h("button", { class: now ? "" : "grave" }, now ? "Let it in again" : `Suspend this ${kind}`);
		const form = h("form", {}, field(now ? "Reason, if you like" : "Reason", reason, now ? "" : "Its owner reads it. Nothing of it is shown or sold any more; what was sold stays."),
			h("p", { class: "row" }, button));

		form.addEventListener("submit", (event) => {
			event.preventDefault();
			decide(form, button, !now, reason.value.trim());
		});
		box.replaceChildren(said ? h("p", { class: "done", role: "status", tabindex: "-1" }, said) : "",
			h("p", {}, now ? phrase`Suspended: “${now.reason}”` : "Not suspended."), form);
		if (said)
			$(".done", box).focus();
	}

	async function decide(form, button, suspended, reason) {
		clear_errors(form);
		button.disabled = true;
		try {
			const answer = await write("PUT", `/admin/${kind}s/${id}/suspension`, { suspended, ...(reason && { reason }) });

			draw(answer.suspended ? answer : null, answer.suspended ? phrase`${name} is suspended.` : phrase`${name} is let in again.`);
			done();
		} catch (error) {
			show_problem(form, error);
			button.disabled = false;
		}
	}

	draw(suspension);
	return box;
}
