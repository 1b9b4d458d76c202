/* The walks of people whose browser runs no script: the plain pages, their links and forms, and nothing else. */
import assert from "node:assert/strict";
import { PASSWORD, asks, fresh, listing, member, seller } from "./cast.mjs";
import { url } from "./person.mjs";

const PLAIN = { javaScriptEnabled: false };

/* The form whose button says so. */
const form = (person, button) => person.page.locator("form").filter({ has: person.page.getByRole("button", { name: button, exact: true }) }).first();

async function sends(person, button, values = {}) {
	await person.fills(values, form(person, button));
	await form(person, button).getByRole("button", { name: button, exact: true }).click();
}

async function signs_up(people, name) {
	const person = await people.comes(PLAIN);

	person.email = `${fresh(name).replaceAll(" ", "")}@plain.example`;
	await person.visits("/");
	await person.page.waitForURL("**/api/listings"); /* the static page leads on */
	person.awaits(401); /* asking for one's account is what shows the two forms */
	await person.follows("Sign in");
	await sends(person, "Sign up", { Name: name, "E-mail": person.email, Password: PASSWORD });
	await person.page.waitForURL("**/api/account");
	await person.sees(person.email);
	return person;
}

async function puts_into_cart(person, words, style) {
	await person.visits("/");
	await person.page.waitForURL("**/api/listings");
	await person.page.getByLabel(/^Search/).fill(words);
	await person.presses("Show");
	await person.page.locator("tbody tr").filter({ hasText: style }).getByRole("link").first().click();
	await sends(person, "Put into the cart", { Quantity: "1" });
	await person.page.waitForURL("**/api/cart");
}

/* The main flow, as with script: the sale's price for the first, the full price for the second, sold out for the third. */
export async function a_pair_is_sold_without_script(people) {
	const shop = await signs_up(people, "Plain Sam");

	await sends(shop, "Open a shop", { Name: "Plain Soles" });
	await shop.page.waitForURL("**/api/shops/*");
	await shop.page.locator("main").getByText("Plain Soles").waitFor();
	await sends(shop, "List a shoe", { Brand: "Bramble", Style: "Penny Loafer", Color: "brown", "Size (US)": "8.5", Condition: "used", Audience: "men", "Price in cents": "7999", Pairs: "2" });
	await shop.page.waitForURL("**/api/listings/*");
	await shop.page.locator("main").getByText("$79.99").waitFor();
	await shop.follows("My shop");
	await sends(shop, "Start a flash sale", { "Discounted pairs": "1", "Percent off": "25" });
	await shop.page.waitForURL("**/sale");

	const buyers = [await signs_up(people, "Plain Bea"), await signs_up(people, "Plain Bo"), await signs_up(people, "Plain Cy")];
	const [first, second, third] = buyers;

	for (const buyer of buyers)
		await puts_into_cart(buyer, "bramblle", "Penny Loafer");
	await sends(first, "Buy");
	await first.page.waitForURL("**/api/orders/*");
	await first.page.locator("main").getByText("$59.99").first().waitFor();

	second.awaits(409); /* the form holds the total that was seen */
	await sends(second, "Buy");
	await second.page.locator(".problem").waitFor();
	await second.visits("/api/cart");
	await sends(second, "Buy");
	await second.page.waitForURL("**/api/orders/*");
	await second.page.locator("main").getByText("$79.99").first().waitFor();

	await third.visits("/api/cart");
	third.awaits(409);
	await sends(third, "Buy");
	await third.page.locator(".problem").waitFor();
	await third.page.locator("main").getByText("None left.").waitFor();

	await shop.follows("My shop");
	await shop.follows("What to send");
	const parcels = shop.page.locator("tbody tr").filter({ has: shop.page.getByRole("button", { name: "Note what was sent" }) });

	assert.equal(await parcels.count(), 2);
	await shop.fills({ Status: "shipped", "Tracking (optional)": "1Z 42" }, parcels.first());
	await shop.presses("Note what was sent", parcels.first());
	await shop.page.waitForURL("**/shipments");
	await shop.page.locator("main").getByText("1Z 42").first().waitFor();
	await second.follows("Orders");
	await second.page.locator("main").getByText("$79.99").first().waitFor();
}

/* An order is called off, and the pair is back. */
export async function an_order_is_cancelled_without_script(people) {
	const shop = await seller(people);
	const buyer = await member(people, PLAIN);
	const pair = await listing(shop, { quantity: 1 });

	await buyer.visits(`/api/listings/${pair.listing_id}`);
	await sends(buyer, "Buy", { Quantity: "1" });
	await buyer.page.waitForURL("**/api/orders/*");
	assert.equal((await asks(buyer, "GET", `/listings/${pair.listing_id}`)).available, 0);
	await sends(buyer, "Cancel the order");
	await buyer.page.locator("main").getByText("cancelled").first().waitFor();
	assert.equal((await asks(buyer, "GET", `/listings/${pair.listing_id}`)).available, 1);
}

