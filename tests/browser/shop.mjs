/* The owner's page: price, stock, promotion, sale. */
import assert from "node:assert/strict";
import { PLAIN, asks, buys, listing, lives, member, placed, seller, sends } from "./fixtures.mjs";
import { url } from "./person.mjs";

export async function a_shop_is_run(people) {
	const shop = await seller(people);
	const pair = await listing(shop, { quantity: 2 });
	const row = shop.page.locator(`#listing-${pair.listing_id}`);

	await shop.visits("/desk-shelf.html");
	await row.getByLabel("Price in $").fill("1,234.50");
	await row.getByRole("button", { name: /^Set/ }).click();
	await row.getByText("Now $1,234.50.").waitFor();
	await row.getByLabel("More or fewer").fill("+1");
	await row.getByRole("button", { name: /^Change/ }).click();
	await row.getByText("3 pairs in stock.", { exact: true }).waitFor();
	await row.getByLabel("More or fewer").fill("-3");
	await row.getByRole("button", { name: /^Change/ }).click();
	await row.getByText("Sold out", { exact: true }).waitFor();
	shop.expects(409);
	await row.getByLabel("More or fewer").fill("-1");
	await row.getByRole("button", { name: /^Change/ }).click();
	await row.getByRole("alert").waitFor();
	await row.getByRole("button", { name: /^Withdraw/ }).click();
	await shop.presses("Withdraw it", shop.page.getByRole("dialog"));
	await row.waitFor({ state: "detached" });
	await shop.visits("/desk-standing.html");
	await shop.presses("Apply");
	await shop.sees("You have applied.");
	await shop.fills({ Tier: "2" });
	await shop.presses("Promote my shop");
	await shop.sees("You are promoted at tier 2.");

	await shop.visits("/desk-sale.html");
	await shop.fills({ "Discounted pairs": "5", "Percent off": "10" });
	await shop.presses("Start the sale");
	await shop.sees("5 of 5 left");
	await shop.page.reload();
	await shop.sees("5 of 5 left");
	await shop.presses("End it now");
	await shop.page.getByRole("dialog").waitFor();
	await shop.page.keyboard.press("Escape");
	await shop.has_focus(shop.page.getByRole("button", { name: "End it now" }));
	await shop.presses("End it now");
	await shop.presses("End the sale", shop.page.getByRole("dialog"));
	await shop.page.getByRole("button", { name: "Start the sale" }).waitFor();
	await shop.visits("/myshop.html"); /* its old address */
	await shop.page.waitForURL("**/desk.html");
	await shop.sees("Nothing to send");
}

/* While the desk is open others buy, and one of them cancels: its pages follow, and what the owner types stays. */
export async function a_desk_follows_its_sales(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop, { quantity: 9 });
	const listings = await shop.context.newPage();
	const row = listings.locator(`#listing-${pair.listing_id}`);
	const shipment = (order) => shop.page.locator(`#shipment-${order.shipments[0].shipment_id}`);

	await asks(shop, "POST", `/shops/${shop.shop.shop_id}/sales`, { discounts: 5, percent_off: 50 });
	await listings.goto(`${url}/desk-shelf.html`);
	await shop.sees("9 pairs in stock", row);
	for (const [price, in_sale] of [["90.00", "$45.00"], ["80.00", "$40.00"]]) {
		await row.getByLabel("Price in $").fill(price);
		await row.getByRole("button", { name: /^Set/ }).click();
		await shop.sees(`${in_sale} in the sale`, row);
	}
	await row.getByLabel("Price in $").fill("77.00");
	await shop.visits("/desk.html");
	await shop.sees("Nothing to send");
	await shop.sees("All is sent");
	await shop.sees("5 of 5 left");
	const shipped = { delivery: "ship" };

	await lives(buyer);
	const first = await buys(buyer, pair.listing_id, 2, shipped);

	await shipment(first).waitFor();
	assert.equal(await shop.page.getByText("All is sent").count(), 0);
	await shop.sees("1 parcel to send");
	await shop.sees("3 of 5 left");
	await shop.sees("$80.00", shop.page.locator("#figures"));
	await shop.sees("7 pairs in stock", row);
	assert.equal(await row.getByLabel("Price in $").inputValue(), "77.00");

	await shipment(first).getByLabel(/Tracking/).fill("1Z 99");
	await shop.has_focus(shipment(first).getByLabel(/Tracking/));
	const others = await Promise.all([1, 1, 1].map((pairs) => buys(buyer, pair.listing_id, pairs, shipped)));

	await shop.sees("4 parcels to send");
	for (const order of others)
		await shipment(order).waitFor();
	await shop.sees("$200.00", shop.page.locator("#figures"));
	await shop.has_focus(shipment(first).getByLabel(/Tracking/));
	assert.equal(await shipment(first).getByLabel(/Tracking/).inputValue(), "1Z 99");

	await asks(buyer, "POST", `/orders/${others[0].order_id}/cancellation`, {});
	await shipment(others[0]).waitFor({ state: "detached" });
	await shop.sees("3 parcels to send");
	await shop.sees("5 pairs in stock", row);
	await shipment(first).getByRole("button", { name: /^It is sent/ }).click();
	await shop.sees("1Z 99", shipment(first));
	await shop.sees("2 to send", shop.page.locator("#figures"));
}

