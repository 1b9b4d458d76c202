/* A checkout whose answer is lost. */
import assert from "node:assert/strict";
import { asks, listing, lives, member, placed, seller } from "./fixtures.mjs";

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

/* Pairs that are picked up and pairs that are sent are two orders: what one of them bought leaves the cart, the rest stays in it. */
export async function pick_up_and_shipment_are_two_orders(people) {
	const [near, far] = [await seller(people), await seller(people)];
	const buyer = await member(people, { viewport: { width: 360, height: 740 } });
	const [one, other] = [await listing(near), await listing(far, { price_cents: 5000 })];
	const part = (person) => buyer.page.getByRole("region", { name: person.shop.name });

	await asks(far, "PUT", `/shops/${other.shop_id}/profile`, { shipping_cents: 700 });
	await asks(near, "POST", `/shops/${one.shop_id}/sales`, { discounts: 1, percent_off: 50 });
	await lives(buyer);
	await asks(buyer, "PUT", `/cart/items/${one.listing_id}`, { quantity: 2 });
	await asks(buyer, "PUT", `/cart/items/${other.listing_id}`, { quantity: 1 });
	await buyer.visits("/cart.html");
	await buyer.sees("1 of 2 pairs at 50% off, 1 at $80.00", part(near));
	await buyer.sees("Subtotal with $7.00 for shipping", part(far)); /* it offers no pick-up, so both are sent at first */
	await part(near).getByLabel(/I pick them up/).check();
	assert.deepEqual(await buyer.inspects(), []);
	await buyer.presses("Place this order: $120.00");
	await placed(buyer);
	await buyer.sees("The rest waits in your cart.");
	await buyer.visits("/cart.html");
	await buyer.presses("Place the order: $57.00");
	await placed(buyer);
	const { orders } = await asks(buyer, "GET", "/orders");

	assert.deepEqual(orders.map(({ delivery, total_cents }) => [delivery, total_cents]), [["ship", 5700], ["pickup", 12000]]);
	assert.deepEqual((await asks(buyer, "GET", "/cart")).items, []);
}

/* A number of pairs that cannot be is named at its field. While the cart is changed the focus goes on, and the address that is typed stays. */
export async function a_cart_is_changed_by_keyboard(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop, { quantity: 9 });
	const pairs = buyer.page.locator(`#quantity-${pair.listing_id}`);

	await asks(shop, "PUT", `/shops/${shop.shop.shop_id}/profile`, { shipping_cents: 500, pickup_address: "1 Street" });
	await asks(buyer, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 1 });
	await buyer.visits("/cart.html");
	await buyer.page.getByLabel("Send them to me").check();
	await buyer.fills({ "Street and number": "5 Gum Road" });
	await pairs.fill("1000");
	await buyer.page.keyboard.press("Tab");
	await buyer.sees("Enter a number from 1 to 100. Your cart has 1.");
	await pairs.fill("3");
	await buyer.page.keyboard.press("Tab");
	await buyer.page.getByRole("button", { name: "Place the order: $245.00" }).waitFor();
	await buyer.sees("Your total is $245.00");
	await buyer.has_focus(buyer.page.getByRole("button", { name: /^Remove/ }));
	assert.equal(await buyer.page.getByLabel("Street and number").inputValue(), "5 Gum Road");
	await buyer.page.keyboard.press("Enter");
	await buyer.sees("Your cart is empty");
	await buyer.has_focus(buyer.page.getByRole("heading", { name: "Your cart", exact: true }));
}
