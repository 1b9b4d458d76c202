/*
 * Forms that send JSON. data-kind on a control names the reader of its text: integer, number, money, boolean, time.
 * A field error is shown at its field, any other problem above the form.
 */

import { Attempt } from "./api.js";
import { $, cents_of, h, own } from "./dom.js";

class Unreadable extends Error {}

const readers = {
	integer(text) {
		if (!/^[+-]?\d{1,12}$/.test(text))
			throw new Unreadable("Enter a whole number.");
		return Number(text);
	},
	number(text) {
		if (!/^\d{1,4}(\.\d{1,4})?$/.test(text))
			throw new Unreadable("Enter a number.");
		return Number(text);
	},
	money(text) {
		const cents = cents_of(text);

		if (Number.isNaN(cents))
			throw new Unreadable("Enter an amount like 19.99.");
		return cents;
	},
	boolean: (text) => text === "true",
	time(text) {
		const date = new Date(text);

		if (Number.isNaN(date.getTime()))
			throw new Unreadable("Enter a date and a time.");
		return date.toISOString();
	},
};

export function field_error(control, message) {
	const box = control.closest(".field") || control.parentElement;
	const id = `${control.id || control.name}-error`;

	box.append(h("p", { class: "error", id }, message));
	control.setAttribute("aria-invalid", "true");
	control.setAttribute("aria-describedby", [control.dataset.hint, id].filter(Boolean).join(" "));
}

export function clear_errors(form) {
	form.querySelectorAll(".error, .problem, .done").forEach((node) => node.remove());
	form.querySelectorAll("[aria-invalid]").forEach((control) => {
		control.removeAttribute("aria-invalid");
		if (control.dataset.hint)
			control.setAttribute("aria-describedby", control.dataset.hint);
		else
			control.removeAttribute("aria-describedby");
	});
}

const control_of = (form, name) => [...form.elements].find((control) => control.name === name && control.type !== "hidden");

function focus_first_error(form) {
	($("[aria-invalid=true]", form) || $(".problem", form))?.focus();
}

/* Shows a Problem in its form: each field error at its control, the rest above. */
export function show_problem(form, error) {
	const rest = [];

	clear_errors(form);
	for (const { field, message } of error.errors || []) {
		const control = field && control_of(form, field);

		if (control)
			field_error(control, message);
		else if (message)
			rest.push(field ? `${field}: ${message}` : message);
	}
	if (rest.length || !$(".error", form))
		form.prepend(h("p", { class: "problem", role: "alert", tabindex: "-1" }, [error.message, ...rest].join(" ")));
	focus_first_error(form);
}

/* The values of a form by name, without empty optional controls. Null if one cannot be read; its error is then shown. */
function values_of(form) {
	const values = [];

	clear_errors(form);
	for (const control of form.elements) {
		if (!control.name || control.disabled || control.type === "hidden" || (control.type === "radio" && !control.checked))
			continue;
		const text = control.type === "password" ? control.value : control.value.trim();

		if (text === "" && !control.required)
			continue;
		try {
			if (text === "")
				throw new Unreadable("This is needed.");
			values.push([control.name, (own(readers, control.dataset.kind) || String)(text)]);
		} catch (error) {
			field_error(control, error.message);
		}
	}
	if ($(".error", form)) {
		focus_first_error(form);
		return null;
	}
	return Object.fromEntries(values);
}

/*
 * Calls act(values, attempt) when the form is submitted; not again before it has finished. attempt.post() sends the idempotency key of
 * this form. What act throws is shown in the form, and so is the text or phrase that it returns, if any.
 */
export function on_submit(form, act) {
	const attempt = new Attempt(form.dataset.attempt || form.id || "form");
	let busy = false;

	form.noValidate = true;
	form.addEventListener("submit", async (event) => {
		event.preventDefault();
		if (busy)
			return;
		const values = values_of(form);

		if (!values)
			return;
		busy = true;
		form.setAttribute("aria-busy", "true");
		try {
			const done = await act(values, attempt);

			if (typeof done === "string" || Array.isArray(done))
				form.prepend(h("p", { class: "done", role: "status" }, done));
		} catch (error) {
			show_problem(form, error);
		} finally {
			busy = false;
			form.removeAttribute("aria-busy");
		}
	});
}

/* A control with its label, for forms that are built by script. */
export function field(label, control, hint) {
	const id = control.id;

	if (hint) {
		control.dataset.hint = `${id}-hint`;
		control.setAttribute("aria-describedby", `${id}-hint`);
	}
	return h("div", { class: "field" }, h("label", { for: id }, label), control, hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null);
}
