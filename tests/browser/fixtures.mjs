/* Fixtures: the persons of a walk, and their accounts, shops and listings. What is not the subject of a walk is done through the API. */
import { execFileSync } from "node:child_process";
import { Person, url } from "./person.mjs";

let number = 0;

/* A name that is new in this run. */
export const fresh = (word) => `${word} ${++number}`;
export const PASSWORD = "correct horse 7";

/* Options of a person whose browser runs no scripts. */
export const PLAIN = { javaScriptEnabled: false };

/* Options of a person whose pages come late: for one who looks on while another acts. */
export const LATE = { latency_ms: 300 };

/* The persons of one walk; all browsers are closed when it is over. */
export function persons(browser) {
	const all = [];

	return {
		async guest(options) {
			const person = await Person.open(browser, options);

			all.push(person);
			return person;
		},
		faults: () => all.flatMap((person) => person.take_faults()),
		close: () => Promise.all(all.map((person) => person.close())),
	};
}

/* The form that has this button. */
export const form = (person, button) => person.page.locator("form").filter({ has: person.page.getByRole("button", { name: button, exact: true }) }).first();

/* Fills the form that has this button, and presses it. */
export async function sends(person, button, values = {}) {
	await person.fills(values, form(person, button));
	await form(person, button).getByRole("button", { name: button, exact: true }).click();
}

export const placed = (person) => person.page.getByText(/Thank you! Order \d+ is placed/).waitFor();

/* Waits until is_so(), which asks the API, resolves to true. */
export async function until(is_so) {
	const deadline = Date.now() + 20000;

	while (!(await is_so())) {
		if (Date.now() > deadline)
			throw new Error(`not within 20 s: ${is_so}`);
		await new Promise((resolve) => setTimeout(resolve, 100));
	}
}

/* Sends a request to the API with this person's cookies. */
export async function asks(person, method, path, data, headers = {}) {
	const answer = await person.context.request.fetch(`${url}/api${path}`, { method, data, headers: { Origin: url, Accept: "application/json", ...headers } });

	if (!answer.ok())
		throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
	return answer.status() === 204 ? null : answer.json();
}

/* A person with an account and a session. */
export async function member(people, options) {
	const person = await people.guest(options);

	person.name = fresh("Member");
	person.email = `${person.name.replace(" ", "")}@walk.example`;
	await asks(person, "POST", "/accounts", { name: person.name, email: person.email, password: PASSWORD });
	return person;
}

/* A member with a shop. */
export async function seller(people, options) {
	const person = await member(people, options);

	person.shop = await asks(person, "POST", "/shops", { name: fresh("Walker's") });
	return person;
}

/* A new listing in the shop of a seller. */
export function listing(person, values = {}) {
	return asks(person, "POST", `/shops/${person.shop.shop_id}/listings`, { brand: fresh("Brand"), style: "Court Low", color: "blue", size: 9.5, condition: "new",
		audience: "men", price_cents: 8000, quantity: 3, ...values });
}

/* A slot of half an hour in the shop of a seller, a number of minutes from now. */
export function slot(person, minutes, values = {}) {
	const at = (more) => new Date(Math.ceil(Date.now() / 60000) * 60000 + (minutes + more) * 60000).toISOString();

	return asks(person, "POST", `/shops/${person.shop.shop_id}/slots`, { station: "Fitting chair", starts_at: at(0), ends_at: at(30), ...values });
}

/* Gives a person an address to ship to. */
export const lives = (person) => asks(person, "PUT", "/account/address", { name: person.name || "Dee Doe", line1: "1 Main St", city: "Austin", postcode: "73301", country: "US" });

let keys = 0;

/* Buys pairs through the API. */
export function buys(person, listing_id, quantity = 1, more = {}) {
	return asks(person, "POST", "/checkout", { items: [{ listing_id, quantity }], ...more }, { "Idempotency-Key": `walk-key-${Date.now()}-${++keys}` });
}

/* A member with the role admin, which only the operator can give. */
export async function admin(people, options) {
	const person = await member(people, options);

	execFileSync(process.env.SHOETOPIA_PROGRAM, ["--grant-admin", person.email]);
	return person;
}
