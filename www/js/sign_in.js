/* Sign in and sign up: forms that differ by the name alone. */

import { write } from "./api.js";
import { $ } from "./dom.js";
import { on_submit } from "./form.js";
import { me, next_path, remember } from "./frame.js";

const form = $("#sign-in");
const other = $("#other");

on_submit(form, async (values) => {
	const { account } = await write("POST", form.dataset.path, values);

	remember(account);
	location.assign(next_path());
});

other.search = location.search;
me.then((account) => {
	if (account)
		location.replace(next_path());
});
