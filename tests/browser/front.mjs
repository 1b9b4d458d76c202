/* The home page as a shop window: shoes in the first screen, sales that go on, the sheet of filters on a phone. */
import assert from "node:assert/strict";
import { asks, fresh, listing, seller } from "./fixtures.mjs";
import { url } from "./person.mjs";

const PHONE = { viewport: { width: 360, height: 740 } };

export async function shoes_are_in_the_first_screen_of_a_phone(people) {
	const shop = await seller(people);
	const guest = await people.guest({ ...PHONE, colorScheme: "dark" });
	const pair = await listing(shop, { style: "An uncommonly long name for a shoe, Extraordinarilylongwordwithoutanyspace", price_cents: 10000 });
	const sale = guest.page.locator("#sales > li").filter({ hasText: shop.shop.name });
	const ends_at = new Date(Date.now() + 3600 * 1000).toISOString();

	await asks(shop, "POST", `/shops/${shop.shop.shop_id}/sales`, { discounts: 5, percent_off: 40, ends_at });
	await guest.visits("/");
	await guest.page.locator(".tile").first().waitFor();
	assert.ok(await guest.page.locator(".tile").first().evaluate((tile) => tile.getBoundingClientRect().top) < 400);
	assert.equal(await guest.page.getByRole("heading", { level: 1 }).evaluate((title) => title.getClientRects().length), 1);
	await sale.getByText("5 of 5 left").waitFor();
	await sale.getByText(/ends in (59|1:00):\d\d$/).waitFor();
	await guest.page.locator("#on-sale-now .tile").filter({ hasText: pair.brand }).getByText("$60.00").first().waitFor();
	assert.deepEqual(await guest.inspects(), []);
	await asks(shop, "DELETE", `/shops/${shop.shop.shop_id}/sale`);
	await sale.waitFor({ state: "detached" });
}

/* On a phone the filters are in a sheet, which says how many it would show. All goes by keyboard, and Back takes back. */
export async function a_phone_has_a_sheet_of_filters(people) {
	const shop = await seller(people);
	const guest = await people.guest(PHONE);
	const { page } = guest;
	const brand = fresh("Sheet");
	const sheet = page.getByRole("dialog", { name: "Filters" });

	await Promise.all([4000, 6000, 8000, 12000].map((price_cents, n) => listing(shop, { brand, style: `Model ${n}`, size: 7 + n, price_cents })));
	await guest.visits(`/?brand=${encodeURIComponent(brand)}`);
	await page.getByRole("button", { name: "Filters (1)" }).press("Enter");
	await sheet.getByRole("slider", { name: "Lowest price, in steps" }).press("ArrowRight");
	await sheet.getByRole("slider", { name: "Lowest price, in steps" }).press("ArrowRight");
	await sheet.getByRole("button", { name: "Show 3 offers" }).waitFor();
	await sheet.getByRole("slider", { name: "Highest price, in steps" }).press("Home");
	await sheet.getByRole("button", { name: "Show 1 offer" }).waitFor();
	assert.match(page.url(), /min_price_cents=5000&max_price_cents=7500$/);
	assert.equal(await sheet.getByRole("slider", { name: "Highest price, in steps" }).getAttribute("aria-valuetext"), "up to $75.00");
	assert.deepEqual((await guest.inspects()).filter((fault) => !fault.includes("undecided (bgOverlap)")), []); /* what the sheet covers */
	await sheet.getByRole("button", { name: "Show 1 offer" }).press("Enter");
	await sheet.waitFor({ state: "hidden" });
	assert.equal(await page.locator("#listings > li").count(), 1);
	assert.equal(await page.locator("#show-filters").innerText(), "Filters (3)");
	await page.goBack();
	await page.getByRole("status").getByText(/^3 offers/).waitFor();
	await page.getByRole("button", { name: "Remove filter From $50.00" }).click();
	await page.getByRole("status").getByText(/^4 offers/).waitFor();
}

/* A sale that is planned is not on: its heading says so, and its pairs are read again once it begins. */
export async function a_planned_sale_is_to_come(people) {
	const { page, ...guest } = await people.guest();
	const sale = { sale_id: 1, shop_id: 1, shop_name: "Early", discounts: 5, discounts_left: 5, percent_off: 40, starts_at: new Date(Date.now() + 3600 * 1000).toISOString(), ends_at: null };

	await page.route("**/api/sales?*", (route) => route.fulfill({ json: { sales: [sale], next: null } }));
	await page.goto(url + "/");
	await page.getByRole("heading", { name: "Sales to come" }).waitFor();
	await page.getByText(/starts in (59|1:00):\d\d$/).waitFor();
	assert.equal(await page.getByRole("link", { name: "All of it" }).count(), 0);
	const again = page.waitForRequest(/on_sale=true/);

	sale.starts_at = new Date(Date.now() - 1000).toISOString();
	await page.getByRole("heading", { name: "On sale now" }).waitFor();
	await again;
	assert.deepEqual(guest.faults, []);
}
