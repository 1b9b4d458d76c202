/* The slots of my shop with their bookings, a button to withdraw each that is free, and the form to offer one or several in a row. */

import { get, write } from "./api.js";
import { $, empty, h, phrase, plural, say, typed } from "./dom.js";
import { on_submit } from "./form.js";
import { add_by_day, days_of, hour, moment, span } from "./calendar.js";
import { offer_more } from "./paged_list.js";

const MINUTE = 60000, MANY = 48;

async function withdraw(shop, slot) {
	try {
		await write("DELETE", `/slots/${slot.slot_id}`);
		say(phrase`Withdrawn: ${moment(slot)}, ${slot.station}.`);
	} catch (error) {
		say(error.code === "slot_taken" ? "Somebody has just booked this slot." : error.message, { bad: true });
	}
	await draw_slots(shop);
	$("#slots-title").focus();
}

const draw_slot = (shop, slot) => h("li", { class: slot.taken ? "slot taken" : "slot", id: `slot-${slot.slot_id}` }, h("p", {}, span(slot), h("span", { class: "hint" }, typed(slot.station))),
	slot.taken ? h("span", { class: "badge good" }, slot.booked_by ? typed(slot.booked_by) : "Taken") :
		h("button", { type: "button", class: "quiet", onclick: (event) => {
			event.currentTarget.disabled = true;
			withdraw(shop, slot);
		} }, "Withdraw", h("span", { class: "unseen" }, phrase` ${moment(slot)}, ${slot.station}`)));

export async function draw_slots(shop) {
	const read = (cursor) => get(`/shops/${shop.shop_id}/slots?limit=50${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
	const { slots, next } = await read("");
	const booked = slots.filter((slot) => slot.taken).length;
	const days = days_of(slots, (slot) => draw_slot(shop, slot));

	$("#slots-title").textContent = slots.length ? `Appointments: ${booked} of ${next ? "the next " : ""}${plural(slots.length, "slot")} taken` : "Appointments";
	$("#slot-days").replaceChildren(slots.length ? days : empty("You offer no appointments", "Say at which station and when, and buyers can come to have shoes fitted or authenticated."));
	if (slots.length)
		offer_more(days, next, read, (page) => add_by_day(days, page.slots, (slot) => draw_slot(shop, slot)));
}

/* Sends the slots one after the other, each with its own idempotency key. Those that overlap another slot are returned as refused. */
async function offer_slots(shop, { station, starts_at, minutes, count }, attempt) {
	const made = [], refused = [];

	for (let n = 0; n < count; n++) {
		const begin = new Date(starts_at).getTime() + n * minutes * MINUTE;
		const slot = { station, starts_at: new Date(begin).toISOString(), ends_at: new Date(begin + minutes * MINUTE).toISOString() };

		try {
			made.push(await attempt.post(`/shops/${shop.shop_id}/slots`, slot));
		} catch (error) {
			if (error.code !== "slot_taken" || count === 1)
				throw error;
			refused.push(slot);
		}
	}
	return { made, refused };
}

function summary({ made, refused }) {
	const words = made.length ? [`${plural(made.length, "slot")} offered, from ${moment(made[0])}.`] : [];

	if (refused.length)
		words.push(`Left out, since the station has a slot at that time already: ${refused.map((slot) => hour(slot.starts_at)).join(", ")}.`);
	return words.join(" ");
}

const wrong = (field, message) => Object.assign(new Error(message), { errors: [{ field, message }] });

export function listen_to_slots(shop_now) {
	on_submit($("#new-slots"), async (values, attempt) => {
		if (!(values.count >= 1 && values.count <= MANY))
			throw wrong("count", `From 1 to ${MANY}.`);
		if (!(values.minutes >= 1 && values.minutes <= 1440))
			throw wrong("minutes", "From 1 to 1440 minutes, which is a day.");
		try {
			return summary(await offer_slots(shop_now(), values, attempt));
		} finally {
			await draw_slots(shop_now()).catch(() => {});
		}
	});
}
