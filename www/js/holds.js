/*
 * Holds: pairs that nobody else can buy for a while. Their time is the house's: the clock of this machine may be wrong, so the countdown
 * goes by what the house said the time was.
 */

import { Attempt, get, house_time, write } from "./api.js";
import { h, say } from "./dom.js";

const SECOND = 1000, MINUTE = 60 * SECOND;

/* All that is held for me now. */
export async function my_holds() {
	const holds = [];
	let cursor = null;

	do {
		const page = await get(`/reservations?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);

		holds.push(...page.reservations);
		cursor = page.next;
	} while (cursor);
	return holds;
}

/* The attempt has a key: what was sent twice is held once. */
export async function hold(listing) {
	await new Attempt(`hold-${listing.listing_id}`).post("/reservations", { listing_ids: [listing.listing_id] });
}

/* One that is over already need not be let go. */
export async function let_go(held) {
	try {
		await write("DELETE", `/reservations/${held.reservation_id}`);
	} catch (error) {
		if (error.status !== 404)
			throw error;
	}
}

const clock = (ms) => `${Math.floor(ms / MINUTE)}:${String(Math.floor(ms / SECOND) % 60).padStart(2, "0")}`;

/*
 * How long it is held still, as a clock that runs down as long as it stands on the page. It calls over() when the time is up, and says aloud
 * when a minute is left.
 */
export function countdown(held, over) {
	const ends = new Date(held.expires_at).getTime();
	const left = () => ends - house_time();
	const node = h("strong", { class: "countdown", role: "timer" });
	let warned = left() < MINUTE;

	function tick() {
		const ms = left();

		if (!node.isConnected && node.dataset.shown)
			return;
		node.dataset.shown = "yes";
		node.textContent = clock(Math.max(ms, 0));
		if (ms <= 0) {
			setTimeout(() => node.isConnected && over(), 1.2 * SECOND); /* by then it is over in the house, too, whose clock we know to a second */
			return;
		}
		if (ms < MINUTE && !warned) {
			warned = true;
			say(`${held.brand} ${held.style} is held for you for one more minute.`);
		}
		setTimeout(tick, Math.min(ms, ms % SECOND + 20));
	}

	node.textContent = clock(Math.max(left(), 0));
	setTimeout(tick);
	return node;
}
