/* Sign-up, sign-in, the account page, and forms that are refused. */
import assert from "node:assert/strict";
import { PASSWORD, PLAIN, asks, form, listing, member, placed, seller, sends } from "./fixtures.mjs";
import { url } from "./person.mjs";

/* Field errors are shown at their fields, and values are kept. */
export async function mistakes_are_said_at_their_field(people) {
	const person = await people.guest();
	const shop = await seller(people);

	await person.visits("/signup.html");
	await person.fills({ "Your name": "  ", "E-mail": "nonsense", Password: "short" });
	await person.presses("Sign up", person.page.getByRole("main"));
	await person.sees("This is needed.");
	await person.fills({ "Your name": "Dee" });
	person.expects(422);
	await person.presses("Sign up", person.page.getByRole("main"));
	await person.page.locator(".field", { has: person.page.getByLabel("E-mail") }).locator(".error").waitFor();
	await person.page.locator(".field", { has: person.page.getByLabel("Password") }).locator(".error").waitFor();
	assert.equal(await person.page.getByLabel("E-mail").inputValue(), "nonsense");
	await person.has_focus(person.page.getByLabel("E-mail"));

	await person.visits("/signin.html");
	await person.fills({ "E-mail": shop.email, Password: "not the password" });
	person.expects(401);
	await person.presses("Sign in", person.page.getByRole("main"));
	await person.page.getByRole("alert").waitFor();

	await shop.visits("/desk-standing.html");
	await shop.fills({ "Shipping in $": "12.345" });
	await shop.presses("Save the profile");
	await shop.sees("Enter an amount like 19.99.");
	await shop.fills({ "Shipping in $": "9999" });
	shop.expects(422);
	await shop.presses("Save the profile");
	await shop.page.locator(".field", { has: shop.page.getByLabel("Shipping in $") }).locator(".error").waitFor();
}

export async function an_account_is_kept(people) {
	const person = await member(people);
	const address = { Name: "Dee Doe", "Street and number": "1 Main St", City: "Austin", Postcode: "73301", Country: "US" };
	const shop = await seller(people);
	const pair = await listing(shop);

	await asks(person, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 1 });
	await person.visits("/cart.html");
	await person.page.getByLabel(/Send them to me/).check();
	await person.fills(address, person.page.locator("#address"));
	await person.presses("Place the order: $80.00"); /* with the address */
	await placed(person);
	await shop.visits("/desk.html");
	await shop.sees("1 Main St");

	await person.visits("/account.html");
	assert.equal(await person.page.getByLabel("City").inputValue(), "Austin");
	await person.fills({ "Your password now": PASSWORD, "New password": "another horse 8" });
	await person.presses("Change password");
	await person.sees("Your password is changed.");
	await person.fills({ "New e-mail": "new-" + person.email, "Your password": "another horse 8" });
	await person.presses("Change e-mail");
	await person.sees("From now on you sign in with the new e-mail.");
	await person.presses("Sign out", person.page.getByRole("main"));
	await person.page.waitForURL(url + "/");
	await person.visits("/orders.html");
	await person.page.waitForURL(/signin\.html\?next=%2Forders\.html/);
	await person.fills({ "E-mail": "new-" + person.email, Password: "another horse 8" });
	await person.presses("Sign in", person.page.getByRole("main"));
	await person.page.waitForURL(url + "/orders.html");
	await person.sees("$80.00");
}

