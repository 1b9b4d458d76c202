/* The desk of a shop: a seller's morning, a new shop, a long list of listings. */
import assert from "node:assert/strict";
import { asks, buys, listing, lives, member, seller } from "./fixtures.mjs";

const PHONE = { viewport: { width: 360, height: 740 } };

/* Moves the focus by Tab until it is on this control. */
async function tabs_to(person, control) {
	for (let n = 0; n < 120; n++) {
		if (await control.evaluate((node) => node === document.activeElement))
			return;
		await person.page.keyboard.press("Tab");
	}
	throw new Error(`no Tab leads to ${control}`);
}

/* Presses a button or follows a link by keyboard. */
async function enters(person, control) {
	await control.waitFor();
	await tabs_to(person, control);
	await person.page.keyboard.press("Enter");
}

/* Types over what is in a control, and sends its form. */
async function types(person, control, text) {
	await control.waitFor();
	await tabs_to(person, control);
	await person.page.keyboard.press("Control+A");
	await person.page.keyboard.type(text);
	await person.page.keyboard.press("Enter");
}

/* On a phone, by keyboard alone: two shipments are sent, a price is changed, a shoe restocked, and what needs attention answered. */
export async function a_morning_of_a_seller(people) {
	const shop = await seller(people, PHONE);
	const [buyer, other] = [await member(people), await member(people)];
	const pair = await listing(shop, { quantity: 4 });
	const desk = shop.page.locator("#page");
	const event = await asks(shop, "POST", `/shops/${shop.shop.shop_id}/events`, { title: "First look", starts_at: "2100-01-01T12:00:00Z", capacity: 1 });

	await lives(buyer);
	const orders = [await buys(buyer, pair.listing_id, 1, { delivery: "ship" }), await buys(buyer, pair.listing_id, 1, { delivery: "ship" })];

	for (const who of [buyer, other])
		await asks(who, "POST", `/events/${event.event_id}/booking`, {});
	await shop.visits("/desk.html");
	await shop.sees("2 parcels to send");
	await shop.sees("1 person waits for a place at First look.");
	await shop.sees("1 of your new shoes has two pairs or fewer.");
	assert.deepEqual(await shop.inspects(), []);
	for (const { shipments: [{ shipment_id }] } of orders) {
		const card = shop.page.locator(`#shipment-${shipment_id}`);

		await types(shop, card.getByLabel(/^Tracking number/), `1Z ${shipment_id}`);
		await card.getByText("On its way").waitFor();
		await shop.has_focus(card.getByRole("heading"));
	}
	await shop.sees("0 to send", shop.page.locator("#figures"));

	await enters(shop, desk.getByRole("link", { name: "Restock", exact: true }));
	const row = shop.page.locator(`#listing-${pair.listing_id}`);

	await types(shop, row.getByLabel("Price in $"), "75");
	await shop.sees("Now $75.00.", row);
	await types(shop, row.getByLabel("More or fewer"), "+10");
	await shop.sees("12 pairs in stock", row);
	assert.deepEqual(await shop.inspects(), []);

	await enters(shop, shop.page.getByRole("navigation", { name: "Desk" }).getByRole("link", { name: "Today" }));
	await shop.sees("Needs your attention");
	assert.equal(await shop.page.getByText(/two pairs or fewer/).count(), 0);
	await enters(shop, desk.getByRole("link", { name: "Add places" }));
	await types(shop, shop.page.getByLabel("Places", { exact: true }).first(), "2");
	await shop.sees("Changed.");
	await shop.visits("/desk.html");
	await shop.sees("All is sent");
	assert.equal(await shop.page.locator("#attention").isVisible(), false);
}

/* Several orders are marked at once, with what is typed at each; one that was cancelled meanwhile says so. */
export async function several_orders_are_sent_at_once(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop, { quantity: 9 });
	const orders = [];

	await lives(buyer);
	await shop.visits("/desk-orders.html");
	await shop.sees("All is sent");
	for (let n = 0; n < 3; n++)
		orders.push(await buys(buyer, pair.listing_id, 1, { delivery: "ship" }));
	const [first, second, third] = orders;
	const card = ({ shipments: [{ shipment_id }] }) => shop.page.locator(`#shipment-${shipment_id}`);

	await card(third).waitFor(); /* by polling alone */
	await card(first).getByLabel(/^Tracking number/).fill("1Z 77");
	await shop.page.getByLabel("All that are shown").check();
	await shop.page.getByRole("button", { name: "Mark 3 orders as sent" }).waitFor();
	await card(third).getByLabel(`Choose order ${third.order_id}`).uncheck();
	assert.deepEqual(await shop.inspects(), []);
	await shop.presses("Mark 2 orders as sent");
	await shop.sees("2 orders marked as sent.");
	await card(first).waitFor({ state: "detached" });
	assert.equal(await shop.page.locator("#shipments > li").count(), 1);

	await card(third).getByLabel(`Choose order ${third.order_id}`).check();
	await shop.follows("Packing slips");
	await shop.page.getByRole("heading", { name: `Packing slip, order ${third.order_id}` }).waitFor();
	await shop.visits(`/slip.html?shop=${shop.shop.shop_id}&shipment=${first.shipments[0].shipment_id}&shipment=${second.shipments[0].shipment_id}`);
	await shop.page.getByRole("heading", { name: `Packing slip, order ${second.order_id}` }).waitFor();
	await shop.sees("1Z 77");
	assert.deepEqual(await shop.inspects(), []);

	await shop.visits("/desk-orders.html?state=way");
	await shop.sees("1Z 77", card(first));
	await shop.page.getByLabel(`Choose order ${first.order_id}`).check();
	await asks(shop, "PATCH", `/shops/${shop.shop.shop_id}/shipments/${first.shipments[0].shipment_id}`, { status: "delivered" });
	shop.expects(409);
	await shop.presses("Mark 1 order as arrived");
	await shop.sees(`Order ${first.order_id}: This shipment is delivered already.`);
}

