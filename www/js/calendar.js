/* Slots and appointments by day, in the browser's time zone. */

import { get, write } from "./api.js";
import { $, ask, h, phrase, say } from "./dom.js";

const day_words = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const short_words = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short" });
const hour_words = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });

export const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone.replaceAll("_", " ");
export const hour = (text) => hour_words.format(new Date(text));
export const short_day = (date) => short_words.format(date);
export const moment = (slot) => `${short_words.format(new Date(slot.starts_at))}, ${hour(slot.starts_at)}`;

/* Midnight, a number of days after the date's own; not a multiple of 24 hours, since a day may have 23. */
export const days_after = (date, days) => new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);

const is_same_day = (one, other) => days_after(new Date(one), 0).getTime() === days_after(new Date(other), 0).getTime();

/* Start and end of a slot, with the day of the end if it is another one. */
export function span(slot) {
	const end = is_same_day(slot.starts_at, slot.ends_at) ? hour(slot.ends_at) : `${short_words.format(new Date(slot.ends_at))}, ${hour(slot.ends_at)}`;

	return h("span", { class: "span" }, h("time", { datetime: slot.starts_at }, hour(slot.starts_at)), " to ", h("time", { datetime: slot.ends_at }, end));
}

/* Adds slots to a list of cards, one for each day that has slots; draw(slot) makes a row. Those of its last day go into the last card. Returns the rows. */
export function add_by_day(cards, slots, draw) {
	return slots.map((slot) => {
		const day = String(days_after(new Date(slot.starts_at), 0).getTime());
		const row = draw(slot);

		if (cards.lastElementChild?.dataset.day !== day)
			cards.append(h("section", { class: "card day", "data-day": day }, h("h3", {}, day_words.format(new Date(Number(day)))), h("ul", {})));
		$("ul", cards.lastElementChild).append(row);
		return row;
	});
}

/* A list of such cards. */
export function days_of(slots, draw) {
	const cards = h("div", { class: "days" });

	add_by_day(cards, slots, draw);
	return cards;
}

/* All slots of a shop with from <= start < to: reads every page. */
export async function slots_between(shop_id, from, to) {
	const all = [];
	let cursor = "";

	do {
		const answer = await get(`/shops/${shop_id}/slots?limit=100&from=${from.toISOString()}&to=${to.toISOString()}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);

		all.push(...answer.slots);
		cursor = answer.next || "";
	} while (cursor);
	return all;
}

/* Cancels an appointment after a confirmation. Resolves to false if that was not given. */
export async function cancel_appointment(slot, shop_name) {
	if (!(await ask("Cancel this appointment?", phrase`${moment(slot)}, ${slot.station} at ${shop_name}. Somebody else can have it then.`, "Cancel the appointment", { no: "Keep it", grave: true })))
		return false;
	try {
		await write("DELETE", `/slots/${slot.slot_id}/appointment`);
		say("Your appointment is cancelled.");
	} catch (error) {
		say(error.status === 404 ? "This appointment is no longer yours." : error.message, { bad: true });
	}
	return true;
}
