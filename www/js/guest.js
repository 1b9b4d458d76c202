/*
 * What a guest pressed is carried out once the guest has signed in or up, and said on the page where it was pressed. It is kept in
 * sessionStorage, so it is this tab's alone, and no address can bring it.
 */

import { write } from "./api.js";
import { next_path, say_there, sign_in_path } from "./frame.js";

const PRESSED = "shoetopia.pressed"; /* sessionStorage: the write */
const KEPT_MS = 30 * 60000;

/* Leads to the sign-in page. The write is { method, path, body }; done is what to say when it is carried out. */
export function sign_in_first(write_later, done) {
	sessionStorage.setItem(PRESSED, JSON.stringify({ ...write_later, done, page: location.pathname + location.search + location.hash, at: Date.now() }));
	location.assign(sign_in_path());
}

/* On the sign-in page, when somebody is signed in: carries it out, once, if that page leads back to where it was pressed. */
export async function carry_out() {
	const pressed = JSON.parse(sessionStorage.getItem(PRESSED));

	sessionStorage.removeItem(PRESSED);
	if (!pressed || pressed.page !== next_path() || Date.now() - pressed.at > KEPT_MS)
		return;
	try {
		await write(pressed.method, pressed.path, pressed.body);
		say_there(pressed.done);
	} catch (error) {
		say_there(error.message, { bad: true });
	}
}
