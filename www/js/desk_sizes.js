/*
 * The grid of sizes of a new listing: a number of pairs for each, and a price where each has its own. The sizes usual for an audience come first, the
 * others are behind a fold. The grid is one stop of the Tab key, but for prices; arrow keys move in it.
 */

import { $, cents_of, h, money } from "./dom.js";

const SIZES = Array.from({ length: 39 }, (_, n) => 1 + n / 2);
const USUAL = new Map([["men", [7, 13]], ["women", [5, 11]], ["youth", [1, 7]], ["unisex", [5, 13]]]);

const cells = SIZES.map((size) => {
	const pairs = h("input", { id: `size-${size}`, class: "pairs", inputmode: "numeric", maxlength: "6", autocomplete: "off", tabindex: "-1" });
	const price = h("input", { id: `price-of-${size}`, class: "price-of", inputmode: "decimal", autocomplete: "off", "aria-label": `Price of US ${size} in $`, hidden: true });

	return { size, pairs, price, node: h("div", { class: "cell" }, h("label", { for: pairs.id }, h("span", { class: "unseen" }, "Pairs of US "), String(size)), pairs, price) };
});

let has_prices = false;

const quantity = (cell) => (/^\d{1,6}$/.test(cell.pairs.value.trim()) ? Number(cell.pairs.value.trim()) : NaN);
const is_empty = (cell) => cell.pairs.value.trim() === "" || quantity(cell) === 0;

/* The sizes with pairs: {size, quantity, price_cents or null, control}. A quantity that is no number is NaN. */
export const chosen = () => cells.filter((cell) => !is_empty(cell)).map((cell) => ({
	size: cell.size, quantity: quantity(cell), price_cents: has_prices ? cents_of(cell.price.value) : null, control: cell.pairs, price_control: cell.price }));

export function clear_size(size) {
	const cell = cells.find((one) => one.size === size);

	cell.pairs.value = cell.price.value = "";
	show_price(cell);
}

export const clear_sizes = () => SIZES.forEach(clear_size);

function show_price(cell) {
	cell.price.hidden = !has_prices || is_empty(cell);
	cell.node.classList.toggle("filled", !is_empty(cell));
	cell.node.classList.toggle("priced", !cell.price.hidden);
}

/* Shows or hides a price at each size with pairs; they begin with this one. */
export function price_each(on, cents) {
	has_prices = on;
	for (const cell of cells) {
		if (on && !cell.price.value && !Number.isNaN(cents))
			cell.price.value = money(cents).slice(1);
		show_price(cell);
	}
}

const is_shown = (cell) => cell.node.parentElement === $("#usual") || $("#other").open;

/* The tab stop of the grid: the size that had the focus last, or the first one. */
function set_stop(stop) {
	cells.forEach((cell) => { cell.pairs.tabIndex = cell === stop ? 0 : -1; });
}

export function focus_sizes() {
	const stop = cells.find((cell) => cell.pairs.tabIndex === 0);

	stop.pairs.focus();
}

/* The sizes usual for this audience come first. What is typed stays; the fold opens if it hides some of it. */
export function order_sizes(audience) {
	const [least, most] = USUAL.get(audience) || USUAL.get("unisex");
	const is_usual = ({ size }) => size >= least && size <= most;
	const others = cells.filter((cell) => !is_usual(cell));

	$("#usual").replaceChildren(...cells.filter(is_usual).map(({ node }) => node));
	$("#other .size-grid").replaceChildren(...others.map(({ node }) => node));
	if (others.some((cell) => !is_empty(cell)))
		$("#other").open = true;
	set_stop(cells.find(is_usual));
}

/* The cell above or below: the nearest one in the next row. */
function vertical(shown, cell, way) {
	const { top, left } = cell.node.getBoundingClientRect();
	const places = shown.map((one) => ({ one, box: one.node.getBoundingClientRect() })).filter(({ box }) => (way > 0 ? box.top > top + 5 : box.top < top - 5));
	const distance = ({ box }) => Math.abs(box.top - top) * 1000 + Math.abs(box.left - left);

	return places.sort((a, b) => distance(a) - distance(b)).at(0)?.one;
}

function move(event, cell) {
	const shown = [...cells.filter((one) => one.node.parentElement === $("#usual")), ...cells.filter((one) => one.node.parentElement !== $("#usual"))].filter(is_shown);
	const at = shown.indexOf(cell);
	const to = new Map([["ArrowRight", () => shown.at(at + 1)], ["ArrowLeft", () => at && shown.at(at - 1)], ["ArrowDown", () => vertical(shown, cell, 1)], ["ArrowUp", () => vertical(shown, cell, -1)],
		["Home", () => shown.at(0)], ["End", () => shown.at(-1)]]).get(event.key);

	if (!to || event.altKey || event.ctrlKey || event.metaKey)
		return;
	event.preventDefault();
	(to() || cell).pairs.focus();
}

/* changed() is called whenever the pairs or prices of a size change. */
export function listen_to_sizes(changed) {
	for (const cell of cells) {
		cell.pairs.addEventListener("keydown", (event) => move(event, cell));
		cell.pairs.addEventListener("focus", () => {
			set_stop(cell);
			cell.pairs.select();
		});
		cell.pairs.addEventListener("input", () => {
			if (has_prices && !cell.price.value && !is_empty(cell))
				cell.price.value = $("#price").value;
			show_price(cell);
			changed();
		});
		cell.price.addEventListener("input", changed);
	}
	order_sizes("unisex");
}
