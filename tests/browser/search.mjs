/* Search in the catalogue, the comparison of listings, and what is near to a listing that is sold out. */
import assert from "node:assert/strict";
import { PLAIN, buys, fresh, listing, member, seller, slot } from "./fixtures.mjs";

/* Filters, their counts, sort order, and paging by cursor; the URL of the page has all of it. */
export async function one_finds_by_filters(people) {
	const shop = await seller(people);
	const buyer = await people.guest();
	const brand = fresh("Marlow");
	const tiles = buyer.page.locator("#listings > li");
	const all = Array.from({ length: 27 }, (_, n) => listing(shop, { brand, style: `Strider ${n}`, color: n % 3 ? "green" : "pink", size: 8 + (n % 2) / 2, price_cents: 5000 + 100 * n }));

	await Promise.all(all);
	await buyer.visits(`/?brand=${encodeURIComponent(brand)}`);
	await buyer.page.getByRole("status").getByText("24 of 27 offers").waitFor();
	await buyer.presses("Show more");
	await buyer.page.getByRole("status").getByText(/^27 offers/).waitFor();
	assert.equal(await tiles.count(), 27);
	await buyer.has_focus(tiles.nth(24).getByRole("link"));

	await buyer.page.getByText("Pink", { exact: true }).click();
	await buyer.page.getByRole("status").getByText(/^9 offers/).waitFor();
	await buyer.page.locator(".chip-color").filter({ hasText: "Green" }).getByText("18").waitFor(); /* the others of the group keep their counts */
	await buyer.fills({ "Lowest price": "52", "Highest price": "60.5" });
	await buyer.presses("Set prices");
	await buyer.page.getByRole("status").getByText(/^3 offers/).waitFor();
	await buyer.page.getByLabel("Sort").selectOption("-price");
	await tiles.first().getByText("$59.00").waitFor();
	assert.match(buyer.page.url(), /color=pink&min_price_cents=5200&max_price_cents=6050&sort=-price/);
	await buyer.page.reload();
	await buyer.page.getByRole("status").getByText(/^3 offers/).waitFor();
	await buyer.page.goBack();
	await buyer.page.goBack();
	await buyer.page.getByRole("status").getByText(/^9 offers/).waitFor();
	await buyer.visits("/?q=nothingofthiskind");
	await buyer.sees("Nothing like this is on the shelf");
	await buyer.presses("Show everything");
	await tiles.first().waitFor();
}

/* Words that filter become filters of the page, each with a button that removes it; without JavaScript each with a link. */
export async function words_become_filters(people) {
	const shop = await seller(people);
	const buyer = await people.guest();
	const brand = fresh("Tavmor");
	const tiles = buyer.page.locator("#listings > li");

	await Promise.all([[8, "red"], [9, "red"], [9, "blue"]].map(([size, color]) => listing(shop, { brand, style: `Pacer ${color}`, color, size, audience: "women" })));
	await buyer.visits("/");
	await buyer.page.locator("#find").fill(`Women's ${brand} size 9 red`);
	await buyer.page.locator("#find").press("Enter");
	await buyer.page.getByRole("button", { name: "Remove filter Size 9" }).waitFor();
	assert.equal(await tiles.count(), 1);
	assert.equal(await buyer.page.locator("#find").inputValue(), brand);
	assert.match(buyer.page.url(), /audience=women&size=9&color=red$/);
	await buyer.page.getByRole("button", { name: "Remove filter Colour: red" }).click();
	await buyer.page.getByRole("status").getByText(/^2 offers/).waitFor();
	await buyer.page.getByRole("button", { name: "Remove filter Size 9" }).click();
	await buyer.page.getByRole("status").getByText(/^3 offers/).waitFor();
	await buyer.page.getByLabel("On sale only").check();
	await buyer.sees("Nothing like this is on the shelf");
	await buyer.page.getByRole("button", { name: "Remove filter On sale" }).click();
	await buyer.page.getByRole("status").getByText(/^3 offers/).waitFor();

	/* Where the page has a filter of their field already, they stay words, and have such buttons all the same. */
	await buyer.visits(`/?q=${encodeURIComponent(`red ${brand}`)}&color=blue`);
	await buyer.sees("Nothing like this is on the shelf");
	await buyer.page.getByRole("button", { name: "Remove filter Colour: red" }).click();
	await buyer.page.getByRole("status").getByText("1 offer", { exact: true }).waitFor();
	assert.equal(await buyer.page.locator("#find").inputValue(), brand);
}

export async function one_compares_offers(people) {
	const shop = await seller(people);
	const rival = await seller(people);
	const buyer = await people.guest();
	const brand = fresh("Halden");
	const pair = await listing(shop, { brand, price_cents: 9000 });
	const other = await listing(rival, { brand, price_cents: 7000 });

	await listing(rival, { brand, price_cents: 6500, size: 11 });
	assert.equal(pair.shoe_id, other.shoe_id);
	await buyer.visits(`/listing.html?id=${pair.listing_id}`);
	await buyer.page.locator("#offers").getByRole("link", { name: "US 11 from $65.00" }).waitFor();
	await buyer.page.locator("#offers").getByRole("row").filter({ hasText: rival.shop.name }).getByText("$70.00").waitFor();
	await buyer.visits(`/?brand=${encodeURIComponent(brand)}&size=9.5`);
	await buyer.page.locator("#listings").getByLabel(/^Compare/).nth(0).check();
	await buyer.page.locator("#listings").getByLabel(/^Compare/).nth(1).check();
	await buyer.follows("Compare", buyer.page.locator("#tray"));
	await buyer.page.waitForURL(/compare\.html/);
	await buyer.page.getByRole("cell", { name: "$70.00 Lowest" }).waitFor();
}

