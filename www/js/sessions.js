/* Where the account is signed in, and signing out there. The list is part of the account page. */

import { write } from "./api.js";
import { $, ask, h, say, time } from "./dom.js";
import { fill_paged_list } from "./paged_list.js";

/* Ends sessions by call, and reloads the list; the focus moves to its heading. */
async function end(button, done, call) {
	button.disabled = true;
	try {
		await call();
		say(done);
	} catch (error) {
		if (error.status !== 404) {
			button.disabled = false;
			say(error.message, { bad: true });
			return;
		}
		say("That session is over already.");
	}
	await draw_sessions();
	$("#sessions-title").focus();
}

function end_button(session, place) {
	const button = h("button", { type: "button", class: "quiet",
		onclick: () => end(button, "Signed out there.", () => write("DELETE", `/sessions/${session.session_id}`)) },
	"Sign out there", h("span", { class: "unseen" }, `: ${place}, `, time(session.created_at)));

	return button;
}

function row(session) {
	const place = session.address || "Unknown address";

	return h("li", { class: "person" }, h("span", { class: "face", "aria-hidden": "true" }, session.current ? "✓" : "→"),
		h("div", {}, h("h3", {}, session.current ? "Here, on this device" : place),
			h("p", { class: "facts" }, "Signed in ", time(session.created_at), session.current && session.address ? ` from ${session.address}` : null),
			session.current ? null : h("p", { class: "facts" }, "Last used ", time(session.last_used_at))),
		h("div", { class: "row" }, session.current ? null : end_button(session, place)));
}

/* Fills #sessions. */
export async function draw_sessions() {
	const page = await fill_paged_list($("#sessions ul"), "/sessions", "limit=20", { items: "sessions", draw: row });

	$("#end-others").hidden = !page || page.sessions.length < 2;
}

export function sign_out_elsewhere(event) {
	const button = event.currentTarget;

	return ask("Sign out everywhere else?", "You stay signed in here. Everywhere else the password is needed again.", "Sign out everywhere else", { grave: true })
		.then((yes) => (yes ? end(button, "You are signed in here alone.", () => write("DELETE", "/sessions")) : null))
		.finally(() => { button.disabled = false; });
}