/* Who has no shop opens one at the desk, and is shown what to do first; each page says what it is for while it is empty. */
export async function a_new_shop_is_shown_its_first_steps(people) {
	const owner = await member(people, PHONE);

	await owner.visits("/desk-shelf.html");
	await owner.page.waitForURL("**/desk.html");
	await owner.fills({ "Name of the shop": `${owner.name}'s` });
	assert.deepEqual(await owner.inspects(), []);
	await owner.presses("Open the shop");
	await owner.sees("Your first steps");
	for (const step of ["List your shoes", "Say how you deliver", "Plan a sale"])
		await owner.page.locator("#first").getByRole("link", { name: step }).waitFor();
	await owner.sees("No sale is on.");
	assert.deepEqual(await owner.inspects(), []);
	for (const [place, words] of [["/desk-shelf.html", "Your shelf is empty"], ["/desk-orders.html", "All is sent"], ["/desk-orders.html?state=pick-up", "Nobody is to come"],
		["/desk-orders.html?state=all", "No orders yet"], ["/desk-money.html", "Nothing has come in yet."], ["/desk-events.html", "No event is announced"], ["/desk-standing.html", "No reviews yet."]]) {
		await owner.visits(place);
		await owner.sees(words);
		assert.deepEqual(await owner.inspects(), []);
	}
	const { shop_id } = await asks(owner, "GET", "/account");

	await asks(owner, "POST", `/shops/${shop_id}/listings`, { brand: "First", style: "Pair", color: "red", size: 9, condition: "new", audience: "men", price_cents: 5000, quantity: 5 });
	await owner.visits("/desk-standing.html#profile");
	await owner.fills({ "Shipping in $": "5" });
	await owner.presses("Save the profile");
	await owner.sees("Your profile is saved.");
	await owner.visits("/desk.html");
	await owner.sees("All is sent");
	assert.equal(await owner.page.locator("#first").isVisible(), false);
}

/* Of many listings 20 are shown; what is typed finds the others, and stays in the address. */
export async function a_page_of_many_listings_is_searched(people) {
	const shop = await seller(people);
	const rows = shop.page.locator("#listings > li");

	for (let n = 0; n < 44; n++)
		await listing(shop, { brand: n % 2 ? "Marlow" : "Brindle", style: `Model ${n}`, size: 5 + (n % 20) / 2, quantity: 1 + n });
	await shop.visits("/desk-shelf.html");
	await rows.first().waitFor();
	assert.equal(await rows.count(), 20);
	assert.ok(await shop.page.evaluate(() => document.documentElement.scrollHeight) < 3000, "20 rows are higher than 3,000 px");
	await shop.page.getByLabel("Search your shelf").pressSequentially("brin 5.5");
	await shop.sees("No listing of yours has the words “brin 5.5”.");
	assert.deepEqual(await shop.inspects(), []);
	await shop.presses("Show all");
	await shop.has_focus(shop.page.getByLabel("Search your shelf"));
	await shop.page.getByLabel("Search your shelf").pressSequentially("marl 5.5");
	await shop.page.waitForFunction(() => document.querySelectorAll("#listings > li").length === 3);
	assert.match(shop.page.url(), /\?q=marl\+5\.5$/);
	await shop.page.reload();
	await shop.page.waitForFunction(() => document.querySelectorAll("#listings > li").length === 3);
	const first = rows.first();

	await first.getByRole("button", { name: /^Sold out/ }).click();
	await first.getByText("Sold out", { exact: true }).first().waitFor();
	assert.equal(await first.getByRole("button", { name: /^Sold out/ }).isDisabled(), true);
	await shop.visits("/desk-shelf.html?stock=out");
	await shop.page.waitForFunction(() => document.querySelectorAll("#listings > li").length === 1);
	await rows.first().getByRole("button", { name: /^Withdraw/ }).click();
	await shop.presses("Withdraw it", shop.page.getByRole("dialog"));
	await shop.page.waitForFunction(() => document.querySelectorAll("#listings > li").length === 0);
	await shop.has_focus(shop.page.getByRole("heading", { name: "Shelf" }));
}
