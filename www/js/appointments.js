/* My appointments: those to come, soonest first, each with a button to cancel it; then past ones. */

import { get } from "./api.js";
import { $, empty, failed, h, phrase, typed } from "./dom.js";
import { need_me } from "./frame.js";
import { add_by_day, cancel_appointment, days_of, hour, span, zone } from "./calendar.js";
import { offer_more } from "./paged_list.js";

const page = $("#page");

async function cancel(appointment) {
	if (await cancel_appointment(appointment, appointment.shop_name)) {
		await load();
		$("h1").focus();
	}
}

const draw = (appointment) => h("li", { class: "slot", id: `slot-${appointment.slot_id}` },
	h("p", {}, span(appointment), h("span", {}, typed(appointment.station)), h("a", { href: `/slots.html?id=${appointment.shop_id}` }, typed(appointment.shop_name))),
	new Date(appointment.starts_at) > new Date() ? h("button", { type: "button", class: "grave", onclick: () => cancel(appointment) }, "Cancel",
		h("span", { class: "unseen" }, phrase` ${hour(appointment.starts_at)}, ${appointment.station} at ${appointment.shop_name}`)) : null);

const read = (cursor) => get(`/appointments?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);

/* Reads pages until all appointments to come are there; of past ones, those on the pages that were read, and the cursor of the next page. */
async function ask_all() {
	const coming = [], over = [];
	let cursor = "";

	do {
		const answer = await read(cursor);

		for (const appointment of answer.appointments)
			(new Date(appointment.ends_at) > new Date() ? coming : over).push(appointment);
		cursor = answer.next || "";
	} while (cursor && !over.length);
	return { coming: coming.reverse(), over, cursor };
}

async function load() {
	try {
		const { coming, over, cursor } = await ask_all();
		const past = days_of(over, draw);

		page.replaceChildren(
			coming.length ? h("section", {}, h("h2", {}, "To come"), days_of(coming, draw), h("p", { class: "hint" }, `Times are those of your zone, ${zone()}.`)) :
				empty("You have no appointment", "Shops fit shoes and look whether they are real. Open the page of a shop, and choose “Book an appointment”.", h("a", { class: "button", href: "/" }, "Find a shop by its shoes")),
			over.length ? h("section", {}, h("h2", {}, "Over"), past) : "");
		if (over.length)
			offer_more(past, cursor, read, (next) => add_by_day(past, next.appointments, draw));
	} catch (error) {
		page.replaceChildren(failed(error, load));
	}
}

$("h1").tabIndex = -1;
await need_me();
await load();
