/* The calendar of a shop, one week at a time: free, taken, and the viewer's own slots. */

import { Attempt, get } from "./api.js";
import { $, empty, failed, h, missing, phrase, say, typed } from "./dom.js";
import { me } from "./frame.js";
import { sign_in_first } from "./guest.js";
import { days_after, days_of, cancel_appointment, hour, moment, short_day, slots_between, span, zone } from "./calendar.js";

const id = new URLSearchParams(location.search).get("id");
const today = days_after(new Date(), 0);
let shop = null, account = null, first = today;

async function book(slot) {
	try {
		await new Attempt(`book-${slot.slot_id}`).post(`/slots/${slot.slot_id}/appointment`, {});
		say(phrase`It is yours: ${moment(slot)}, ${slot.station}.`);
	} catch (error) {
		say(error.code === "slot_taken" ? "Somebody was faster. This slot is taken; please choose another." :
			error.status === 404 ? "The shop has withdrawn this slot; please choose another." : error.message, { bad: true });
	}
	await draw_week();
	($(`#slot-${slot.slot_id} button`) || $("#week")).focus();
}

async function cancel(slot) {
	if (await cancel_appointment(slot, shop.name)) {
		await draw_week();
		($(`#slot-${slot.slot_id} button`) || $("#week")).focus();
	}
}

function draw_state(slot) {
	const which = h("span", { class: "unseen" }, phrase` ${hour(slot.starts_at)}, ${slot.station}`);

	if (slot.mine)
		return [h("button", { type: "button", class: "grave", onclick: () => cancel(slot) }, "Cancel", which)];
	if (slot.taken)
		return [h("span", { class: "badge" }, slot.booked_by ? phrase`Taken by ${slot.booked_by}` : "Taken")];
	if (!account)
		return [h("button", { type: "button", onclick: () => sign_in_first({ method: "POST", path: `/slots/${slot.slot_id}/appointment`, body: {} }, "The appointment is yours.") }, "Book", which)];
	return [h("button", { type: "button", onclick: (event) => {
		event.currentTarget.disabled = true;
		book(slot);
	} }, "Book", which)];
}

const draw_slot = (slot) => h("li", { id: `slot-${slot.slot_id}`, class: slot.mine ? "slot mine" : slot.taken ? "slot taken" : "slot" },
	h("p", {}, span(slot), h("span", { class: "hint" }, typed(slot.station)), slot.mine ? h("span", { class: "badge good" }, "Yours") : null), draw_state(slot));

/* For a week without slots: a button to the next week that has some, or a link to the shop's shoes. */
async function draw_nothing() {
	const { slots: [next] } = await get(`/shops/${id}/slots?limit=1&from=${new Date(Math.max(first, Date.now())).toISOString()}`);

	$("#days").replaceChildren(next ?
		empty("Nothing in these seven days", `The next slot is on ${moment(next)}.`, h("button", { type: "button", onclick: () => go(days_after(new Date(next.starts_at), 0)) }, "Go there")) :
		empty("Nothing is offered yet", phrase`${shop.name} has no more slots for fitting or authentication. Look again later, or see its shoes.`, h("a", { class: "button", href: `/shop.html?id=${id}` }, "See the shoes")));
}

async function draw_week() {
	const end = days_after(first, 7);

	$("#week").textContent = `${short_day(first)} to ${short_day(days_after(first, 6))}`;
	$("#earlier").disabled = first <= today;
	try {
		const slots = await slots_between(id, new Date(Math.max(first, Date.now())), end);

		if (slots.length)
			$("#days").replaceChildren(...days_of(slots, draw_slot).children);
		else
			await draw_nothing();
	} catch (error) {
		$("#days").replaceChildren(failed(error, draw_week));
	}
}

async function go(to) {
	first = to < today ? today : to;
	await draw_week();
	$("#week").focus();
}

function show(content) {
	$("#page").hidden = false;
	if (content)
		$("#page").replaceChildren(content);
}

const gone = () => show(missing("There is no such shop", "The address may be mistyped.", h("a", { class: "button", href: "/" }, "See what there is")));

async function load() {
	if (!/^\d+$/.test(id || "")) {
		gone();
		return;
	}
	try {
		shop = await get(`/shops/${id}`);
	} catch (error) {
		if (error.status === 404)
			gone();
		else
			show(failed(error, () => location.reload()));
		return;
	}
	account = await me;
	document.title = `Appointments at ${shop.name} · Shoetopia`;
	$("h1").replaceChildren(...phrase`Appointments at ${shop.name}`);
	$("#about").replaceChildren("Have your shoes fitted, or looked at whether they are real. ", account ? "" : "You sign in to book. ", h("a", { href: `/shop.html?id=${id}` }, "The shop's shoes"),
		account ? " · " : "", account ? h("a", { href: "/appointments.html" }, "My appointments") : "",
		account && String(account.shop_id) === id ? " · " : "", account && String(account.shop_id) === id ? h("a", { href: "/desk-events.html#slots" }, "This is your shop: offer slots") : "");
	$("#zone").textContent = `Times are those of your zone, ${zone()}.`;
	$("#earlier").addEventListener("click", () => go(days_after(first, -7)));
	$("#later").addEventListener("click", () => go(days_after(first, 7)));
	await draw_week();
	show();
}

load();
