/* Budgets of the home page: what a first visit loads, and how soon a slow phone shows it. */
import assert from "node:assert/strict";
import os from "node:os";
import { asks, listing, seller } from "./fixtures.mjs";
import { url } from "./person.mjs";

const BYTES = 50000, REQUESTS = 25, PAINT_MS = 1500, SHIFT = 0.1;
/* Lighthouse's phone: a processor that is four times slower, 1.6 Mbit/s down, 150 ms for a round trip. */
const SLOW = { offline: false, latency: 150, downloadThroughput: 1.6e6 / 8, uploadThroughput: 750e3 / 8 };
/* A processor that has other work to do is slower already. */
const slowdown = () => Math.max(1, 4 / Math.max(1, os.loadavg()[0] / os.cpus().length));
const TRIES_MS = 60000;
const PHOTOS = 4; /* pairs with photos */

/* A full home page: each of the latest pairs has two photos. */
async function with_shoes(people) {
	const shop = await seller(people);
	const pairs = await Promise.all(Array.from({ length: 24 }, (_, n) => listing(shop, { size: 5 + n / 2 })));

	await shop.visits("/404.html");
	for (const { listing_id } of pairs.sort((one, other) => other.listing_id - one.listing_id).slice(0, PHOTOS))
		for (const width of [1200, 900]) {
			await shop.page.setViewportSize({ width, height: 900 });
			const answer = await shop.context.request.post(`${url}/api/shops/${shop.shop.shop_id}/listings/${listing_id}/photos`,
				{ data: await shop.page.screenshot({ type: "jpeg" }), headers: { "Content-Type": "image/jpeg", Origin: url } });

			assert.equal(answer.status(), 201, await answer.text());
		}
	await asks(shop, "POST", `/shops/${shop.shop.shop_id}/sales`, { discounts: 10, percent_off: 25 });
}

/* What the browser of a new guest loads, pictures of shoes apart: its bytes on the wire, with headers, and its requests. */
export async function the_first_load_is_small(people) {
	await with_shoes(people);
	const guest = await people.guest();
	const devtools = await guest.context.newCDPSession(guest.page);
	const requests = new Map();
	let bytes = 0;

	await devtools.send("Network.enable");
	devtools.on("Network.requestWillBeSent", ({ requestId, request }) => {
		if (!/\/photos\/|\/shoes\.svg$/.test(request.url))
			requests.set(requestId, request.url.slice(url.length));
	});
	devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => { bytes += requests.has(requestId) ? encodedDataLength : 0; });
	await guest.visits("/");
	await guest.page.waitForLoadState("networkidle");
	assert.equal(await guest.page.locator("#listings > li").count(), 24);
	assert.ok(bytes > 10000 && bytes < BYTES, `${bytes} bytes`);
	assert.ok(requests.size < REQUESTS, `${requests.size} requests: ${[...requests.values()].join(" ")}`);
	console.log(`    the first load: ${bytes} bytes, ${requests.size} requests`);
}

/* Runs in the page, before its own scripts. */
function note_paints() {
	window.paints = [];
	window.shift = 0;
	new PerformanceObserver((list) => window.paints.push(...list.getEntries().map(({ startTime, element }) => ({ ms: Math.round(startTime), what: element?.tagName })))).observe({ type: "largest-contentful-paint", buffered: true });
	new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { window.shift += value; })).observe({ type: "layout-shift", buffered: true });
}

async function first_visit(people) {
	const { context, page, ...guest } = await people.guest({ viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true });
	const devtools = await context.newCDPSession(page);

	await page.addInitScript(note_paints);
	await devtools.send("Network.enable");
	await devtools.send("Network.emulateNetworkConditions", SLOW);
	await devtools.send("Emulation.setCPUThrottlingRate", { rate: slowdown() });
	await page.goto(url + "/", { waitUntil: "networkidle" });
	await page.waitForFunction(() => window.paints.at(-1)?.what === "IMG");
	const found = await page.evaluate(() => ({ paint_ms: window.paints.at(-1).ms, shift: window.shift, tiles: document.querySelectorAll(".tile").length }));

	await context.close();
	assert.deepEqual(guest.faults, []);
	return found;
}

/* The best of several visits counts: on a busy machine one may be slow, but not all. */
export async function a_slow_phone_shows_the_home_page_soon(people) {
	const until = Date.now() + TRIES_MS;
	let best;

	await with_shoes(people);
	do {
		const found = await first_visit(people);

		assert.ok(found.tiles > 24 && found.shift < SHIFT, JSON.stringify(found));
		best = !best || found.paint_ms < best.paint_ms ? found : best;
	} while (best.paint_ms >= PAINT_MS && Date.now() < until);
	assert.ok(best.paint_ms < PAINT_MS, JSON.stringify(best));
	console.log(`    largest contentful paint: ${best.paint_ms} ms, layout shift: ${best.shift.toFixed(3)}`);
}