/* A slot is offered, booked and given back. The plain pages speak UTC. */
export async function a_slot_is_booked_without_script(people) {
	const shop = await seller(people, PLAIN);
	const buyer = await member(people, PLAIN);
	const other = await member(people, PLAIN);

	await shop.visits(`/api/shops/${shop.shop.shop_id}`);
	await shop.follows("Slots for fitting and authentication");
	await sends(shop, "Offer a slot", { Station: "Desk", "Starts at (UTC)": "2090-05-01T09:00", "Ends at (UTC)": "2090-05-01T09:30" });
	await shop.sees("2090-05-01 09:30 UTC");
	for (const person of [buyer, other])
		await person.visits(`/api/shops/${shop.shop.shop_id}/slots`);
	await sends(buyer, "Book");
	await buyer.page.waitForURL("**/api/appointments");
	await buyer.sees("2090-05-01 09:00 UTC");
	other.awaits(409);
	await sends(other, "Book");
	await other.sees("Somebody else has this slot.");
	await shop.page.reload();
	await shop.sees(buyer.name);
	await sends(buyer, "Cancel");
	await buyer.sees("Nothing here yet.");
	await other.visits(`/api/shops/${shop.shop.shop_id}/slots`);
	await sends(other, "Book");
	await other.page.waitForURL("**/api/appointments");
}

/* A shoe is wished for where it is shown; who is asked says yes; and then the friend's wish is recommended. */
export async function friends_and_wishes_without_script(people) {
	const shop = await seller(people);
	const [one, other] = [await member(people, PLAIN), await member(people, PLAIN)];
	const pair = await listing(shop, { brand: fresh("Plainwish") });

	await one.visits(`/api/listings/${pair.listing_id}`);
	await sends(one, "Wish for this shoe");
	await one.page.waitForURL("**/api/wishlist");
	await one.page.locator("main").getByText(pair.brand).first().waitFor();
	await one.follows("Friends");
	await sends(one, "Be friends", { "E-mail": other.email });
	await one.page.waitForURL("**/api/friends");

	await other.visits("/friends.html"); /* the static page leads on */
	await other.page.waitForURL("**/api/friends");
	await other.fills({ Status: "asks" }, form(other, "Show"));
	await other.presses("Show");
	const row = other.page.locator("tbody tr").filter({ hasText: one.name });

	await row.getByRole("button", { name: "Be friends" }).click();
	await other.page.waitForURL("**/api/friends");
	await other.page.locator("tbody tr").filter({ hasText: one.name }).getByRole("button", { name: "Remove" }).waitFor();
	await other.follows("For you");
	await other.page.locator("tbody tr").filter({ hasText: pair.brand }).getByRole("button", { name: "Wish for this shoe" }).click();
	await other.page.waitForURL("**/api/wishlist");
	await other.page.locator("tbody tr").filter({ hasText: pair.brand }).getByRole("button", { name: "Wish for it no more" }).click();
	await other.page.locator("main").getByText("Nothing here yet.").waitFor();
}

/* A form that was refused comes again, with what was typed and what is wrong with it. */
export async function a_refused_form_keeps_what_was_typed(people) {
	const person = await people.comes(PLAIN);

	await person.visits("/signup.html");
	await person.page.locator("#name").fill("   "); /* the browser itself lets that pass */
	await person.page.locator("#email").fill("dee@plain.example");
	await person.page.locator("#password").fill("long enough");
	person.awaits(422);
	await person.presses("Sign up", person.page.getByRole("main"));
	await person.page.locator(".error").first().waitFor();
	assert.equal(await form(person, "Sign up").getByLabel("Name").getAttribute("aria-invalid"), "true");
	assert.equal(await form(person, "Sign up").getByLabel("E-mail").inputValue(), "dee@plain.example");
	assert.equal(await form(person, "Sign up").getByLabel("Password").inputValue(), "");
	await sends(person, "Sign up", { Name: "Dee", Password: PASSWORD });
	await person.page.waitForURL(url + "/api/account");
	await sends(person, "Sign out");
	await person.page.waitForURL("**/api/listings");
}

/* A pair is held, put into the cart from the page of what is held, and bought; another is let go. */
export async function a_pair_is_held_without_script(people) {
	const shop = await seller(people);
	const buyer = await member(people, PLAIN);
	const pair = await listing(shop, { quantity: 1 });
	const other = await listing(shop, { quantity: 1 });
	const row = (shoe) => buyer.page.locator("tbody tr").filter({ hasText: shoe.brand });

	await buyer.visits("/api/reservations");
	await buyer.sees("Nothing here yet.");
	for (const { listing_id } of [pair, other]) {
		await buyer.visits(`/api/listings/${listing_id}`);
		await sends(buyer, "Hold a pair");
		await buyer.page.waitForURL("**/api/reservations");
	}
	await buyer.presses("Let it go", row(other));
	await row(other).waitFor({ state: "detached" });
	await row(pair).getByLabel("Quantity").fill("1");
	await buyer.presses("Put into the cart", row(pair));
	await buyer.page.waitForURL("**/api/cart");
	await sends(buyer, "Buy");
	await buyer.page.waitForURL("**/api/orders/*");
	await buyer.visits("/api/reservations");
	await buyer.sees("Nothing here yet.");
}
