/* The release events of my shop: the form to announce one, and for each that is not over a form to change it and a button to call it off. */

import { write } from "./api.js";
import { $, ask, empty, h, own, phrase, plural, say, time, typed } from "./dom.js";
import { clear_errors, field, on_submit } from "./form.js";
import { event_path, places_text } from "./bookings.js";
import { fill_paged_list } from "./paged_list.js";

/* A time as a datetime-local input has it: local time. */
function local(text) {
	const date = new Date(text);

	return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

/* Only changed fields are sent: a concurrent change of another field is kept. */
function changed(values, event) {
	const now = { title: event.title, starts_at: local(event.starts_at), capacity: event.capacity };

	return Object.fromEntries(Object.entries(values).filter(([name, value]) => (name === "starts_at" ? local(value) : value) !== own(now, name)));
}

/* Calls an event off after a confirmation, and draws all events anew. */
async function call_off(shop, event) {
	const number = event.booked + event.waiting;
	const who = number ? `${plural(number, "person", "people")} booked or waiting will see that it is called off.` : "Nobody has booked a place yet.";

	if (!(await ask(phrase`Call ${event.title} off?`, `${who} It cannot be announced again.`, "Call it off", { no: "Keep it", grave: true })))
		return;
	try {
		await write("DELETE", `/events/${event.event_id}`);
		say(phrase`${event.title} is called off.`);
	} catch (error) {
		say(error.message, { bad: true });
	}
	await draw_events(shop);
}

function draw_event(shop, first) {
	let event = first;
	const n = event.event_id;
	const title = h("h3", {});
	const facts = h("p", { class: "facts" });
	const form = h("form", { id: `event-form-${n}` },
		field("Title", h("input", { id: `event-title-${n}`, name: "title", maxlength: "80", required: true, autocomplete: "off" })),
		field("Starts at", h("input", { id: `event-start-${n}`, name: "starts_at", "data-kind": "time", type: "datetime-local", required: true })),
		field("Places", h("input", { id: `event-places-${n}`, name: "capacity", "data-kind": "integer", inputmode: "numeric", required: true, autocomplete: "off" }), "More of them let the line move up."),
		h("button", { class: "quiet" }, "Change", h("span", { class: "unseen" }, " the event")));

	function draw() {
		title.replaceChildren(h("a", { href: event_path(event) }, typed(event.title)));
		facts.replaceChildren(time(event.starts_at), ` · ${places_text(event)}`);
	}

	function fill() {
		$("[name=title]", form).value = event.title;
		$("[name=starts_at]", form).value = local(event.starts_at);
		$("[name=capacity]", form).value = String(event.capacity);
		for (const name of ["starts_at", "capacity"]) /* once it has begun, its title alone can be changed */
			$(`[name=${name}]`, form).disabled = !event.open;
	}

	on_submit(form, async (values) => {
		try {
			event = await write("PATCH", `/events/${n}`, changed(values, event), { version: event.version });
		} catch (error) {
			/* Another edit came first. Its values are shown at each field; the next submit is against that version. */
			if (error.code === "stale")
				event = { ...event, version: error.body.version };
			throw error;
		}
		draw();
		fill();
		clear_errors(form);
		return "Changed.";
	});
	draw();
	fill();
	return h("li", { class: "card" }, title, facts, event.status === "called_off" ? null : form,
		event.open ? h("button", { type: "button", class: "grave", onclick: () => call_off(shop, event) }, "Call it off", h("span", { class: "unseen" }, phrase` (${event.title})`)) : null);
}

export const draw_events = (shop) => fill_paged_list($("#my-events"), "/events", `limit=20&shop_id=${shop.shop_id}`, { items: "events", draw: (event) => draw_event(shop, event),
	none: empty("No event is announced", "Announce a release: buyers book its places, and wait in line when they are taken.") });

/* The form for a new event; shop() returns the shop by the time that it is submitted. */
export function listen_to_events(shop) {
	on_submit($("#event-new"), async (values, attempt) => {
		const event = await attempt.post(`/shops/${shop().shop_id}/events`, values);

		$("#event-new").reset();
		await draw_events(shop());
		return phrase`${event.title} is announced.`;
	});
}
