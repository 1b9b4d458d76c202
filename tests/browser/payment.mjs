/* Orders that are paid on the payment page, with the sandbox in place of the provider. */
import assert from "node:assert/strict";
import { PLAIN, admin, asks, buys, listing, member, placed, seller, sends } from "./fixtures.mjs";
import { url } from "./person.mjs";

const CARD = "4242 4242 4242 4242", DECLINED = "4000 0000 0000 0002";

async function pays(person, card) {
	await person.page.waitForURL((address) => address.origin === new URL(process.env.SHOETOPIA_SANDBOX).origin);
	await person.page.locator("input[name=card]").fill(card);
	await person.page.getByRole("button", { name: /^Pay/ }).click();
}

/* A seller sees what is left of a price; a buyer pays, after a card that is declined, and has a receipt; the shop sees what it earned. */
export async function an_order_is_paid(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop);

	await shop.visits("/desk-shelf.html");
	await shop.page.locator(`#price-${pair.listing_id}`).fill("10.00");
	await shop.sees("You get $9.50: the marketplace keeps 5%.");
	await shop.visits("/desk-money.html");
	await shop.sees("Won, not paid yet");

	await asks(buyer, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 1 });
	await buyer.visits("/cart.html");
	await buyer.presses("Place the order: $80.00");
	await placed(buyer);
	await buyer.sees(/^Pay until/);
	assert.deepEqual(await buyer.inspects(), []);
	await buyer.presses("Pay $80.00");
	buyer.expects(402);
	await pays(buyer, DECLINED);
	await buyer.page.locator("#why").waitFor();
	await pays(buyer, CARD);
	await buyer.page.waitForURL(`${url}/orders.html?order=*`);
	await buyer.sees("Paid: $80.00.");
	assert.deepEqual(await buyer.inspects(), []);
	await buyer.follows("Receipt");
	await buyer.page.getByRole("heading", { name: /^Receipt \d+/ }).waitFor();
	await buyer.page.getByRole("row").filter({ hasText: pair.style }).getByText("$80.00").first().waitFor();
	for (const format of ["A4", "Letter"])
		assert.equal((await buyer.page.pdf({ format })).toString("latin1").match(/\/Type\s*\/Page\b/g).length, 1);
	await shop.sees("$76.00", shop.page.locator("#account"));
	await shop.visits("/desk.html");
	await shop.page.locator("#pick-ups").getByRole("button", { name: /^It was picked up/ }).click();
	await shop.sees("Picked up", shop.page.locator("#pick-ups"));
	await shop.sees("$76.00", shop.page.locator("#figures"));
	await shop.visits("/desk-money.html");
	await shop.page.waitForFunction(() => document.querySelector("#payout-amount").value === "76.00");
	await shop.presses("Ask for it");
	await shop.sees("$76.00 is asked for.");
	assert.deepEqual(await shop.inspects(), []);
	await is_paid_out(people, shop);
}

/* What a shop asked for is paid by an admin, once. */
async function is_paid_out(people, shop) {
	const clerk = await admin(people);

	await clerk.visits("/admin.html");
	const payout = clerk.page.locator("#payouts > li").filter({ hasText: shop.shop.name });

	await payout.getByLabel("Note, if you like").fill("By wire");
	assert.deepEqual(await clerk.inspects(), []);
	await payout.getByRole("button", { name: /^It is paid/ }).click();
	await clerk.sees(/Payout \d+ is paid/);
	await shop.page.reload();
	await shop.sees("Paid out", shop.page.locator("#payouts"));
	await shop.sees("By wire", shop.page.locator("#payouts"));
}

/* The same without scripts: a form leads to the payment page, and from there back to the order. */
export async function an_order_is_paid_without_script(people) {
	const shop = await seller(people);
	const buyer = await member(people, PLAIN);
	const pair = await listing(shop);

	await shop.visits(`/api/shops/${pair.shop_id}`);
	await shop.sees("The marketplace keeps 5% of it as its fee.");
	await buyer.visits(`/api/listings/${pair.listing_id}`);
	await sends(buyer, "Buy", { Pairs: "1" });
	await buyer.page.waitForURL("**/api/orders/*");
	await sends(buyer, "Pay");
	await pays(buyer, CARD);
	await buyer.page.waitForURL("**/api/orders/*");
	await buyer.page.locator("dd").getByText("paid", { exact: true }).waitFor(); /* the page asks again by itself */
	assert.equal(await buyer.page.getByRole("button", { name: "Pay", exact: true }).count(), 0);
}

