/* Sign in and sign up: forms that differ by the name alone. */

import { write } from "./api.js";
import { $ } from "./dom.js";
import { on_submit } from "./form.js";
import { me, next_path, remember } from "./frame.js";
import { carry_out } from "./guest.js";

const form = $("#sign-in");
const other = $("#other");

on_submit(form, async (values) => {
	const { account } = await write("POST", form.dataset.path, values);

	remember(account);
	await carry_out();
	location.assign(next_path());
});

other.search = location.search;
me.then(async (account) => {
	if (!account)
		return;
	await carry_out();
	location.replace(next_path());
});
