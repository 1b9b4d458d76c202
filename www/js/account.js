/* My account: name and e-mail, address, password, what friends see, and where one is signed in. */

import { write } from "./api.js";
import { $, ask, h, say, typed } from "./dom.js";
import { address_fields } from "./address.js";
import { on_submit } from "./form.js";
import { forget, need_me, sign_out } from "./frame.js";
import { draw_sessions, sign_out_elsewhere } from "./sessions.js";

/* The button that mails a link; its sentence afterwards. */
function draw_unconfirmed() {
	const button = h("button", { type: "button", class: "text", onclick: async () => {
		button.disabled = true;
		try {
			await write("POST", "/account/confirmation", {});
			say("A mail with a link is on its way to you.");
		} catch (error) {
			button.disabled = false;
			say(error.message, { bad: true });
		}
	} }, "Confirm it by a mail");

	return button;
}

function draw(account) {
	$("#who").replaceChildren(h("dt", {}, "Name"), h("dd", {}, typed(account.name)), h("dt", {}, "E-mail"), h("dd", {}, typed(account.email), " ", account.email_confirmed ? h("span", { class: "badge good" }, "Confirmed") : draw_unconfirmed()),
		h("dt", {}, "Shop"), h("dd", {}, account.shop_id ? h("a", { href: "/desk.html" }, "Run your shop") : h("a", { href: "/desk.html" }, "Open a shop")));
}

const account = await need_me();

draw(account);
$("#address-fields").replaceChildren(...address_fields(account.address));
$("#share-purchases").value = String(account.sharing.purchases);
$("#forms").hidden = false;
$("#sessions").hidden = false;

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
	draw_sessions();
	return "Your password is changed. Everywhere else you are signed out.";
});

on_submit($("#sharing"), async (values) => {
	const { purchases } = await write("PUT", "/account/sharing", values);

	return purchases ? "Friends see what you buy." : "Friends do not see what you buy.";
});

on_submit($("#delete"), async (values) => {
	if (!(await ask("Delete your account?", "This cannot be undone.", "Delete it", { no: "Keep it", grave: true })))
		return;
	await write("DELETE", "/account", values);
	forget();
	location.assign("/");
});

$("#end-others").addEventListener("click", sign_out_elsewhere);
$("#sign-out").addEventListener("click", sign_out);
await draw_sessions();
if (location.hash)
	$(location.hash)?.scrollIntoView();