/* Presses Tab until the control has the focus, which is then in view. */
async function tabs_to(person, control) {
	await control.first().waitFor();
	for (let n = 0; n < 90; n++) {
		await person.page.keyboard.press("Tab");
		if (await control.first().evaluate((node) => node === document.activeElement && node.getBoundingClientRect().top >= 0 && node.getBoundingClientRect().bottom <= innerHeight))
			return;
	}
	throw new Error(`no way to ${control} by Tab`);
}

async function enters(person, control) {
	await tabs_to(person, control);
	await person.page.keyboard.press("Enter");
}

/* With the keyboard alone, on a phone: puts a pair into the cart, has it sent to an address that is typed there, pays, and sees the order. */
export async function an_order_is_won_and_paid_by_keyboard(people) {
	const shop = await seller(people);
	const buyer = await member(people, { viewport: { width: 360, height: 740 } });
	const pair = await listing(shop);
	const main = buyer.page.getByRole("main");
	const { keyboard } = buyer.page;

	await buyer.visits(`/listing.html?id=${pair.listing_id}`);
	await enters(buyer, main.getByRole("button", { name: "Add to cart" }));
	await enters(buyer, main.getByRole("link", { name: "Go to your cart" }));
	await buyer.page.waitForURL("**/cart.html");
	await tabs_to(buyer, main.getByLabel("I pick them up"));
	await keyboard.press("ArrowDown");
	for (const [label, text] of [["Street and number", "1 Main St"], ["City", "Austin"], ["Postcode", "73301"]]) {
		await tabs_to(buyer, main.getByLabel(label, { exact: true }));
		await keyboard.type(text);
	}
	assert.equal(await main.getByLabel("Country", { exact: true }).inputValue(), "US"); /* of the browser's language */
	assert.deepEqual(await buyer.inspects(), []);
	await keyboard.press("Enter");
	await placed(buyer);
	await enters(buyer, main.getByRole("button", { name: "Pay $80.00" }));
	await buyer.page.waitForURL((address) => address.origin === new URL(process.env.SHOETOPIA_SANDBOX).origin);
	await tabs_to(buyer, buyer.page.locator("input[name=card]"));
	await keyboard.type(CARD);
	await enters(buyer, buyer.page.getByRole("button", { name: /^Pay/ }));
	await buyer.page.waitForURL(`${url}/orders.html?order=*`);
	await buyer.sees("Paid: $80.00.");
	await buyer.page.locator('.timeline [aria-current="step"]').getByText("Being packed").waitFor();
	assert.deepEqual(await buyer.inspects(), []);
	await enters(buyer, main.getByRole("link", { name: "Receipt" }));
	await buyer.page.getByRole("heading", { name: /^Receipt \d+/ }).waitFor();
	assert.deepEqual(await buyer.inspects(), []);
}

/* An order that is not paid is cancelled, and says that nothing was charged; one whose page is open is closed first. */
export async function an_unpaid_order_is_cancelled(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop);
	const [first, second] = [await buys(buyer, pair.listing_id), await buys(buyer, pair.listing_id)];
	const cancels = async ({ order_id }) => {
		const order = buyer.page.locator(`#order-${order_id}`);

		await order.getByRole("button", { name: "Cancel this order" }).click();
		await buyer.presses("Cancel the order", buyer.page.getByRole("dialog"));
		await buyer.sees("Nothing was charged.", order);
	};

	await asks(buyer, "POST", `/orders/${second.order_id}/payment`, {});
	const refresh_of = async (times) => (await buyer.context.request.get(`${url}/api/orders/${second.order_id}?returned=${times}`, { headers: { Accept: "text/html" } })).headers().refresh;

	assert.equal(await refresh_of(1), `3; url=/api/orders/${second.order_id}?returned=2`);
	assert.equal(await refresh_of(20), undefined);
	await buyer.visits(`/orders.html?order=${second.order_id}`);
	await buyer.sees("We have not heard of your payment yet.");
	await cancels(first);
	await cancels(second);
	assert.equal((await asks(buyer, "GET", `/listings/${pair.listing_id}`)).available, 3);
}
