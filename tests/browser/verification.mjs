/* Verification of a shop, and the audit on the admin's page. */
import assert from "node:assert/strict";
import { admin, asks, buys, listing, member, seller } from "./fixtures.mjs";

/* A shop with enough sales and reviews applies; an admin verifies it, and the audit finds nothing. */
export async function a_shop_is_verified(people) {
	const shop = await seller(people);
	const pair = await listing(shop, { quantity: 5 });
	const reviewer = await admin(people);
	const buyers = await Promise.all([1, 2, 3, 4, 5].map(() => member(people)));

	await Promise.all(buyers.map(async (buyer) => {
		await buys(buyer, pair.listing_id);
		await asks(buyer, "PUT", `/shops/${shop.shop.shop_id}/review`, { rating: 4 });
	}));
	await shop.visits("/myshop.html");
	await shop.sees("5 of 5", shop.page.locator("#verification-facts"));
	await shop.presses("Apply");
	await shop.sees("You have applied.");
	await reviewer.visits("/admin.html");
	await reviewer.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Admin" }).waitFor();
	await reviewer.presses(`Verify ${shop.shop.name}`);
	await reviewer.sees(`${shop.shop.name} is verified.`);
	await reviewer.page.getByText(/^All \d+ checks found nothing wrong\.$/).waitFor();
	assert.deepEqual(await reviewer.inspects(), []);
	await shop.visits(`/shop.html?id=${shop.shop.shop_id}`);
	await shop.page.getByRole("heading", { name: `${shop.shop.name} Verified` }).waitFor();
}
