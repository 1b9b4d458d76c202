/* The main flow: a shop opens, lists and sells, buyers buy. And orders that are cancelled. */
import assert from "node:assert/strict";
import { PASSWORD, PLAIN, asks, buys, form, fresh, listing, lives, member, placed, seller, sends } from "./fixtures.mjs";
import { url } from "./person.mjs";

async function signs_up_with_script(person, name) {
	person.email = `${name.replaceAll(" ", "")}@walk.example`;
	await person.visits("/signup.html");
	await person.fills({ "Your name": name, "E-mail": person.email, Password: PASSWORD });
	await person.presses("Sign up", person.page.getByRole("main"));
	await person.page.waitForURL(url + "/");
	await person.is_signed_in();
}

async function puts_into_cart_with_script(person, words, style) {
	await person.visits("/");
	await person.page.locator("#find").fill(words);
	await person.page.locator("#find").press("Enter");
	await person.follows(style, person.page.locator("#listings"));
	await person.page.waitForURL(/listing\.html/);
	await person.presses("Add to cart");
	await person.follows("Go to your cart");
	await person.page.waitForURL(/cart\.html/);
}

/* A shop opens, lists, starts a sale; two buy, at the sale price and at the full price; a third finds it sold out. */
export async function a_pair_is_sold_with_script(people) {
	const [shop, first, second, third, watcher] = [await people.guest(), await people.guest(), await people.guest(), await people.guest(), await people.guest()];
	const brand = "Kestrel";
	const shop_name = fresh("Gum & Lace");

	await signs_up_with_script(shop, fresh("Seller Sam"));
	await shop.follows("Sell");
	await shop.fills({ "Name of the shop": shop_name });
	await shop.presses("Open the shop");
	await shop.sees("Your first steps");
	await shop.page.locator("#desk").getByRole("link", { name: shop_name }).waitFor();
	await shop.follows("List your shoes");
	await shop.page.waitForURL(/desk-list\.html/);
	await shop.fills({ Brand: brand, Style: "Court High" });
	for (const choice of ["Red", "Women", "New"])
		await shop.page.locator("#list").getByText(choice, { exact: true }).click();
	await shop.fills({ "Pairs of US 9.5": "2", "Price of a pair in $": "79.99" });
	await shop.presses("List 2 pairs");
	await shop.page.locator("#made").waitFor();
	await shop.visits("/desk-sale.html");
	await shop.fills({ "Discounted pairs": "1", "Percent off": "25" });
	await shop.presses("Start the sale");
	await shop.sees("1 of 1 left");

	await signs_up_with_script(first, fresh("Buyer Bea"));
	await signs_up_with_script(second, fresh("Buyer Bo"));
	await signs_up_with_script(third, fresh("Buyer Cy"));
	await Promise.all([lives(first), lives(second)]);
	for (const buyer of [first, second, third]) {
		await puts_into_cart_with_script(buyer, "kestrle", "Court High"); /* a typing error */
		await buyer.page.getByRole("button", { name: "Place the order: $59.99" }).waitFor();
	}
	const { shop_id } = await asks(shop, "GET", "/account");

	await watcher.visits(`/shop.html?id=${shop_id}`);
	await watcher.sees("1 of 1 left");

	for (const buyer of [first, second])
		await buyer.page.getByLabel(/Send them to me/).check();
	await first.presses("Place the order: $59.99");
	await placed(first);
	await first.sees("$59.99");
	await first.sees("You saved $20.00");
	await watcher.sees("0 of 1 left");
	await watcher.sees("Flash sale: all discounts are gone");

	second.expects(409);
	await second.presses("Place the order: $59.99");
	await second.sees("The price has changed");
	await second.sees("the sale's discounts are gone", second.page.getByRole("dialog"));
	await second.presses("Buy for $79.99");
	await placed(second);

	third.expects(409);
	await third.presses(/Place the order/);
	await third.sees("None left.", third.page.locator(".item"));
	assert.equal(await third.page.locator(".item input").getAttribute("aria-invalid"), "true");

	await shop.visits("/desk.html");
	await shop.sees("2 parcels to send");
	const shipment = shop.page.locator("#shipments > li").filter({ has: shop.page.getByLabel(/Tracking/) }).first();
	const order = await shipment.getByRole("heading").textContent();

	await shipment.getByLabel(/Tracking/).fill("1Z 998");
	await shipment.getByRole("button", { name: "It is sent" }).click();
	await shop.page.locator("#shipments > li").filter({ hasText: order }).getByText("On its way").waitFor();
	await shop.page.locator("#shipments > li").filter({ hasText: order }).getByLabel(/Tracking/).fill("1Z 999");
	await shop.page.locator("#shipments > li").filter({ hasText: order }).getByRole("button", { name: "Save it" }).click();
	await shop.sees("The tracking number is saved.");
	await shop.page.locator("#shipments > li").filter({ hasText: order }).getByRole("button", { name: "It has arrived" }).click();
	await shop.page.locator("#shipments > li").filter({ hasText: order }).getByText("Delivered").waitFor();
	await shop.sees("$139.98"); /* 59.99 + 79.99 */

	const [sent, waiting] = [first, second];
	for (const buyer of [sent, waiting]) {
		await buyer.visits("/orders.html");
		await buyer.page.locator(".order").first().waitFor();
	}
	const [early, late] = (await sent.page.getByText("1Z 999").count()) ? [sent, waiting] : [waiting, sent];

	await early.sees("Delivered");
	assert.equal(await early.page.getByRole("button", { name: "Cancel this order" }).count(), 0);
	await late.presses("Cancel this order");
	await late.presses("Cancel the order", late.page.getByRole("dialog"));
	await late.page.locator(".order .badge.cancelled").first().waitFor();

	await third.visits("/cart.html");
	await third.presses(/Place the order/);
	await placed(third);
	await shop.visits("/desk.html");
	await shop.sees("1 order to be picked up");
	assert.equal(await shop.page.locator("#pick-ups").getByLabel(/Tracking/).count(), 0);
	await shop.page.locator("#pick-ups").getByRole("button", { name: /^It was picked up/ }).click();
	await shop.sees("Picked up", shop.page.locator("#pick-ups"));
	await third.page.reload();
	await third.sees("Picked up", third.page.locator(".head"));
}

