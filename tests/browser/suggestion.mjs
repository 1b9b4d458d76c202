/* Suggestions in the header's search, on any page and on a phone. */
import assert from "node:assert/strict";
import { asks, fresh, listing, seller } from "./fixtures.mjs";

export async function a_search_is_completed_while_one_types(people) {
	const shop = await seller(people);
	const buyer = await people.guest({ viewport: { width: 360, height: 740 } });
	const brand = fresh("Quillon");
	const search = buyer.page.getByLabel("Search shoes", { exact: true });
	const options = buyer.page.locator("#find-list [role=option]");
	const active = () => search.evaluate((input) => document.getElementById(input.getAttribute("aria-activedescendant"))?.textContent ?? "");
	const types = async (text) => {
		await search.fill("");
		await search.pressSequentially(text);
		await options.first().waitFor();
	};

	for (const [style, size] of [["Marsh Hopper", 8], ["Marsh Hopper", 9], ["Field Boot", 9]])
		await listing(shop, { brand, style, size });
	await buyer.visits("/events.html");
	await search.focus();
	await buyer.page.locator("#find[role=combobox]").waitFor();
	await types(`${brand.toLowerCase()} m`);
	await options.filter({ hasText: `${brand} brand` }).waitFor({ state: "detached" }); /* of what was typed before */
	assert.deepEqual(await options.allTextContents(), [`${brand} Marsh Hopper style, 2 offers`]);
	await search.press("Escape");
	await options.first().waitFor({ state: "hidden" });
	assert.equal(await search.inputValue(), `${brand.toLowerCase()} m`);

	await types(brand.split(" ").at(0));
	assert.deepEqual((await buyer.inspects()).filter((fault) => !fault.includes("(bgOverlap)")), []); /* of what the list covers the contrast cannot be measured */
	await types(brand.split(" ").at(0));
	await search.press("ArrowDown");
	assert.match(await active(), new RegExp(`^${brand} brand, 3 offers`));
	assert.equal(await search.getAttribute("aria-expanded"), "true");
	await search.press("ArrowUp");
	assert.equal(await active(), "");
	await search.press("ArrowDown");
	await search.press("Enter");
	await buyer.page.getByRole("status").getByText(/^3 offers/).waitFor();
	assert.equal(new URL(buyer.page.url()).searchParams.get("q"), brand);

	await search.focus(); /* on the page of the search too; a slip is forgiven */
	await types(brand.replace("uil", "iul"));
	await options.filter({ hasText: brand }).first().click();
	await buyer.page.getByRole("status").getByText(/^3 offers/).waitFor();
	assert.deepEqual((await asks(buyer, "GET", `/suggestions?q=${encodeURIComponent(brand)}`)).suggestions.at(0), { kind: "brand", text: brand, count: 3 });
}
