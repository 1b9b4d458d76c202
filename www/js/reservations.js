/*
 * Reservations: pairs held for the account until they expire. The countdown uses the server's time, since this machine's clock may be
 * wrong.
 */

import { Attempt, get, server_time, write } from "./api.js";
import { h, phrase, say } from "./dom.js";

const SECOND = 1000, MINUTE = 60 * SECOND;

/* All reservations of the account. */
export async function my_reservations() {
	const reservations = [];
	let cursor = null;

	do {
		const page = await get(`/reservations?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);

		reservations.push(...page.reservations);
		cursor = page.next;
	} while (cursor);
	return reservations;
}

/* Sent with an idempotency key: a repetition holds no second pair. */
export async function reserve(listing) {
	await new Attempt(`reservation-${listing.listing_id}`).post("/reservations", { listing_ids: [listing.listing_id] });
}

/* 404: it has expired already. */
export async function cancel_reservation(reservation) {
	try {
		await write("DELETE", `/reservations/${reservation.reservation_id}`);
	} catch (error) {
		if (error.status !== 404)
			throw error;
	}
}

const clock = (ms) => `${Math.floor(ms / MINUTE)}:${String(Math.floor(ms / SECOND) % 60).padStart(2, "0")}`;

/*
 * The time left as an element that counts down while it is in the page. Calls over() at the end, and announces the last minute.
 */
export function countdown(reservation, over, last_minute = phrase`${reservation.brand} ${reservation.style} is held for you for one more minute.`) {
	const ends = new Date(reservation.expires_at).getTime();
	const left = () => ends - server_time();
	const node = h("strong", { class: "countdown", role: "timer" });
	let warned = left() < MINUTE;

	function tick() {
		const ms = left();

		if (!node.isConnected && node.dataset.shown)
			return;
		node.dataset.shown = "yes";
		node.textContent = clock(Math.max(ms, 0));
		if (ms <= 0) {
			setTimeout(() => node.isConnected && over(), 1.2 * SECOND); /* by then it has expired on the server too: server_time() is accurate to about a second */
			return;
		}
		if (ms < MINUTE && !warned) {
			warned = true;
			say(last_minute);
		}
		setTimeout(tick, Math.min(ms, ms % SECOND + 20));
	}

	node.textContent = clock(Math.max(left(), 0));
	setTimeout(tick);
	return node;
}
