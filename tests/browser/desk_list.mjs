/* The desk's page to list shoes: a shoe in many sizes by keyboard, a used pair, and what happens if the connection fails. */
import assert from "node:assert/strict";
import { asks, fresh, listing, seller, until } from "./fixtures.mjs";

const PHONE = { viewport: { width: 360, height: 740 } };

const opens = async (person) => {
	await person.visits("/desk-list.html");
	await person.has_focus(person.page.getByLabel("Brand", { exact: true }));
};
const listed = async (person) => (await asks(person, "GET", `/shops/${person.shop.shop_id}/listings?limit=100`)).listings;
const sizes_of = (listings) => listings.map(({ size, available, price_cents }) => [Number(size), available, price_cents]).sort((a, b) => a[0] - b[0]);

/* Presses keys, and counts them. */
function typist(person) {
	const keys = async (...names) => {
		for (const name of names)
			await person.page.keyboard.press(name);
		keys.count += names.length;
	};

	keys.count = 0;
	keys.types = async (text) => {
		await person.page.keyboard.type(text);
		keys.count += text.length;
	};
	return keys;
}

export async function ten_pairs_in_six_sizes_are_listed_by_keyboard_alone(people) {
	const person = await seller(people);
	const other = await seller(people);
	const brand = fresh("Zephyr");
	const keys = typist(person);

	await listing(other, { brand, style: "Harbour Runner", color: "white" });
	await listing(other, { brand, style: "Harbour Court", color: "white" });
	await opens(person);
	await keys.types(brand.slice(0, -1).toLowerCase());
	await person.page.getByRole("option", { name: brand }).waitFor();
	await keys.types(brand.slice(-1));
	await keys("Tab");
	await keys.types("har");
	await person.page.getByRole("option", { name: "Harbour Court" }).waitFor();
	assert.deepEqual((await person.page.getByRole("option").allTextContents()).toSorted(), ["Harbour Court", "Harbour Runner"]);
	await keys("ArrowDown", "Tab", "r", "Tab", "w", "Tab", "Tab", "Tab"); /* red, women, new, no photos */
	await keys("ArrowRight", "ArrowRight", "1", "ArrowRight", "2", "ArrowRight", "2", "ArrowRight", "2", "ArrowRight", "2", "ArrowRight", "1", "Tab", "Tab");
	await keys.types("120");
	await person.sees(/You get \$120.00 a pair, \$1,200.00 for all 10: there is no fee./);
	assert.equal(await person.page.locator("#submit").textContent(), "List 10 pairs in 6 sizes");
	await keys("Enter");
	await person.has_focus(person.page.getByRole("button", { name: "Same again" }));
	const style = await person.page.getByLabel("Style", { exact: true }).inputValue();

	await person.sees(`10 pairs of ${brand} ${style} on your shelf`);
	assert.deepEqual(sizes_of(await listed(person)), [[6, 1, 12000], [6.5, 2, 12000], [7, 2, 12000], [7.5, 2, 12000], [8, 2, 12000], [8.5, 1, 12000]]);
	assert.ok((await listed(person)).every((one) => one.color === "red" && one.audience === "women" && one.condition === "new" && one.style === style));
	console.log(`    ten pairs in six sizes: ${keys.count} keys`);
	assert.ok(keys.count <= 60, `${keys.count} keys`);

	/* Same again: another size at a price of its own. */
	await keys("Enter");
	await person.has_focus(person.page.getByLabel("Pairs of US 8.5", { exact: true }));
	await keys("ArrowRight", "1", "Enter");
	await person.sees(`1 pair of ${brand} ${style} on your shelf`);
	assert.equal((await listed(person)).length, 7);
	assert.deepEqual(await person.inspects(), []);
}

