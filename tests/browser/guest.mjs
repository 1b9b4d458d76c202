/* What guests press on the pages of members is done once they have signed in or up. */
import assert from "node:assert/strict";
import { PASSWORD, PLAIN, asks, form, fresh, listing, member, seller, sends } from "./fixtures.mjs";
import { url } from "./person.mjs";

const menu = (person) => person.page.getByRole("navigation", { name: "Main" });
const in_cart = async (person) => (await asks(person, "GET", "/cart")).items.map(({ listing_id, quantity }) => ({ listing_id, quantity }));

async function signs_in(person, email) {
	await person.fills({ "E-mail": email, Password: PASSWORD });
	await person.presses("Sign in", person.page.getByRole("main"));
}

export async function what_a_guest_puts_into_the_cart_is_there_after_signing_in(people) {
	const shop = await seller(people);
	const pair = await listing(shop);
	const { email } = await member(people);
	const guest = await people.guest();

	await guest.visits(`/listing.html?id=${pair.listing_id}`);
	await guest.page.getByLabel("Pairs", { exact: true }).fill("2");
	await guest.presses("Add to cart");
	await guest.page.waitForURL(/signin\.html/);
	await signs_in(guest, email);
	await guest.page.waitForURL(`${url}/listing.html?id=${pair.listing_id}`);
	await guest.page.getByText("2 pairs added to your cart.").waitFor();
	assert.deepEqual(await in_cart(guest), [{ listing_id: pair.listing_id, quantity: 2 }]);
	await guest.presses("Add to cart");
	await guest.page.locator("#added").waitFor();
	assert.deepEqual(await in_cart(guest), [{ listing_id: pair.listing_id, quantity: 3 }]);
}

export async function what_a_guest_holds_is_held_after_signing_up(people) {
	const shop = await seller(people);
	const pair = await listing(shop);
	const guest = await people.guest();

	await guest.visits(`/listing.html?id=${pair.listing_id}`);
	await guest.presses(/^Hold one for me/);
	await guest.page.waitForURL(/signin\.html/);
	await guest.follows("Sign up", guest.page.getByRole("main"));
	await guest.fills({ "Your name": "Gail", "E-mail": `${fresh("gail").replace(" ", "")}@walk.example`, Password: PASSWORD });
	await guest.presses("Sign up", guest.page.getByRole("main"));
	await guest.page.waitForURL(`${url}/listing.html?id=${pair.listing_id}`);
	await guest.sees(/A pair is held for you: /);
	assert.equal((await asks(guest, "GET", "/reservations")).reservations.length, 1);
}

/* Not signing in there, but later and elsewhere, is something else. */
export async function what_a_guest_gave_up_is_not_done(people) {
	const shop = await seller(people);
	const pair = await listing(shop);
	const { email } = await member(people);
	const guest = await people.guest();

	await guest.visits(`/listing.html?id=${pair.listing_id}`);
	await guest.presses("Add to cart");
	await guest.page.waitForURL(/signin\.html/);
	await guest.visits("/signin.html?next=%2Fevents.html");
	await signs_in(guest, email);
	await guest.page.waitForURL(`${url}/events.html`);
	await guest.visits(`/listing.html?id=${pair.listing_id}`);
	await guest.page.getByRole("button", { name: "Add to cart" }).waitFor();
	assert.deepEqual(await in_cart(guest), []);
}

export async function a_guest_without_scripts_is_not_forgotten(people) {
	const shop = await seller(people);
	const pair = await listing(shop);
	const guest = await people.guest(PLAIN);

	await guest.visits(`/api/listings/${pair.listing_id}`);
	guest.expects(401);
	await sends(guest, "Put into the cart", { Pairs: "2" });
	await guest.sees("this is done: Put into the cart.");
	await sends(guest, "Sign up", { Name: "Gus", "E-mail": `${fresh("gus").replace(" ", "")}@walk.example`, Password: PASSWORD });
	await guest.page.waitForURL("**/api/cart");
	assert.deepEqual(await in_cart(guest), [{ listing_id: pair.listing_id, quantity: 2 }]);
	await guest.visits(`/api/listings/${pair.listing_id}`);
	await sends(guest, "Put into the cart");
	await guest.page.waitForURL("**/api/cart");
	assert.deepEqual(await in_cart(guest), [{ listing_id: pair.listing_id, quantity: 3 }]);

	await asks(guest, "DELETE", "/sessions/current");
	await guest.visits("/api/events");
	guest.expects(401);
	await guest.follows("Sign in", menu(guest));
	await sends(guest, "Sign in", { "E-mail": shop.email, Password: PASSWORD });
	await guest.page.waitForURL("**/api/events");
	await guest.visits(`/api/listings/${pair.listing_id}`);
	assert.equal(await form(guest, "Change the listing").count(), 1);
	for (const button of ["Put into the cart", "Buy", "Hold a pair"])
		assert.equal(await guest.page.getByRole("button", { name: button, exact: true }).count(), 0);
}
