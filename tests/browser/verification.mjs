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
	await shop.visits("/desk-standing.html");
	await shop.sees("5 of 5", shop.page.locator("#verification-facts"));
	await shop.presses("Apply");
	await shop.sees("You have applied.");
	await reviewer.visits("/admin.html");
	await (await reviewer.opens_menu()).getByRole("link", { name: "Admin" }).waitFor();
	await reviewer.presses(`Verify ${shop.shop.name}`);
	await reviewer.sees(`${shop.shop.name} is verified.`);
	await reviewer.sees(`Verified ${shop.shop.name}`, reviewer.page.locator("#log"));
	await reviewer.page.getByText(/^All \d+ checks found nothing wrong\.$/).waitFor();
	assert.deepEqual(await reviewer.inspects(), []);
	await shop.visits(`/shop.html?id=${shop.shop.shop_id}`);
	await shop.page.getByRole("heading", { name: `${shop.shop.name} Verified` }).waitFor();
}

/* To verify a shop that is not eligible, and to take a verification back, takes a reason; its owner sees it, and so does every admin. */
export async function a_verification_has_its_reason(people) {
	const shop = await seller(people);
	const chief = await admin(people);
	const { shop_id, name } = shop.shop;

	await asks(shop, "POST", `/shops/${shop_id}/verification`, {});
	await chief.visits("/admin.html");
	const row = chief.page.locator(`#shop-${shop_id}`);

	chief.expects(422);
	await row.getByRole("button", { name: "Verify" }).click();
	await row.getByText("This shop is not eligible. Say why it is verified all the same.").waitFor();
	await chief.has_focus(row.getByLabel("Reason"));
	await row.getByLabel("Reason").fill("Known from the market");
	await row.getByRole("button", { name: "Verify" }).click();
	await chief.sees(`${name} is verified.`);
	await shop.visits("/desk-standing.html");
	await shop.sees("Your shop is verified. Its reason: “Known from the market”");

	await chief.visits(`/shop.html?id=${shop_id}`);
	await chief.sees("Reason: “Known from the market”");
	assert.deepEqual(await chief.inspects(), []);
	chief.expects(422);
	await chief.presses("Take it back");
	await chief.sees("This shop is verified. Say why you take that back.");
	await chief.page.locator("#decision").getByLabel("Reason").fill("It sold copies");
	await chief.presses("Take it back");
	await chief.sees("The verification is taken back.");
	await shop.page.reload();
	await shop.sees("We have refused it for now. Its reason: “It sold copies”");
	await chief.visits("/admin.html");
	await chief.sees(`Took back the verification of ${name}`, chief.page.locator("#log"));
	await chief.sees("It sold copies", chief.page.locator("#log"));
	assert.deepEqual(await chief.inspects(), []);
}
