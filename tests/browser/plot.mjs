/* Plots: their numbers, and that they can be read without seeing them. */
import assert from "node:assert/strict";

export async function a_plot_says_its_figures_also_in_a_table(people) {
	const guest = await people.guest({ viewport: { width: 360, height: 740 } });

	await guest.visits("/signin.html");
	const numbers = await guest.page.evaluate(async () => {
		const { axis_top, bars_path, bounds, line_path, place } = await import("/js/plot.js");
		const points = [{ x: 0, y: 0 }, { x: 10, y: 5 }, { x: 20, y: 10 }];
		const axes = bounds(points);

		return { tops: [0, 0.35, 1, 3, 7, 11, 99, 100, 4100].map(axis_top), axes, middle: place(points[1], axes), line: line_path(points, axes), steps: line_path(points, axes, true),
			bars: bars_path(points, axes), none: bounds([]), one: bounds([{ x: 5, y: 0 }]), near: bounds([{ x: 0, y: 1000 }, { x: 1, y: 1100 }], false) };
	});

	assert.deepEqual(numbers.tops.map((top) => Number(top.toPrecision(6))), [1, 0.4, 1, 4, 8, 20, 100, 100, 5000]);
	assert.deepEqual(numbers.axes, { left: 0, right: 20, bottom: 0, top: 10 });
	assert.deepEqual(numbers.middle, { x: 300, y: 90 });
	assert.equal(numbers.line, "M0 180L300 90L600 0");
	assert.equal(numbers.steps, "M0 180H300V90H600V0");
	assert.equal(numbers.bars, "M224 180V90h152V180zM424 180V0h152V180z");
	assert.deepEqual(numbers.none, { left: 0, right: 1, bottom: 0, top: 1 });
	assert.deepEqual(numbers.one, { left: 4, right: 6, bottom: 0, top: 1 });
	assert.deepEqual(numbers.near, { left: 0, right: 1, bottom: 990, top: 1110 });

	await guest.page.evaluate(async () => {
		const { plot } = await import("/js/plot.js");
		const style = document.createElement("link");
		const figures = ["line", "steps", "bars", "dots"].map((kind) => plot({ title: `Pairs as ${kind}`, about: "Pairs sold.", kind, columns: ["When", "Pairs"] }));
		const none = plot({ title: "Pairs of no shop", about: "Pairs sold.", none: "No pair yet." });

		Object.assign(style, { rel: "stylesheet", href: "/plot.css" });
		document.head.append(style);
		document.querySelector("main").replaceChildren(document.querySelector("h1"), ...figures, none);
		await new Promise((resolve) => style.addEventListener("load", resolve));
		figures.forEach((figure) => figure.update([{ x: Date.UTC(2026, 0, 2), y: 3 }, { x: Date.UTC(2026, 0, 3), y: 1234 }], "1,234"));
	});
	await guest.page.getByRole("img", { name: "Pairs as line", description: "Pairs sold. From 3 to 1,234; last 1,234." }).waitFor();
	await guest.sees("No pair yet.");
	await guest.page.getByText("As a table: Pairs as line").click();
	assert.deepEqual(await guest.page.getByRole("region", { name: "Pairs as line" }).locator("tbody td:last-child").allTextContents(), ["1,234", "3"]);
	assert.deepEqual(await guest.inspects(), []);
}
