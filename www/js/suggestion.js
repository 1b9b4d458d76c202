/*
 * Suggestions while something is typed, as a combobox: arrow keys, Enter or Tab take one, Escape closes the list. Any other text may be typed too.
 * The header's field of the search has them on all pages: frame.js loads this module when the field gets the focus.
 */

import { get } from "./api.js";
import { h, plural, typed } from "./dom.js";

const PAUSE = 120; /* ms without a key before suggestions are asked for */

/* Brands and styles of the catalogue that begin with a text, or nearly. */
export async function suggestions(text, more = {}) {
	return (await get(`/suggestions?${new URLSearchParams({ q: text, ...more })}`)).suggestions;
}

/*
 * source(text) resolves to the suggestions for what is typed: texts, or objects of a text and a note beside it. taken(text) is called when one is taken. The input has a label; the list stands below it.
 */
export function complete(input, source, taken = () => {}) {
	const list = h("ul", { class: "completion", id: `${input.id}-list`, role: "listbox", "aria-label": `${input.labels[0].textContent}: suggestions`, hidden: true });
	let options = [], texts = [], active = -1, timer = 0, asked = 0;

	for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id]])
		input.setAttribute(name, value);
	input.parentElement.classList.add("completed");
	input.after(list);

	function close() {
		clearTimeout(timer);
		asked++;
		list.hidden = true;
		active = -1;
		input.setAttribute("aria-expanded", "false");
		input.removeAttribute("aria-activedescendant");
	}

	function take(text) {
		input.value = text;
		close();
		taken(text);
	}

	function activate(n) {
		active = (n + options.length + 1) % (options.length + 1); /* the last step is the input itself */
		options.forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
		if (active === options.length) {
			active = -1;
			input.removeAttribute("aria-activedescendant");
			return;
		}
		input.setAttribute("aria-activedescendant", options.at(active).id);
		options.at(active).scrollIntoView({ block: "nearest" });
	}

	function open(found) {
		texts = found.map((one) => one.text ?? one);
		options = found.map((one, n) => h("li", { id: `${list.id}-${n}`, role: "option", "aria-selected": "false", onpointerdown: (event) => event.preventDefault(), onclick: () => take(texts.at(n)) },
			typed(texts.at(n)), one.note ? [" ", h("span", { class: "note" }, one.note)] : null));
		list.replaceChildren(...options);
		active = -1;
		input.removeAttribute("aria-activedescendant");
		list.hidden = options.length === 0;
		input.setAttribute("aria-expanded", String(options.length > 0));
	}

	async function ask() {
		const turn = ++asked;
		const text = input.value.trim();
		const found = text ? await source(text).catch(() => []) : [];

		if (turn === asked && document.activeElement === input)
			open(found.length === 1 && (found.at(0).text ?? found.at(0)) === text ? [] : found);
	}

	input.addEventListener("input", () => {
		clearTimeout(timer);
		timer = setTimeout(ask, PAUSE);
	});
	input.addEventListener("blur", close);
	input.addEventListener("keydown", (event) => {
		if (event.key === "ArrowDown" && list.hidden)
			ask();
		else if (event.key === "ArrowDown" || event.key === "ArrowUp")
			activate(active + (event.key === "ArrowDown" ? 1 : active < 0 ? options.length : -1));
		else if (event.key === "Escape" && !list.hidden)
			close();
		else if (event.key === "Enter" && active >= 0)
			take(texts.at(active));
		else {
			if (event.key === "Tab" && active >= 0)
				take(texts.at(active));
			return;
		}
		event.preventDefault();
	});
}

/* What is taken is searched for at once. */
export function suggest_in(input) {
	complete(input, async (text) => (await suggestions(text)).map(({ kind, text: found, count }) => ({ text: found, note: `${kind}, ${plural(count, "offer")}` })),
		() => input.form.requestSubmit());
}