/* A profile with a price of shipping and a place for pick-up: buyers see both, and pay what they saw. */
export async function a_shop_says_how_it_delivers(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop);

	await shop.visits("/desk-standing.html");
	const profile = shop.page.locator("#profile-form");

	await shop.fills({ "About your shop": "Shoes & laces", "Pick-up address": "7 Market Square\nSpringfield", "Pick-up hours": "Mon to Sat", "Shipping in $": "9.00" }, profile);
	await shop.presses("Save the profile", profile);
	await shop.sees("Your profile is saved.");
	await shop.page.reload();
	await shop.page.locator("#page").waitFor();
	assert.equal(await profile.getByLabel("Shipping in $").inputValue(), "9.00");
	await lives(buyer);
	await buyer.visits(`/shop.html?id=${pair.shop_id}`);
	await buyer.sees("Shipping $9.00, or pick-up");
	await buyer.sees("7 Market Square");
	await buyer.visits(`/listing.html?id=${pair.listing_id}`);
	await buyer.sees("Shipping $9.00, or pick-up");
	await buyer.sees("Mon to Sat");
	await buyer.presses("Add to cart");
	await buyer.follows("Go to your cart");
	await buyer.page.getByRole("button", { name: "Place the order: $80.00" }).waitFor();
	await buyer.page.getByLabel(/Send them to me/).check();
	await buyer.presses("Place the order: $89.00");
	await placed(buyer);
	await buyer.sees("$9.00", buyer.page.locator(".lines"));

	await shop.fills({ "Shipping in $": "" }, profile);
	await shop.presses("Save the profile", profile);
	await asks(buyer, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 1 });
	await buyer.visits("/cart.html");
	assert.equal(await buyer.page.getByLabel(/Send them to me/).count(), 0);
	await buyer.presses("Place the order: $80.00");
	await placed(buyer);
	await buyer.sees("7 Market Square");
}

/* The same by plain pages. */
export async function a_shop_says_how_it_delivers_without_script(people) {
	const shop = await seller(people, PLAIN);
	const buyer = await member(people, PLAIN);
	const pair = await listing(shop);
	const button = "Save what the shop says of itself";

	await shop.visits(`/api/shops/${pair.shop_id}`);
	await sends(shop, button, { "Shipping ($) (optional)": "9" });
	await shop.sees("$9.00");
	await lives(buyer);
	await buyer.visits(`/api/listings/${pair.listing_id}`);
	assert.deepEqual(await buyer.page.locator("select[name=delivery] option").allTextContents(), ["ship"]);
	await sends(buyer, "Put into the cart", { Pairs: "1" });
	await buyer.page.waitForURL("**/api/cart");
	await buyer.sees("$89.00");
	await sends(buyer, "Buy");
	await buyer.page.waitForURL("**/api/orders/*");
	await buyer.sees("$89.00");
}

/* A used pair: its seller describes it without JavaScript and with it, buyers read it with and without. */
export async function a_used_pair_is_described(people) {
	const plain = await seller(people, PLAIN);
	const shop = await people.guest();
	const [reader, plain_reader] = [await people.guest(), await people.guest(PLAIN)];
	const [first, second] = ["Worn twice, indoors.\nA faint mark <inside> the left one.", "Cleaned since."];

	await plain.visits(`/api/shops/${plain.shop.shop_id}`);
	await sends(plain, "List a shoe", { Brand: "Fernway", Style: "Day Hiker", Color: "green", "Size (US)": "9", Condition: "used", Audience: "women", "Price ($)": "45", Pairs: "1",
		"Description (optional)": first, "Box (optional)": "replaced" });
	await plain.sees("A faint mark <inside> the left one.");
	const place = new URL(plain.page.url()).pathname.replace("/api/listings/", "");

	await reader.visits(`/listing.html?id=${place}`);
	await reader.sees("A faint mark <inside> the left one.");
	await reader.sees("Another box");
	await plain_reader.visits(`/api/listings/${place}`);
	await plain_reader.sees("A faint mark <inside> the left one.");
	await plain_reader.sees("replaced");

	await sends(plain, "Change the listing", { "Box (optional)": "", "Description (optional)": "" });
	const still = () => plain_reader.page.getByText("A faint mark").count();

	for (const end = Date.now() + 5000; await still() > 0 && Date.now() < end;) /* an answer for guests is kept for a second */
		await plain_reader.page.reload();
	assert.equal(await still(), 0);
	await shop.context.addCookies(await plain.context.cookies());
	await shop.visits("/desk-shelf.html");
	const row = shop.page.locator(`#listing-${place}`);

	await row.getByText("Describe this pair").click();
	await row.getByLabel("Description").fill(second);
	await row.getByLabel("Box").selectOption("original");
	await row.getByRole("button", { name: /^Save/ }).click();
	await row.getByText("Saved.").waitFor();
	assert.deepEqual(await shop.inspects(), []);
	await reader.page.reload();
	await reader.sees(second);
	await reader.sees("Original box");
}