/* An account on three devices: one is signed out by itself, then all others at once. */
export async function sessions_are_listed_and_ended(people) {
	const person = await member(people);
	const [second, third] = [await people.guest(), await people.guest()];
	const list = person.page.locator("#sessions");

	for (const device of [second, third])
		await asks(device, "POST", "/sessions", { email: person.email, password: PASSWORD });
	await person.visits("/account.html");
	await person.sees("Here, on this device", list);
	assert.equal(await list.getByRole("listitem").count(), 3);
	await list.getByRole("button", { name: /^Sign out there/ }).first().click(); /* the newest */
	await person.page.getByText("Signed out there.").waitFor();
	await person.has_focus(person.page.locator("#sessions-title"));
	assert.equal(await list.getByRole("listitem").count(), 2);
	third.expects(401);
	await third.visits("/api/account");
	await second.visits("/account.html");
	await second.presses("Sign out everywhere else");
	await second.presses("Sign out everywhere else", second.page.getByRole("dialog"));
	await second.page.getByText("You are signed in here alone.").waitFor();
	await second.has_focus(second.page.locator("#sessions-title")); /* after the list was read again */
	assert.equal(await second.page.locator("#sessions").getByRole("listitem").count(), 1);
	person.expects(401);
	await person.visits("/api/account");
}

/* The same without scripts, and what friends see. */
export async function sessions_are_ended_without_scripts(people) {
	const person = await people.guest(PLAIN);
	const other = await member(people);

	await asks(person, "POST", "/sessions", { email: other.email, password: PASSWORD });
	await person.visits("/api/account");
	assert.equal(await form(person, "Save what friends see").getByLabel("Show friends what I buy").inputValue(), "false");
	await form(person, "Save what friends see").getByLabel("Show friends what I buy").selectOption("true");
	await sends(person, "Save what friends see");
	assert.equal(await form(person, "Save what friends see").getByLabel("Show friends what I buy").inputValue(), "true");
	await person.follows("Sessions", person.page.getByRole("navigation", { name: "Main" }));
	await person.sees("Where you are signed in");
	assert.equal(await person.page.getByRole("button", { name: "Sign out there" }).count(), 1);
	await sends(person, "Sign out everywhere else");
	await person.page.waitForURL("**/api/sessions");
	assert.equal(await person.page.getByRole("button", { name: "Sign out there" }).count(), 0);
	other.expects(401);
	await other.visits("/api/account");
}

export async function what_friends_see_is_kept(people) {
	const person = await member(people);
	const choice = person.page.getByLabel("Show friends what I buy");

	await person.visits("/account.html");
	assert.equal(await choice.inputValue(), "false");
	await choice.selectOption("true");
	await person.presses("Keep this choice");
	await person.sees("Friends see what you buy.");
	await person.page.reload();
	await person.sees("Where you are signed in");
	assert.equal(await choice.inputValue(), "true");
	assert.equal((await asks(person, "GET", "/account")).sharing.purchases, true);
}

/* A refused form is shown again, with its values and errors. */
export async function a_refused_form_keeps_what_was_typed(people) {
	const person = await people.guest(PLAIN);

	await person.visits("/signup.html");
	await person.page.locator("#name").fill("   "); /* valid for the browser */
	await person.page.locator("#email").fill("dee@plain.example");
	await person.page.locator("#password").fill("long enough");
	person.expects(422);
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

/* An account is exported and deleted on its page; afterwards it cannot be signed in to. */
export async function an_account_is_deleted(people) {
	const person = await member(people);

	await person.visits("/account.html");
	assert.equal(await person.page.getByRole("link", { name: "All that is kept about you" }).getAttribute("href"), "/api/account/export");
	await person.fills({ "Your password, to leave": "not this one" });
	person.expects(401);
	await person.presses("Delete my account");
	await person.presses("Delete it", person.page.getByRole("dialog"));
	await person.page.locator("#delete").getByRole("alert").waitFor();
	await person.fills({ "Your password, to leave": PASSWORD });
	await person.presses("Delete my account");
	await person.presses("Delete it", person.page.getByRole("dialog"));
	await person.page.waitForURL(url + "/");
	await person.visits("/signin.html");
	await person.page.getByRole("link", { name: "Forgot your password?" }).waitFor();
	await person.fills({ "E-mail": person.email, Password: PASSWORD });
	person.expects(401);
	await person.presses("Sign in", person.page.getByRole("main"));
	await person.page.getByRole("alert").waitFor();
}