async function signs_up_without_script(people, name) {
	const person = await people.guest(PLAIN);

	person.email = `${fresh(name).replaceAll(" ", "")}@plain.example`;
	await person.visits("/");
	await person.page.waitForURL("**/api/listings"); /* the static page redirects */
	person.expects(401); /* /account without a session shows the two forms */
	await person.follows("Sign in");
	await sends(person, "Sign up", { Name: name, "E-mail": person.email, Password: PASSWORD });
	await person.page.waitForURL("**/api/listings"); /* where the person was */
	await person.follows("Account");
	await person.sees(person.email);
	return person;
}

async function puts_into_cart_without_script(person, words, style) {
	await person.visits("/");
	await person.page.waitForURL("**/api/listings");
	await person.page.getByLabel(/^Search/).fill(words);
	await person.presses("Show");
	await person.page.locator("tbody tr").filter({ hasText: style }).getByRole("link").first().click();
	await sends(person, "Put into the cart", { Pairs: "1" });
	await person.page.waitForURL("**/api/cart");
}

/* The same by plain pages: the sale price for the first, the full price for the second, sold out for the third. */
export async function a_pair_is_sold_without_script(people) {
	const shop = await signs_up_without_script(people, "Plain Sam");

	const shop_name = fresh("Plain Soles");

	await sends(shop, "Open a shop", { Name: shop_name });
	await shop.page.waitForURL("**/api/shops/*");
	await shop.page.locator("main").getByText(shop_name).first().waitFor();
	await sends(shop, "List a shoe", { Brand: "Bramble", Style: "Penny Loafer", Color: "brown", "Size (US)": "8.5", Condition: "used", Audience: "men", "Price ($)": "79.99", Pairs: "2" });
	await shop.page.waitForURL("**/api/listings/*");
	await shop.page.locator("main").getByText("$79.99").waitFor();
	await shop.follows("My shop");
	await sends(shop, "Start a flash sale", { "Discounted pairs": "1", "Percent off": "25" });
	await shop.page.waitForURL("**/sale");

	const buyers = [await signs_up_without_script(people, "Plain Bea"), await signs_up_without_script(people, "Plain Bo"), await signs_up_without_script(people, "Plain Cy")];
	const [first, second, third] = buyers;

	for (const buyer of buyers)
		await puts_into_cart_without_script(buyer, "bramblle", "Penny Loafer");
	for (const buyer of [first, second]) {
		await lives(buyer);
		await buyer.page.reload();
		await sends(buyer, "Show", { Delivery: "ship" });
		await buyer.page.waitForURL("**/api/cart?delivery=ship");
	}
	await sends(first, "Buy");
	await first.page.waitForURL("**/api/orders/*");
	await first.page.locator("main").getByText("$59.99").first().waitFor();

	second.expects(409); /* the form sends the total that was shown */
	await sends(second, "Buy");
	await second.page.locator(".problem").waitFor();
	await second.page.locator("main").getByText("$79.99").waitFor();
	await sends(second, "Buy");
	await second.page.waitForURL("**/api/orders/*");
	await second.page.locator("main").getByText("$79.99").first().waitFor();

	await third.visits("/api/cart");
	third.expects(409);
	await sends(third, "Buy");
	await third.page.locator(".problem").waitFor();
	await third.page.locator("main").getByText("None left.").waitFor();

	await shop.follows("My shop");
	await shop.follows("What to send");
	const shipments = shop.page.locator("tbody tr").filter({ has: shop.page.getByRole("button", { name: "Note what was sent" }) });

	assert.equal(await shipments.count(), 2);
	await shop.fills({ Status: "shipped", "Tracking (optional)": "1Z 42" }, shipments.first());
	await shop.presses("Note what was sent", shipments.first());
	await shop.page.waitForURL("**/shipments");
	const sent = shop.page.locator("tbody tr").filter({ hasText: "1Z 42" });

	await sent.waitFor();
	await shop.fills({ "Tracking (optional)": "1Z 43" }, sent); /* with the present status, as the form holds it */
	await shop.presses("Note what was sent", sent);
	await shop.page.waitForURL("**/shipments");
	await shop.page.locator("tbody tr").filter({ hasText: "1Z 43" }).waitFor();
	await second.follows("Orders");
	await second.page.locator("main").getByText("$79.99").first().waitFor();
}

