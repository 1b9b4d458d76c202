/* One release event, polled: the places left, the viewer's booking or position on the waiting list, and the buttons to book and cancel. */

import { Attempt, get, write } from "./api.js";
import { $, ask, failed, h, missing, say, time, typed } from "./dom.js";
import { me } from "./frame.js";
import { sign_in_first } from "./guest.js";
import { booking_text, places_text } from "./bookings.js";
import { watch } from "./watch.js";

const OFTEN = 2000, SELDOM = 15000;
const id = new URLSearchParams(location.search).get("id");
const page = $("#page");
const left = h("p", { class: "left", id: "left" });
const bar = h("progress", { "aria-label": "Places taken" });
const mine = h("div", { id: "mine" });
let account = null;
let before = null;
let stop = () => {};
let busy = false;

/* How often to poll, by what can still change. */
const pace = (event) => (!event.open ? 0 : event.waiting || event.booked < event.capacity ? OFTEN : SELDOM);

function follow() {
	stop();
	stop = watch(`/events/${id}`, (event) => (event ? draw(event) : gone()), pace);
}

/* Runs one action at a time, then shows the event as it is afterwards. */
async function act(what) {
	if (busy)
		return;
	busy = true;
	mine.setAttribute("aria-busy", "true");
	try {
		await what();
	} catch (error) {
		say(error.message, { bad: true });
	}
	try {
		draw(await get(`/events/${id}`));
		$("#mine p")?.focus();
	} catch (error) {
		say(error.message, { bad: true });
	}
	busy = false;
	mine.removeAttribute("aria-busy");
	follow();
}

function book() {
	if (account)
		act(() => new Attempt(`booking-${id}`).post(`/events/${id}/booking`, {}));
	else
		sign_in_first({ method: "POST", path: `/events/${id}/booking`, body: {} }, "Your place is shown here.");
}

async function cancel_booking(booking) {
	const has = booking.status === "confirmed";

	if (await ask(has ? "Give your place back?" : "Leave the line?", has ? "Whoever is first in line has it then." : "If you come back, you stand at its end.",
		has ? "Give it back" : "Leave the line", { no: has ? "Keep it" : "Stay", grave: true }))
		act(() => write("DELETE", `/events/${id}/booking`));
}

function own_booking(event) {
	const { booking } = event;
	const full = event.booked >= event.capacity;
	const own_shop = account && account.shop_id === event.shop_id ? h("p", {}, "This is your event. ", h("a", { href: "/desk-events.html" }, "Change it in your shop")) : null;

	if (event.was_booked)
		return [h("p", { class: "notice", tabindex: "-1" }, "You were booked for it. Nobody is booked any more."), own_shop];
	if (booking && !event.open)
		return [h("p", { class: booking.status === "confirmed" ? "done" : "notice", tabindex: "-1" },
			booking.status === "confirmed" ? `${booking_text(booking)}.` : "You waited in line; no more places came free."), own_shop];
	if (booking)
		return [h("p", { class: booking.status === "confirmed" ? "done" : "notice", tabindex: "-1" }, `${booking_text(booking)}.`),
			h("button", { type: "button", class: "quiet", onclick: () => cancel_booking(booking) }, booking.status === "confirmed" ? "Give my place back" : "Leave the line"), own_shop];
	if (!event.open)
		return [own_shop];
	return [h("p", { tabindex: "-1" }, full ? "Who gives a place back makes room for the first in line." : "One place for each account."),
		h("button", { type: "button", onclick: book }, full ? "Join the waiting line" : "Book a place"), own_shop];
}

/* Redraws the viewer's own part only when it changed: a redraw would lose the focus and repeat the announcement. */
function draw(event) {
	const state = JSON.stringify([event.booking, event.was_booked, event.booked >= event.capacity, event.open]);

	const [, number, words] = /^([\d,]*)(.*)$/.exec(places_text(event));

	left.replaceChildren(number ? h("strong", {}, number) : "", words);
	bar.hidden = !event.open;
	bar.max = event.capacity;
	bar.value = event.booked;
	if (document.title !== `${event.title} · Shoetopia` || before?.starts_at !== event.starts_at) {
		document.title = `${event.title} · Shoetopia`;
		$("h1").replaceChildren(typed(event.title));
		$("#when").replaceChildren(time(event.starts_at), " at ", h("a", { href: `/shop.html?id=${event.shop_id}` }, typed(event.shop_name)));
	}
	if (state !== before?.state)
		mine.replaceChildren(...own_booking(event).filter(Boolean));
	if (before?.booking?.status === "waiting" && event.booking?.status === "confirmed")
		say("A place came free, and it is yours.");
	before = { state, booking: event.booking, starts_at: event.starts_at };
}

function gone() {
	stop();
	page.replaceChildren(missing("There is no such event", "The address may be mistyped.", h("a", { class: "button", href: "/events.html" }, "See what is announced")));
}

async function load() {
	if (!/^\d+$/.test(id || "")) {
		gone();
		return;
	}
	try {
		account = await me;
		const event = await get(`/events/${id}`);

		page.replaceChildren(h("div", { class: "front" }, h("h1", {}), h("p", { id: "when" })), h("section", { class: "sale", "aria-label": "Places" }, left, bar, mine));
		draw(event);
		follow();
	} catch (error) {
		if (error.status === 404)
			gone();
		else
			page.replaceChildren(failed(error, load));
	}
}

load();
