/* A flash sale on a page that polls it. */
import assert from "node:assert/strict";
import { asks, listing, seller } from "./fixtures.mjs";

/* A hidden page sends no requests; once it is visible again it polls at once. */
export async function a_hidden_page_is_quiet(people) {
	const shop = await seller(people);
	const watcher = await people.guest();
	const turn = (hidden) => watcher.page.evaluate((now) => {
		Object.defineProperty(document, "hidden", { value: now, configurable: true });
		document.dispatchEvent(new Event("visibilitychange"));
	}, hidden);
	let requests = 0;

	await listing(shop);
	await asks(shop, "POST", `/shops/${shop.shop.shop_id}/sales`, { discounts: 3, percent_off: 50 });
	await watcher.page.clock.install();
	watcher.page.on("request", (request) => { requests += request.url().endsWith("/sale") ? 1 : 0; });
	await watcher.visits(`/shop.html?id=${shop.shop.shop_id}`);
	await watcher.sees("3 of 3 left");
	await Promise.all([watcher.page.waitForResponse(/\/sale$/), watcher.page.clock.runFor(2500)]);
	await turn(true);
	requests = 0;
	await watcher.page.clock.runFor(60000);
	assert.equal(requests, 0);
	await Promise.all([watcher.page.waitForResponse(/\/sale$/), turn(false)]);
}
