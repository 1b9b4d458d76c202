/* A checkout whose answer is lost. */
import assert from "node:assert/strict";
import { asks, listing, member, placed, seller } from "./fixtures.mjs";

/* The answer to a checkout is lost; the retry has the same key, and there is one order. */
export async function a_lost_answer_buys_once(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop);
	const keys = [];

	await asks(buyer, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 2 });
	await buyer.page.route("**/api/checkout", async (route) => {
		keys.push(route.request().headers()["idempotency-key"]);
		if (keys.length > 2) {
			await route.continue();
			return;
		}
		if (keys.length === 1)
			await route.fetch();
		await route.abort("connectionreset");
	});
	buyer.note_console = () => {}; /* the browser logs the lost connection */
	await buyer.visits("/cart.html");
	await buyer.presses("Place the order: $160.00");
	await placed(buyer);
	assert.equal(keys.length, 3);
	assert.equal(new Set(keys).size, 1);
	assert.equal((await asks(buyer, "GET", "/orders")).orders.length, 1);
	assert.equal((await asks(buyer, "GET", `/listings/${pair.listing_id}`)).available, 1);
}

/* Every retry fails and the page is reloaded: the open attempt is kept, and sent again with its key. */
export async function an_open_attempt_outlives_a_reload(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop);
	let is_lost = true;

	await asks(buyer, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 1 });
	await buyer.page.route("**/api/checkout", async (route) => {
		if (!is_lost) {
			await route.continue();
			return;
		}
		await route.fetch();
		await route.abort("connectionreset");
	});
	buyer.note_console = () => {};
	await buyer.visits("/cart.html");
	await buyer.presses("Place the order: $80.00");
	await buyer.sees("Shoetopia did not answer.");
	is_lost = false;
	await buyer.page.reload();
	await buyer.sees("We lost the line while you were placing an order");
	await buyer.presses("Find out");
	await placed(buyer);
	assert.equal((await asks(buyer, "GET", "/orders")).orders.length, 1);
}
