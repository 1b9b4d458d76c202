/* My appointments: those to come, soonest first, each with a button to cancel it; then past ones. */

import { get } from "./api.js";
import { $, empty, failed, h } from "./dom.js";
import { need_me } from "./frame.js";
import { day_cards, cancel_appointment, hour, span, zone } from "./calendar.js";

const page = $("#page");

async function cancel(appointment) {
	if (await cancel_appointment(appointment, appointment.shop_name)) {
		await load();
		$("h1").focus();
	}
}

const draw = (appointment) => h("li", { class: "slot", id: `slot-${appointment.slot_id}` },
	h("p", {}, span(appointment), h("span", {}, appointment.station), h("a", { href: `/slots.html?id=${appointment.shop_id}` }, appointment.shop_name)),
	new Date(appointment.starts_at) > new Date() ? h("button", { type: "button", class: "grave", onclick: () => cancel(appointment) }, "Cancel",
		h("span", { class: "unseen" }, ` ${hour(appointment.starts_at)}, ${appointment.station} at ${appointment.shop_name}`)) : null);

/* Reads pages until all appointments to come are there; of past ones, those on the pages that were read. */
async function ask_all() {
	const coming = [], over = [];
	let cursor = "";

	do {
		const answer = await get(`/appointments?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);

		for (const appointment of answer.appointments)
			(new Date(appointment.ends_at) > new Date() ? coming : over).push(appointment);
		cursor = over.length ? "" : answer.next || "";
	} while (cursor);
	return { coming: coming.reverse(), over };
}

async function load() {
	try {
		const { coming, over } = await ask_all();

		page.replaceChildren(
			coming.length ? h("section", {}, h("h2", {}, "To come"), h("div", { class: "days" }, day_cards(coming, draw)), h("p", { class: "hint" }, `Times are those of your zone, ${zone()}.`)) :
				empty("You have no appointment", "Shops fit shoes and look whether they are real. Open the page of a shop, and choose “Book an appointment”.", h("a", { class: "button", href: "/" }, "Find a shop by its shoes")),
			over.length ? h("section", {}, h("h2", {}, "Over"), h("div", { class: "days" }, day_cards(over, draw))) : "");
	} catch (error) {
		page.replaceChildren(failed(error, load));
	}
}

$("h1").tabIndex = -1;
await need_me();
await load();
