/* Completion of a text input from a list, as a combobox: arrow keys, Enter or Tab take a suggestion, Escape closes the list. Any other text may be typed too. */

import { h, typed } from "./dom.js";

const PAUSE = 120; /* ms without a key before suggestions are asked for */

/* Texts as they are compared: without case and accents. */
export const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();

/* Of texts, those of which a word begins with what is typed: first those that begin with it themselves. At most eight, each once. */
export function matching(texts, start) {
	const from = folded(start);
	const all = [...new Map(texts.map((text) => [folded(text), text])).entries()];
	const first = all.filter(([key]) => key.startsWith(from));
	const later = all.filter(([key]) => !key.startsWith(from) && key.includes(` ${from}`));

	return [...first, ...later].map(([, text]) => text).slice(0, 8);
}

/*
 * source(text) resolves to the suggestions for what is typed. taken(text) is called when one is taken. The input has a label; the list stands below it.
 */
export function complete(input, source, taken = () => {}) {
	const list = h("ul", { class: "completion", id: `${input.id}-list`, role: "listbox", "aria-label": `${input.labels[0].textContent}: suggestions`, hidden: true });
	let options = [], active = -1, timer = 0, asked = 0;

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

	function open(texts) {
		options = texts.map((text, n) => h("li", { id: `${list.id}-${n}`, role: "option", "aria-selected": "false", onpointerdown: (event) => event.preventDefault(), onclick: () => take(text) }, typed(text)));
		list.replaceChildren(...options);
		active = -1;
		input.removeAttribute("aria-activedescendant");
		list.hidden = options.length === 0;
		input.setAttribute("aria-expanded", String(options.length > 0));
	}

	async function ask() {
		const turn = ++asked;
		const text = input.value.trim();
		const texts = text ? await source(text).catch(() => []) : [];

		if (turn === asked && document.activeElement === input)
			open(texts.length === 1 && texts.at(0) === text ? [] : texts);
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
			take(options.at(active).textContent);
		else {
			if (event.key === "Tab" && active >= 0)
				take(options.at(active).textContent);
			return;
		}
		event.preventDefault();
	});
}
