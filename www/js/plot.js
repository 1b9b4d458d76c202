/*
 * Plots of figures over time, as SVG, each with its table for those who cannot see it. Labels are HTML around the SVG, which is stretched to
 * its place: so they keep their size at any width. Pages that use it link plot.css.
 */

import { $, h, svg } from "./dom.js";

const WIDTH = 600, HEIGHT = 180; /* units of the SVG, stretched to its place */

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", hourCycle: "h23" });
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

/* Writers of the x of a point, which is in ms since the epoch: a time of day, and a day. */
export const clock_text = (x) => clock.format(x);
export const day_text = (x) => day.format(x);
export const count_text = (y) => y.toLocaleString("en-US", { maximumFractionDigits: 1 });

/* The least of 1, 2, 4, 5, 6, 8 times a power of ten that is not below n: the top of an axis that begins at 0. */
export function axis_top(n) {
	if (!(n > 0))
		return 1;
	const power = 10 ** Math.floor(Math.log10(n));
	const step = [1, 2, 4, 5, 6, 8, 10].find((times) => times * power >= n * (1 - 1e-9));

	return step * power;
}

/*
 * The bounds of the axes of points: x as it is, y from 0, or, not from_zero, from near the least. One point, or several at one x, get an x axis
 * of a length.
 */
export function bounds(points, from_zero = true) {
	const xs = points.map(({ x }) => x);
	const ys = points.map(({ y }) => y);
	const [left, right] = [Math.min(...xs), Math.max(...xs)];
	const least = Math.min(...ys), most = Math.max(...ys);
	const margin = (most - least || most || 1) * 0.1;

	if (!points.length)
		return { left: 0, right: 1, bottom: 0, top: 1 };
	return { left: left === right ? left - 1 : left, right: left === right ? right + 1 : right,
		bottom: from_zero ? Math.min(0, least) : Math.max(0, least - margin), top: from_zero ? axis_top(most) : most + margin };
}

const short = (n) => Math.round(n * 10) / 10;

/* Where a point stands in the SVG. */
export const place = ({ x, y }, { left, right, bottom, top }) => ({
	x: short((x - left) / (right - left) * WIDTH), y: short(HEIGHT - (y - bottom) / (top - bottom) * HEIGHT) });

/* The path of a line through points; with steps, each value holds until the next. */
export function line_path(points, axes, steps = false) {
	return points.map((point, n) => {
		const { x, y } = place(point, axes);

		return n === 0 ? `M${x} ${y}` : steps ? `H${x}V${y}` : `L${x} ${y}`;
	}).join("");
}

/* The path of bars, one for each point, from the axis up. Points stand at equal distances. */
export function bars_path(points, axes) {
	const slot = WIDTH / points.length;

	return points.filter(({ y }) => y > 0).map((point) => {
		const left = short(slot * points.indexOf(point) + slot * 0.12);

		return `M${left} ${HEIGHT}V${place(point, axes).y}h${short(slot * 0.76)}V${HEIGHT}z`;
	}).join("");
}

function draw_shape(kind, points, axes) {
	if (kind === "bars")
		return [svg("path", { class: "bars", d: bars_path(points, axes) })];
	if (kind === "dots")
		return points.map((point) => place(point, axes)).map(({ x, y }) => svg("path", { class: "dot", d: `M${x} ${y}h0` }));
	const path = line_path(points, axes, kind === "steps");
	const first = place(points.at(0), axes), last = place(points.at(-1), axes);

	return [svg("path", { class: "area", d: `${path}V${HEIGHT}H${first.x}z` }), svg("path", { class: "line", d: path }), svg("path", { class: "dot", d: `M${last.x} ${last.y}h0` })];
}

function draw_labels(node, texts) {
	node.replaceChildren(...texts.map((text) => h("span", {}, text)));
}

/* What is written below the axis of x: its first, middle and last value; bars stand at equal distances, so theirs is that of the middle one. */
function middles(kind, points) {
	const xs = points.map(({ x }) => x);

	if (xs.length < 2)
		return xs;
	return [xs.at(0), kind === "bars" ? xs.at(Math.floor((xs.length - 1) / 2)) : (xs.at(0) + xs.at(-1)) / 2, xs.at(-1)];
}

/*
 * A figure with a plot of points [{x, y}] in the order of x, which is in ms. `title` is its caption, and `about` says in a sentence what it shows; `kind` is
 * "line", "steps", "bars" or "dots"; x_text and y_text write values; `columns` are the heads of the table; `from_zero` false lets the y axis
 * begin near the least value. figure.update(points, now) draws other points; `now`, if given, is shown beside the title, large.
 * figure.inspect opens the table.
 */
export function plot({ title, about, kind = "line", x_text = clock_text, y_text = count_text, columns = ["When", title], from_zero = true, none = "Nothing yet." }) {
	const id = `plot-${++plot.made}`;
	const value = h("strong", { class: "plot-now" });
	const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-labelledby": `${id}-title`, "aria-describedby": `${id}-about`, focusable: "false" });
	const y_labels = h("div", { class: "plot-y", "aria-hidden": "true" });
	const x_labels = h("div", { class: "plot-x", "aria-hidden": "true" });
	const words = h("p", { class: "unseen", id: `${id}-about` }, about);
	const empty = h("p", { class: "plot-none hint" }, none);
	const rows = h("tbody", {});
	const table = h("details", { class: "plot-table" }, h("summary", {}, "As a table", h("span", { class: "unseen" }, `: ${title}`)),
		h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, h("table", {},
			h("thead", {}, h("tr", {}, columns.map((name) => h("th", { scope: "col" }, name)))), rows)));
	const figure = h("figure", { class: "plot" }, h("figcaption", {}, h("span", { id: `${id}-title` }, title), value), words,
		h("div", { class: "plot-area" }, y_labels, h("div", { class: "plot-picture" }, picture, empty), x_labels), table);
	let shown = [];

	function draw_table() {
		if (table.open)
			rows.replaceChildren(...shown.toReversed().map(({ x, y }) => h("tr", {}, h("td", {}, x_text(x)), h("td", {}, y_text(y)))));
	}

	table.addEventListener("toggle", draw_table);
	figure.update = (points, now) => {
		const axes = bounds(points, from_zero);
		const lines = [0.25, 0.5, 0.75].map((part) => `M0 ${HEIGHT * part}H${WIDTH}`).join("");

		shown = points;
		value.textContent = now ?? "";
		empty.hidden = points.length > 0;
		picture.toggleAttribute("hidden", points.length === 0);
		table.hidden = points.length === 0;
		picture.replaceChildren(svg("path", { class: "grid", d: lines }), ...(points.length ? draw_shape(kind, points, axes) : []));
		draw_labels(y_labels, points.length ? [axes.top, (axes.top + axes.bottom) / 2, axes.bottom].map(y_text) : []);
		draw_labels(x_labels, middles(kind, points).map(x_text));
		words.textContent = points.length ? `${about} From ${y_text(Math.min(...points.map(({ y }) => y)))} to ${y_text(Math.max(...points.map(({ y }) => y)))}; last ${y_text(points.at(-1).y)}.` : `${about} ${none}`;
		draw_table();
	};
	figure.update([]);
	return figure;
}
plot.made = 0;
