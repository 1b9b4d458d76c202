/* What a shoe sold for: the last, lowest and highest price, and all of them as a plot with its table. */

import { get } from "./api.js";
import { h, money, plural } from "./dom.js";
import { day_text, plot } from "./plot.js";

/* The section of a shoe, or null if it was never sold. section.show(size) shows the sales of one US size, if there are any, or with null all. */
export async function price_history(shoe_id) {
	const { sales, last_cents, low_cents, high_cents } = await get(`/shoes/${shoe_id}/prices`).catch((error) => {
		if (error.status === 404)
			return { sales: [] };
		throw error;
	});

	if (!sales.length)
		return null;
	const points = sales.map(({ size, price_cents, sold_at }) => ({ size, x: Date.parse(sold_at), y: price_cents })).sort((one, other) => one.x - other.x);
	const figure = plot({ title: "Price of a pair", about: "Each dot is a pair that was sold.", kind: "dots", from_zero: false, x_text: day_text, y_text: money, columns: ["Sold", "Price"] });
	const facts = h("dl", { class: "boxlabel" }, [["Last sale", last_cents], ["Lowest", low_cents], ["Highest", high_cents]].map(([name, cents]) => h("div", {}, h("dt", {}, name), h("dd", {}, money(cents)))));
	const which = h("p", { class: "hint" });
	const section = h("div", {}, h("h2", {}, "What it sold for"), facts, figure, which);

	section.show = (size) => {
		const of_size = size === null ? [] : points.filter((point) => point.size === size);

		figure.update(of_size.length ? of_size : points);
		which.textContent = `${plural(of_size.length || points.length, "sale")} ${of_size.length ? `in US ${size}` : "in all sizes"} in the last 12 months, without shipping.`;
	};
	section.show(null);
	return section;
}
