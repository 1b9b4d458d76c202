/* An admin finds what people tell of, and suspends a shop, on a phone. */
import assert from "node:assert/strict";
import { admin, asks, buys, listing, member, seller } from "./fixtures.mjs";

const PHONE = { viewport: { width: 360, height: 740 } };
const REASON = "Two buyers got copies.";

/* A shop with a pair, of which one was bought. */
async function world(people) {
	const shop = await seller(people, PHONE);
	const pair = await listing(shop);
	const buyer = await member(people, PHONE);
	const order = await buys(buyer, pair.listing_id);

	return { shop, pair, buyer, order, name: shop.shop.name, shop_id: shop.shop.shop_id };
}

export async function an_admin_suspends_a_shop(people) {
	const { shop, pair, buyer, order, name, shop_id } = await world(people);
	const chief = await admin(people, PHONE);
	const box = chief.page.getByLabel("An e-mail, a number, a name, or the address of a page");
	const finds = async (text) => {
		await box.fill(text);
		await box.press("Enter");
	};
	const found = chief.page.locator("#found");

	await chief.visits("/admin.html");
	await finds(buyer.email);
	await chief.sees(`Order ${order.order_id}`, found);
	await chief.sees(buyer.name, found);
	await finds(String(order.order_id));
	await found.getByRole("link", { name: `Order ${order.order_id}`, exact: true }).waitFor();
	await finds("nothing of the kind");
	await chief.sees("Nothing is found", found);
	await finds(name.toUpperCase());
	await found.getByText(`Suspend ${name}`).click();
	chief.expects(422);
	await chief.presses("Suspend this shop", found);
	await chief.sees("Say why", found);
	await found.getByLabel("Reason").fill(REASON);
	assert.deepEqual(await chief.inspects(), []);
	await chief.presses("Suspend this shop", found);
	await chief.sees(`${name} is suspended.`, found);
	await chief.sees(`Suspended ${name}`, chief.page.locator("#log"));
	assert.deepEqual(await chief.inspects(), []);

	buyer.expects(404);
	await buyer.visits(`/shop.html?id=${shop_id}`);
	await buyer.sees("There is no such shop");
	assert.deepEqual((await asks(buyer, "GET", `/listings?shop_id=${shop_id}`)).listings, []);
	await buyer.visits(`/orders.html?order=${order.order_id}`);
	await buyer.sees(pair.brand);

	await shop.visits("/desk.html");
	await shop.sees("Your shop is suspended");
	await shop.sees(REASON);

	await chief.visits(`/shop.html?id=${shop_id}`);
	await chief.sees(REASON);
	await chief.presses("Let it in again");
	await chief.sees(`${name} is let in again.`);
	assert.deepEqual(await chief.inspects(), []);
	await buyer.visits(`/shop.html?id=${shop_id}`);
	await buyer.page.getByRole("heading", { name, exact: true }).waitFor();
}