/* A price goes up while its page is shown: nothing is bought, the new price is shown, and pressing again buys. */
export async function a_price_that_went_up_is_shown_without_script(people) {
	const shop = await seller(people);
	const buyer = await member(people, PLAIN);
	const pair = await listing(shop, { quantity: 2, price_cents: 1000 });

	await buyer.visits(`/listing.html?id=${pair.listing_id}`);
	await buyer.page.waitForURL(`**/api/listings/${pair.listing_id}`);
	await asks(shop, "PATCH", `/shops/${pair.shop_id}/listings/${pair.listing_id}`, { price_cents: 99900 });
	buyer.expects(409);
	await sends(buyer, "Buy", { Pairs: "2" });
	await buyer.sees("The price has changed");
	await buyer.page.locator("dd").getByText("$999.00").waitFor();
	assert.equal((await asks(buyer, "GET", "/orders")).orders.length, 0);
	await sends(buyer, "Buy");
	await buyer.page.waitForURL("**/api/orders/*");
	await buyer.page.locator("main").getByText("$1998.00").first().waitFor();
}

/* An order is cancelled, and the pair is in stock again. */
export async function an_order_is_cancelled_without_script(people) {
	const shop = await seller(people);
	const buyer = await member(people, PLAIN);
	const pair = await listing(shop, { quantity: 1 });

	await buyer.visits(`/api/listings/${pair.listing_id}`);
	await sends(buyer, "Buy", { Pairs: "1" });
	await buyer.page.waitForURL("**/api/orders/*");
	assert.equal((await asks(buyer, "GET", `/listings/${pair.listing_id}`)).available, 0);
	await sends(buyer, "Cancel the order");
	await buyer.page.locator("main").getByText("cancelled").first().waitFor();
	assert.equal((await asks(buyer, "GET", `/listings/${pair.listing_id}`)).available, 1);
}

/* One is thanked for an order of one's own that is new; a finished one says how far it is. */
export async function thanks_are_for_a_new_order(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop);
	const foreign = await buys(await member(people), pair.listing_id);
	const order = await buys(buyer, pair.listing_id);
	const sees_no_thanks = async () => {
		await buyer.page.locator(`#order-${order.order_id}`).waitFor();
		assert.equal(await buyer.page.getByText("Thank you!").count(), 0);
	};

	await buyer.visits(`/orders.html?placed=${foreign.order_id}`);
	await sees_no_thanks();
	await buyer.visits(`/orders.html?placed=${order.order_id}`);
	await buyer.sees(`Thank you! Order ${order.order_id} is placed.`);
	for (const status of ["shipped", "delivered"])
		await asks(shop, "PATCH", `/shops/${shop.shop.shop_id}/shipments/${order.shipments[0].shipment_id}`, { status });
	await buyer.page.reload();
	await buyer.sees("Picked up", buyer.page.locator(`#order-${order.order_id} .head`));
	await sees_no_thanks();

	const second = await buys(buyer, pair.listing_id);

	await buyer.visits(`/orders.html?placed=${second.order_id}`);
	await buyer.sees("Thank you!");
	await buyer.presses("Cancel this order");
	await buyer.presses("Cancel the order", buyer.page.getByRole("dialog"));
	await buyer.sees("Cancelled", buyer.page.locator(`#order-${second.order_id} .head`));
	await sees_no_thanks();
	await buyer.page.reload();
	await sees_no_thanks();
}
