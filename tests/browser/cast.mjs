/* Who takes part in a walk, and what each of them has done before it begins. What is not the subject is done through the API. */
import { execFileSync } from "node:child_process";
import { Person, url } from "./person.mjs";

let number = 0;

/* A name that nobody had before, in this run. */
export const fresh = (word) => `${word} ${++number}`;
export const PASSWORD = "correct horse 7";

/* The people of one walk; they leave together when it is over. */
export function crowd(browser) {
	const all = [];

	return {
		async comes(options) {
			const person = await Person.arrives(browser, options);

			all.push(person);
			return person;
		},
		complaints: () => all.flatMap((person) => person.complaints()),
		leave: () => Promise.all(all.map((person) => person.leaves())),
	};
}

/* Asks the API as this person, whose cookies the browser keeps. */
export async function asks(person, method, path, data, headers = {}) {
	const answer = await person.context.request.fetch(`${url}/api${path}`, { method, data, headers: { Origin: url, Accept: "application/json", ...headers } });

	if (!answer.ok())
		throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
	return answer.status() === 204 ? null : answer.json();
}

/* Signs up; the browser has the cookie from then on. */
export async function member(people, options) {
	const person = await people.comes(options);

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

/* One more listing in the shop of a seller. */
export function listing(person, values = {}) {
	return asks(person, "POST", `/shops/${person.shop.shop_id}/listings`, { brand: fresh("Brand"), style: "Court Low", color: "blue", size: 9.5, condition: "new",
		audience: "men", price_cents: 8000, quantity: 3, ...values });
}

/* A slot of half an hour in the shop of a seller, so many minutes from now. */
export function slot(person, minutes, values = {}) {
	const at = (more) => new Date(Math.ceil(Date.now() / 60000) * 60000 + (minutes + more) * 60000).toISOString();

	return asks(person, "POST", `/shops/${person.shop.shop_id}/slots`, { station: "Fitting chair", starts_at: at(0), ends_at: at(30), ...values });
}

let keys = 0;

/* Buys through the API. */
export function buys(person, listing_id, quantity = 1) {
	return asks(person, "POST", "/checkout", { items: [{ listing_id, quantity }] }, { "Idempotency-Key": `walk-key-${Date.now()}-${++keys}` });
}

/* A member who may run the house; only its operator can make one. */
export async function admin(people, options) {
	const person = await member(people, options);

	execFileSync(process.env.SHOETOPIA_PROGRAM, ["--grant-admin", person.email]);
	return person;
}
