/* My account: name and e-mail, address, password. */

import { write } from "./api.js";
import { $, h } from "./dom.js";
import { address_fields } from "./address.js";
import { on_submit } from "./form.js";
import { need_me, sign_out } from "./frame.js";

function draw(account) {
	$("#who").replaceChildren(h("dt", {}, "Name"), h("dd", {}, account.name), h("dt", {}, "E-mail"), h("dd", {}, account.email),
		h("dt", {}, "Shop"), h("dd", {}, account.shop_id ? h("a", { href: "/myshop.html" }, "Run your shop") : h("a", { href: "/myshop.html" }, "Open a shop")));
}

const account = await need_me();

draw(account);
$("#address-fields").replaceChildren(...address_fields(account.address));
$("#forms").hidden = false;

on_submit($("#address"), async (values) => {
	await write("PUT", "/account/address", values);
	return "Your address is kept.";
});

on_submit($("#email"), async (values) => {
	draw({ ...account, ...(await write("PUT", "/account/email", values)) });
	$("#email").reset();
	return "From now on you sign in with the new e-mail.";
});

on_submit($("#password"), async (values) => {
	await write("PUT", "/account/password", values);
	$("#password").reset();
	return "Your password is changed. Everywhere else you are signed out.";
});

$("#sign-out").addEventListener("click", sign_out);
if (location.hash)
	$(location.hash)?.scrollIntoView();
