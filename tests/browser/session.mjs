/* Sessions that begin on a plain page, and that end by themselves. */
import assert from "node:assert/strict";
import { PASSWORD, asks, listing, member, seller, sends } from "./fixtures.mjs";
import { url } from "./person.mjs";

const menu = (person) => person.page.getByRole("navigation", { name: "Main" });

/* Ends all sessions of a person, as another device would. */
async function ends_elsewhere(people, person) {
	const device = await people.guest();

	await asks(device, "POST", "/sessions", { email: person.email, password: PASSWORD });
	await asks(device, "DELETE", "/sessions");
}

/* The pages with scripts ask anew, also those that were open before in the same tab. */
export async function signing_in_on_a_plain_page_is_noticed(people) {
	const person = await people.guest();
	const { email } = await member(people);

	await person.visits("/events.html");
	await menu(person).getByRole("link", { name: "Sign in" }).waitFor();
	person.expects(401); /* /account without a session shows the forms */
	await person.visits("/api/account");
	await sends(person, "Sign in", { "E-mail": email, Password: PASSWORD });
	await person.sees(email);
	await person.visits("/events.html");
	await person.is_signed_in();
	await person.visits("/orders.html");
	await person.sees("No orders yet");
	await asks(person, "DELETE", "/sessions/current");
	person.expects(401);
	await person.visits("/events.html");
	await menu(person).getByRole("link", { name: "Sign in again" }).waitFor();
}

/* The header says so and leads back, where one notices it: in the middle of a page, on the next page, and on one that needs a session. */
export async function a_session_that_is_over_leads_back(people) {
	const shop = await seller(people);
	const pair = await listing(shop);
	const person = await member(people);

	await asks(person, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 1 });
	await person.visits("/cart.html");
	await person.sees("$80.00");
	await ends_elsewhere(people, person);
	person.expects(401);
	await person.page.getByLabel(/^Pairs of/).fill("2");
	await person.page.getByLabel(/^Pairs of/).blur();
	await person.sees("Your session is over.", menu(person));
	assert.equal(await (await person.opens_menu()).getByRole("button", { name: "Sign out" }).count(), 0);
	await person.page.keyboard.press("Escape");
	person.expects(401); /* the next page asks anew: one may have signed in meanwhile */
	await menu(person).getByRole("link", { name: "Sign in again" }).click();
	await person.page.waitForURL(/signin\.html\?next=%2Fcart\.html/);
	await person.sees("Your session is over.", menu(person));
	await person.fills({ "E-mail": person.email, Password: PASSWORD });
	await person.presses("Sign in", person.page.getByRole("main"));
	await person.page.waitForURL(url + "/cart.html");
	await person.page.getByRole("button", { name: "Place the order: $80.00" }).waitFor();
	assert.equal(await person.page.locator("#session-over").count(), 0);

	await ends_elsewhere(people, person);
	person.expects(401);
	await person.visits(`/listing.html?id=${pair.listing_id}`);
	await person.sees("Your session is over.", menu(person));
	assert.equal(await menu(person).getByRole("link", { name: "Sign in again" }).getAttribute("href"), `/signin.html?next=${encodeURIComponent(`/listing.html?id=${pair.listing_id}`)}`);
	person.note_console = () => {}; /* each page asks again, and the browser logs the refusal */
	await person.visits("/orders.html");
	await person.page.waitForURL(/signin\.html\?next=%2Forders\.html/);
	await person.sees("Your session is over.", menu(person));
}

/* Another tab of the browser signs out, and in again. */
export async function tabs_agree_on_who_is_signed_in(people) {
	const person = await member(people);
	const tab = await person.context.newPage();

	await person.visits("/events.html");
	await person.is_signed_in();
	await tab.goto(url + "/events.html");
	await tab.getByRole("button", { name: "Account" }).click();
	await tab.getByRole("button", { name: "Sign out" }).click();
	await person.sees("Your session is over.", menu(person));
	await tab.goto(url + "/signin.html");
	await tab.getByLabel("E-mail").fill(person.email);
	await tab.getByLabel("Password").fill(PASSWORD);
	await tab.getByRole("main").getByRole("button", { name: "Sign in" }).click();
	await person.is_signed_in();
}
