/* Texts about bookings of a release event: how many places are left, and the status of the viewer's own booking. */

import { h, plural, time, typed } from "./dom.js";

const DAY = 24 * 3600 * 1000;

export const event_path = (event) => `/event.html?id=${event.event_id}`;
const is_over = (event) => Date.parse(event.starts_at) + DAY <= Date.now();

export function places_text(event) {
	const left = event.capacity - event.booked;
	const line = event.waiting ? `, ${event.waiting.toLocaleString("en-US")} in line` : "";

	if (event.status === "called_off")
		return "The shop has called this event off.";
	if (is_over(event))
		return "This event is over.";
	if (!event.open)
		return "This event has begun.";
	return left ? `${left.toLocaleString("en-US")} of ${plural(event.capacity, "place")} left` : `All ${plural(event.capacity, "place")} taken${line}`;
}

export function booking_text(booking) {
	if (!booking)
		return "";
	return booking.status === "confirmed" ? "You have a place" : `You are number ${booking.position.toLocaleString("en-US")} in line`;
}

/* The viewer's own booking as a badge, or null. */
function booking_badge({ booking, was_booked }) {
	if (was_booked)
		return h("span", { class: "badge cancelled" }, "You were booked");
	return booking ? h("span", { class: `badge ${booking.status === "confirmed" ? "good" : "pending"}` }, booking_text(booking)) : null;
}

/* An event as an item of a list. */
export const event_card = (event) => h("li", { class: "card" },
	h("h2", {}, h("a", { href: event_path(event) }, typed(event.title))),
	h("p", {}, time(event.starts_at), " at ", h("a", { href: `/shop.html?id=${event.shop_id}` }, typed(event.shop_name))),
	h("p", {}, places_text(event), " ", booking_badge(event)));
