/* What Back shows after signing out and after an order, in a browser that keeps the pages that one leaves. */
import assert from "node:assert/strict";
import { PASSWORD, asks, listing, member, placed, seller, sends } from "./fixtures.mjs";
import { Person, launch, url } from "./person.mjs";

/* Calls walk(person) with a member whose browser keeps pages. */
async function with_kept_pages(people, walk) {
	const { email } = await member(people);
	const browser = await launch({ keeps_pages: true });
	const person = await Person.open(browser);

	try {
		await asks(person, "POST", "/sessions", { email, password: PASSWORD });
		await walk(Object.assign(person, { email }));
		assert.deepEqual(person.take_faults(), []);
	} finally {
		await browser.close();
	}
}

/* By the page itself: the driver waits for a load, and a page that was kept has none. */
async function goes_back(person) {
	await person.page.evaluate(() => history.back());
}

const note_kept = (person) => person.page.evaluate(() => addEventListener("pageshow", (event) => sessionStorage.setItem("kept", String(event.persisted))));
const was_kept = (person) => person.page.evaluate(() => sessionStorage.getItem("kept"));

export async function back_shows_no_account_after_signing_out(people) {
	await with_kept_pages(people, async (person) => {
		await person.visits("/account.html");
		await person.sees(person.email);
		await note_kept(person);
		await person.page.locator("#sign-out").click();
		await person.page.waitForURL(url + "/");
		await goes_back(person);
		await person.page.waitForURL(/signin\.html\?next=%2Faccount\.html/);
		assert.equal(await was_kept(person), "true"); /* or this tests nothing */
		assert.equal(await person.page.getByText(person.email).count(), 0);

		await asks(person, "POST", "/sessions", { email: person.email, password: PASSWORD });
		await person.visits("/api/account");
		await person.sees(person.email);
		await sends(person, "Sign out");
		await person.page.waitForURL("**/api/listings");
		person.expects(401);
		await goes_back(person);
		await person.sees("This needs a session that is still valid.");
		assert.equal(await person.page.getByText(person.email).count(), 0);
	});
}

export async function back_shows_the_cart_as_it_is_after_an_order(people) {
	const pair = await listing(await seller(people));

	await with_kept_pages(people, async (person) => {
		await asks(person, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 1 });
		await person.visits("/cart.html");
		await person.presses("Place the order: $80.00");
		await placed(person);
		await goes_back(person);
		await person.sees("Your cart is empty");
		assert.equal(await person.page.getByRole("button", { name: /^Place the order/ }).count(), 0);

		await asks(person, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 1 });
		await person.visits("/api/cart");
		await sends(person, "Buy");
		await person.page.waitForURL(/\/api\/orders\/\d+$/);
		await goes_back(person);
		await person.page.waitForURL("**/api/cart");
		await person.sees("Nothing here yet.");
		assert.equal(await person.page.getByRole("button", { name: "Buy", exact: true }).count(), 0);
	});
}
