/* All release events that are not over, by start time. */

import { get } from "./api.js";
import { $, empty, failed, h } from "./dom.js";
import { me } from "./frame.js";
import { event_card } from "./bookings.js";

const list = $("#events");
const more = $("#more");

async function nothing() {
	const account = await me;

	return empty("No release is announced", "When a shop announces one, its places can be booked here.", h("a", { class: "button", href: "/" }, "See the shoes"),
		account?.shop_id ? h("a", { href: "/desk-events.html" }, "Announce one in your shop") : null);
}

async function show(cursor) {
	more.replaceChildren();
	try {
		await me; /* the answer contains the viewer's own bookings, so the session has to be known */
		const page = await get(`/events?limit=20${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
		const cards = page.events.map(event_card);

		list.append(...cards);
		if (cursor)
			$("a", cards[0] || list)?.focus();
		if (page.next)
			more.append(h("button", { type: "button", class: "quiet", onclick: () => show(page.next) }, "Show more"));
		else if (!list.children.length)
			more.append(await nothing());
	} catch (error) {
		more.replaceChildren(failed(error, () => show(cursor)));
	}
}

show(null);