/* A listing that is sold out shows the nearest: the same shoe from other shops, in other sizes, and its brand in its size. */
export async function a_sold_out_pair_leads_to_the_nearest(people) {
	const [shop, rival, buyer] = [await seller(people), await seller(people), await member(people)];
	const brand = fresh("Scarce");
	const pair = await listing(shop, { brand, quantity: 1 });
	const offers = buyer.page.locator("#offers");

	await buys(buyer, pair.listing_id);
	await buyer.visits(`/listing.html?id=${pair.listing_id}`);
	await buyer.sees("This pair has found its owner.");
	await buyer.sees(`No shop has this shoe now, nor another ${brand} in US 9.5.`);
	await buyer.page.getByRole("link", { name: "All shoes in US 9.5" }).waitFor();
	assert.equal(await buyer.page.getByRole("button", { name: "Add to cart" }).count(), 0);

	await listing(rival, { brand, price_cents: 8100 });
	await listing(rival, { brand, price_cents: 8200, size: 12 });
	await listing(rival, { brand, price_cents: 8300, size: 10 });
	await listing(rival, { brand, price_cents: 8400, style: "Other High" });
	await listing(rival, { brand, price_cents: 8500, style: "Other High", size: 7 });
	await buyer.page.reload();
	await offers.getByRole("heading", { name: "The nearest we have" }).waitFor();
	assert.deepEqual(await offers.locator(".price").allTextContents(), ["$81.00", "$83.00", "$82.00", "$84.00"]);
	assert.deepEqual(await buyer.inspects(), []);
	await buyer.follows(`${brand} Court Low`, offers);
	await buyer.page.getByRole("button", { name: "Add to cart" }).waitFor();
}

/* Without a pointer: the skip link, the search, a result. */
export async function all_goes_by_keyboard(people) {
	const shop = await seller(people);
	const person = await people.guest();
	const keyboard = person.page.keyboard;
	const focus = () => person.page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id);

	await listing(shop);
	await person.visits("/");
	await person.page.locator("#listings > li").first().waitFor();
	await keyboard.press("Tab");
	assert.equal(await focus(), "Skip to content");
	assert.ok(await person.page.getByText("Skip to content").evaluate((node) => node.getBoundingClientRect().top >= 0));
	await keyboard.press("Enter");
	assert.equal(await person.page.evaluate(() => document.activeElement.id), "main");
	await person.page.locator("#find").focus();
	await keyboard.type("court");
	await keyboard.press("Enter");
	await person.page.getByRole("heading", { name: "“court”" }).waitFor();
	const link = person.page.locator("#listings").getByRole("link").first();

	await link.focus();
	assert.notEqual(await person.page.locator("#listings > li").first().evaluate((node) => getComputedStyle(node).outlineStyle), "none");
	await keyboard.press("Enter");
	await person.page.waitForURL(/listing\.html/);
}

/* Words that every JavaScript object has as members of its prototype are words like others. */
export async function a_brand_may_have_the_name_of_a_member(people) {
	const shop = await seller(people);
	const buyer = await people.guest();
	const brands = ["constructor", "__proto__", "toString"];

	await Promise.all([...brands, ...brands].map((brand, n) => listing(shop, { brand, style: `hasOwnProperty ${n}`, color: "pink" })));
	for (const brand of [...brands, "valueOf"]) {
		const count = brand === "valueOf" ? 0 : 2;
		const chip = buyer.page.locator(".chip-brand").filter({ has: buyer.page.getByText(brand, { exact: true }) });

		await buyer.visits(`/?brand=${brand}`);
		await chip.waitFor();
		assert.equal(await chip.locator(".n").textContent(), String(count));
		assert.equal(await chip.getByRole("checkbox").isChecked(), true);
		await buyer.page.getByRole("status").getByText(`${count} offers`).waitFor();
	}
	await slot(shop, 60, { station: "__proto__" });
	await buyer.visits(`/slots.html?id=${shop.shop.shop_id}`);
	await buyer.sees("__proto__");
}

/* Without scripts each page leads to the plain page of the same thing, and its links say names. */
export async function pages_lead_to_plain_pages(people) {
	const shop = await seller(people);
	const guest = await people.guest(PLAIN);
	const brand = fresh("Plainly");
	const pair = await listing(shop, { brand });
	const id = pair.listing_id;
	const places = { [`/listing.html?id=${id}`]: `/api/listings/${id}`, [`/shop.html?id=${pair.shop_id}`]: `/api/shops/${pair.shop_id}`,
		[`/slots.html?id=${pair.shop_id}`]: `/api/shops/${pair.shop_id}/slots`, [`/compare.html?id=${id}&id=${id}`]: `/api/listings/compare?id=${id}&id=${id}`,
		[`/?brand=${encodeURIComponent(brand)}&sort=price`]: `/api/listings?brand=${encodeURIComponent(brand)}&sort=price`, "/listing.html": "/api/listings" };

	for (const [page, plain] of Object.entries(places)) {
		await guest.visits(page);
		await guest.page.waitForURL((at) => at.pathname + at.search === plain);
	}
	await guest.visits(`/api/listings?brand=${encodeURIComponent(brand)}`);
	await guest.follows(`${pair.brand} ${pair.style} ${pair.size}`);
	await guest.page.waitForURL(`**/api/listings/${id}`);
}
