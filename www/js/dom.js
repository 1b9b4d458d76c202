/* Builds elements. Data is inserted as text nodes and attributes, never as markup. */

const SVG = "http://www.w3.org/2000/svg";

function fill(node, props, children) {
	for (const [name, value] of Object.entries(props || {})) {
		if (value === undefined || value === null || value === false)
			continue;
		if (name.startsWith("on"))
			node.addEventListener(name.slice(2), value);
		else
			node.setAttribute(name, value === true ? "" : value);
	}
	node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
	return node;
}

export const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
export const svg = (tag, props, ...children) => fill(document.createElementNS(SVG, tag), props, children);
export const $ = (selector, from = document) => from.querySelector(selector);

/*
 * The object's own member of a name, or undefined. A name may be anybody's word: of "constructor" and "toString" every object has inherited
 * members. So this is the only place that reads a member by a computed name.
 */
export const own = (object, name) => (Object.hasOwn(object, name) ? object[name] : undefined);

/* "$1,234.50" of 123450. Integer arithmetic: 19.99 has no exact binary fraction. */
export function money(cents) {
	const whole = Math.abs(Math.trunc(cents));
	const dollars = Math.floor(whole / 100).toString().replace(/\B(?=(\d{3})+$)/g, ",");

	return `${cents < 0 ? "−" : ""}$${dollars}.${String(whole % 100).padStart(2, "0")}`;
}

/* 1999 of "19.99" or "$19.99", 1900 of "19"; NaN of anything else. */
export function cents_of(text) {
	const parts = /^\$?(\d{1,9})(?:[.,](\d{1,2}))?$/.exec(text.trim().replace(/,(?=\d{3}(\D|$))/g, ""));

	return parts ? Number(parts[1]) * 100 + Number((parts[2] || "").padEnd(2, "0")) : NaN;
}

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export const time = (text) => h("time", { datetime: text }, when.format(new Date(text)));
export const plural = (n, one, many = one + "s") => `${n.toLocaleString("en-US")} ${n === 1 ? one : many}`;

/* Resolves once all these parts of a page are there, or after three seconds. A page that is shown then does not move while it is looked at. */
export const parts_are_there = (parts) => Promise.race([Promise.allSettled(parts), new Promise((resolve) => setTimeout(resolve, 3000))]);

/* What people typed, apart from the text around it: letters from right to left move nothing beside it, such as a price. */
export const typed = (text) => h("bdi", {}, text);

/* The nodes of phrase`You asked ${name}.`: each value typed(). For children of h(), say() and ask(). */
export const phrase = (strings, ...values) => strings.flatMap((string, n) => (n < values.length ? [string, typed(values.at(n))] : [string]));

/* The live region is in the page from the start: screen readers do not announce the first text of a new one. */
const line = h("div", { id: "said", role: "status" });

document.body.append(line);

/* Announces a text, or a phrase, to screen readers, and shows it for six seconds. */
export function say(text, { bad = false } = {}) {
	line.className = bad ? "bad" : "";
	line.replaceChildren(...[text].flat());
	line.classList.add("shown");
	clearTimeout(say.timer);
	say.timer = setTimeout(() => line.classList.remove("shown"), 6000);
}

/* A box in place of content that is missing: why, and what to do next. */
export function empty(title, text, ...actions) {
	return box("h2", title, text, actions);
}

/* The same for a whole page. */
export function missing(title, text, ...actions) {
	return box("h1", title, text, actions);
}

function box(heading, title, text, actions) {
	return h("div", { class: "empty" }, h(heading, {}, title), h("p", {}, text), actions.length ? h("p", { class: "row" }, actions) : null);
}

export function failed(error, again) {
	return h("div", { class: "empty", role: "alert" }, h("p", { class: "problem" }, error.message),
		again ? h("button", { type: "button", onclick: again }, "Try again") : null);
}

/* Shows a modal dialog. Resolves to whether it was confirmed; then the focus is where it was before. */
export function ask(title, text, yes, { no = "Not now", grave = false } = {}) {
	return new Promise((resolve) => {
		const dialog = h("dialog", { "aria-labelledby": "ask-title" },
			h("h2", { id: "ask-title" }, title), h("p", {}, text),
			h("form", { method: "dialog", class: "row" },
				h("button", { value: "yes", class: grave ? "grave" : "" }, yes),
				h("button", { value: "no", class: "quiet" }, no)));

		dialog.addEventListener("close", () => {
			resolve(dialog.returnValue === "yes");
			dialog.remove();
		});
		document.body.append(dialog);
		dialog.showModal();
	});
}