export async function a_size_that_is_refused_or_unanswered_is_listed_once(people) {
	const person = await seller(people, PHONE);
	let lost = 0;

	/* What comes of sizes 9 and 10 is not known: 9 is listed, and its answer is lost; 10 does not even arrive. */
	await person.page.route("**/api/shops/*/listings", async (route) => {
		const { size } = route.request().postDataJSON() ?? {};

		if (route.request().method() !== "POST" || lost >= 8 || ![9, 10].includes(size))
			return route.continue();
		lost++;
		if (size === 9)
			await route.fetch();
		return route.fulfill({ status: 503, contentType: "application/problem+json", body: "{}" });
	});
	for (let n = 0; n < 8; n++)
		person.expects(503);
	await opens(person);
	await person.fills({ Brand: "Quay", Style: "Low", "Price of a pair in $": "50" });
	await person.page.getByText("Blue", { exact: true }).click();
	await person.page.getByText("Men", { exact: true }).click();
	await person.fills({ "Pairs of US 9": "3", "Pairs of US 9.5": "1", "Pairs of US 10": "2" });
	await person.presses(/^List 6 pairs/);
	await person.sees("2 sizes were not listed");
	await person.sees("1 pair of Quay Low on your shelf");
	await person.presses(/^List 5 pairs/);
	await person.sees("5 pairs of Quay Low on your shelf");
	assert.deepEqual(sizes_of(await listed(person)), [[9, 3, 5000], [9.5, 1, 5000], [10, 2, 5000]]);
}

export async function sizes_have_prices_of_their_own_on_a_phone(people) {
	const person = await seller(people, PHONE);

	await opens(person);
	await person.presses("List them");
	await person.sees("This is needed.");
	await person.fills({ Brand: "Quay", Style: "High", "Price of a pair in $": "80" });
	await person.presses("List them");
	await person.sees("Choose a colour.");
	await person.page.getByText("Green", { exact: true }).click();
	await person.page.getByText("Youth", { exact: true }).click();
	await person.presses("List them");
	await person.sees("How many pairs, and in which sizes?");
	await person.fills({ "Pairs of US 3": "1", "Pairs of US 3.5": "two" });
	await person.presses(/^List/);
	await person.sees("Enter a whole number of pairs");
	await person.fills({ "Pairs of US 3.5": "2" });
	await person.page.getByLabel("A price for each size").check();
	await person.fills({ "Price of US 3.5 in $": "85.50" });
	await person.page.getByText("Other sizes").click();
	await person.fills({ "Pairs of US 12": "1" });
	await person.sees(/You get \$331.00 for all 4/);
	assert.deepEqual(await person.inspects(), []);
	await person.presses("List 4 pairs in 3 sizes");
	await person.sees("4 pairs of Quay High on your shelf");
	assert.deepEqual(sizes_of(await listed(person)), [[3, 1, 8000], [3.5, 2, 8550], [12, 1, 8000]]);
}

/* A picture of one colour that the browser of a person makes, as a file that is chosen. */
async function picture(person, color) {
	const data = await person.page.evaluate((fill) => {
		const canvas = Object.assign(document.createElement("canvas"), { width: 60, height: 40 });
		const context = canvas.getContext("2d");

		context.fillStyle = fill;
		context.fillRect(0, 0, 60, 40);
		return canvas.toDataURL("image/jpeg").split(",")[1];
	}, color);

	return { name: `${color}.jpg`, mimeType: "image/jpeg", buffer: Buffer.from(data, "base64") };
}

export async function a_used_pair_is_listed_with_photos_on_a_phone(people) {
	const person = await seller(people, PHONE);

	await opens(person);
	await person.fills({ Brand: "Quay", Style: "Mule", "Price of a pair in $": "35" });
	await person.page.getByText("Brown", { exact: true }).click();
	await person.page.getByText("Women", { exact: true }).click();
	await person.page.getByText("Used", { exact: true }).click();
	await person.fills({ "How they look": "Worn twice.\nA crease at the left toe.", "Pairs of US 7": "1", "Pairs of US 8": "1" });
	await person.page.getByText("No box", { exact: true }).click();
	await person.page.getByLabel("Add photos").setInputFiles([await picture(person, "teal"), await picture(person, "navy"), { ...await picture(person, "navy"), name: "moving.gif", mimeType: "image/gif" }]);
	await person.sees("moving.gif is no JPEG, PNG or WebP.");
	await person.page.getByRole("img", { name: "Photo 2: navy.jpg" }).waitFor();
	assert.deepEqual(await person.inspects(), []);
	await person.presses("List 2 pairs in 2 sizes");
	await person.sees("2 photos at each of 2 listings.");
	await until(async () => (await listed(person)).every(({ photos }) => photos.length === 2));
	for (const one of await listed(person)) {
		const { description, box, condition } = await asks(person, "GET", `/listings/${one.listing_id}`);

		assert.deepEqual({ description, box, condition }, { description: "Worn twice.\nA crease at the left toe.", box: "none", condition: "used" });
	}
	await person.presses("Another shoe");
	await person.has_focus(person.page.getByLabel("Brand", { exact: true }));
	assert.equal(await person.page.locator("#photo-list li").count(), 0);
}
