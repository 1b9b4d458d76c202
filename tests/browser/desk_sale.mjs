/* The desk's page of the sale: planned, it begins while the page is open; live, its figures and buyers come by themselves. */
import assert from "node:assert/strict";
import { asks, buys, listing, member, seller, until } from "./fixtures.mjs";

const PHONE = { viewport: { width: 360, height: 740 } };
const figure = (person, title) => person.page.locator("figure").filter({ has: person.page.locator("figcaption").getByText(title, { exact: true }) });
const now_of = (person, title) => figure(person, title).locator(".plot-now");

/* The local time of the page, some minutes from now, as its input wants it. */
const local_time = (person, minutes) => person.page.evaluate((more) => {
	const at = new Date(Date.now() + more * 60000);

	return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}, minutes);

export async function a_planned_sale_begins_while_the_page_is_open(people) {
	const person = await seller(people, PHONE);
	const buyer = await member(people);
	const shop_id = person.shop.shop_id;
	const pair = await listing(person, { quantity: 10, price_cents: 10000 });

	await person.visits("/desk-sale.html");
	await person.fills({ "Discounted pairs": "3", "Percent off": "25" });
	await person.sees("3 pairs at 25% off cost you at most $75.00.");
	assert.equal(await person.page.locator("#plan-button").textContent(), "Start the sale");
	await person.fills({ "Starts at": await local_time(person, 120), "Ends at": await local_time(person, 60) });
	person.expects(422);
	await person.presses("Plan the sale");
	await person.sees("It ends after it starts.");
	await person.fills({ "Ends at": await local_time(person, 240) });
	assert.deepEqual(await person.inspects(), []);
	await person.presses("Plan the sale");
	await person.sees("Flash sale to come: 25% off");
	await person.has_focus(person.page.getByRole("heading", { name: "Flash sale", exact: true }));
	assert.equal((await asks(person, "GET", `/listings/${pair.listing_id}`)).sale_price_cents, null);
	await buyer.visits(`/shop.html?id=${shop_id}`);
	await buyer.sees("Flash sale to come: 25% off");

	/* It starts: here by an operator's hand, instead of a wait of two hours. */
	await asks(person, "DELETE", `/shops/${shop_id}/sale`);
	await asks(person, "POST", `/shops/${shop_id}/sales`, { discounts: 3, percent_off: 25, starts_at: new Date(Date.now() + 4000).toISOString() });
	await person.visits("/desk-sale.html");
	await person.sees("Flash sale to come: 25% off");
	await person.sees("3 of 3 left");
	await person.sees("Nobody yet.");
	await buys(buyer, pair.listing_id, 2);
	await person.sees("1 of 3 left");
	await person.page.getByRole("heading", { name: "Who bought" }).waitFor();
	await person.sees(buyer.name);
	assert.equal(await now_of(person, "Pairs sold").textContent(), "2");
	assert.equal(await now_of(person, "Revenue").textContent(), "$150.00");
	assert.equal(await now_of(person, "Discounts left").textContent(), "1");
	await until(async () => (await person.page.locator("#stock").textContent()).includes("8 left"));
	await person.sees("1 order to be picked up");
	assert.deepEqual(await person.inspects(), []);

	/* The last discount goes: a new sale can be planned, and what this one did stays in sight. */
	await buys(buyer, pair.listing_id, 2);
	await person.sees("Flash sale: all discounts are gone");
	await until(async () => await now_of(person, "Revenue").textContent() === "$325.00");
	await person.page.getByRole("button", { name: "Start the sale" }).waitFor();
	await person.visits("/desk-sale.html");
	await person.sees("Flash sale: all discounts are gone");
	assert.equal(await now_of(person, "Pairs sold").textContent(), "4");
	assert.equal(await now_of(person, "Pairs by day").textContent(), "4");
	await figure(person, "Revenue by day").getByText("As a table").click();
	await person.sees("$325", figure(person, "Revenue by day"));
}

export async function a_live_sale_says_when_the_connection_is_lost(people) {
	const person = await seller(people);
	const pair = await listing(person, { quantity: 5 });
	const buyer = await member(people);
	let is_down = false;

	await person.page.route("**/balance?**", (route) => (is_down ? route.fulfill({ status: 503, contentType: "application/problem+json", body: "{}" }) : route.continue()));
	await person.visits("/desk-sale.html");
	await person.fills({ "Discounted pairs": "5", "Percent off": "50" });
	await person.presses("Start the sale");
	await person.sees("5 of 5 left");
	for (let n = 0; n < 40; n++)
		person.expects(503);
	is_down = true;
	await person.sees("The connection is lost.");
	await buys(buyer, pair.listing_id);
	is_down = false;
	await person.sees("4 of 5 left");
	await person.page.getByText("The connection is lost.").waitFor({ state: "hidden" });
	assert.equal(await now_of(person, "Pairs sold").textContent(), "1");

	/* What kept it from ending is said, and the sale goes on. */
	const again = person.page.waitForResponse(/balance\?limit=1&sale=true$/);

	await person.page.route("**/sale", (route) => (route.request().method() === "DELETE" ?
		route.fulfill({ status: 409, contentType: "application/problem+json", body: '{"detail": "Not just now."}' }) : route.continue()));
	person.expects(409);
	await person.presses("End it now");
	await person.presses("End the sale");
	await again;
	await person.sees("4 of 5 left");
	await person.sees("Not just now.");
	await person.page.unroute("**/sale");
	await person.presses("End it now");
	await person.presses("End the sale");
	await person.sees("This sale is over");
	await person.has_focus(person.page.getByLabel("Discounted pairs"));
	assert.equal(await now_of(person, "Pairs sold").textContent(), "1");
	assert.deepEqual(await person.inspects(), []);
}

/* Hidden it asks nothing; shown again it asks at once. */
export async function a_live_sale_is_quiet_while_hidden(people) {
	const person = await seller(people);
	const pair = await listing(person, { quantity: 5 });
	const buyer = await member(people);
	const turn = (hidden) => person.page.evaluate((now) => {
		Object.defineProperty(document, "hidden", { value: now, configurable: true });
		document.dispatchEvent(new Event("visibilitychange"));
	}, hidden);
	let requests = 0;

	await asks(person, "POST", `/shops/${person.shop.shop_id}/sales`, { discounts: 5, percent_off: 50 });
	await person.page.clock.install();
	person.page.on("request", (request) => { requests += request.url().includes("/balance?") ? 1 : 0; });
	await person.visits("/desk-sale.html");
	await person.sees("5 of 5 left");
	await Promise.all([person.page.waitForResponse(/balance.*after=/), person.page.clock.runFor(1500)]);
	await turn(true);
	requests = 0;
	await person.page.clock.runFor(60000);
	assert.equal(requests, 0);
	await buys(buyer, pair.listing_id);
	await turn(false);
	await person.sees("4 of 5 left");
}
