/* What has happened to a shipment of an order so far, and what comes next: won, paid, packed, sent, delivered; or picked up, cancelled, paid back. */

import { h, time, typed } from "./dom.js";

const DONE = "was", NOW = "is", NEXT = "later", BAD = "off"; /* classes */
const WORDS = new Map([[DONE, "Done: "], [NOW, "Now: "], [NEXT, "Later: "], [BAD, ""]]);

/* A step; at: when it was done (null: not known, or not yet); words: what is to be said besides. */
const step = (state, name, at = null, words = null) => ({ state, name, at, words });

function payment_step({ payment }) {
	if (payment.status === "due" || payment.status === "open")
		return step(NOW, "To be paid", null, ["by ", time(payment.due_at)]);
	if (payment.status === "closing")
		return step(NOW, "Being closed");
	return step(DONE, "Paid", payment.paid_at);
}

/* How a cancelled shipment ends: with or without money that goes back. */
function cancelled_steps(order) {
	const { payment } = order;
	const ended = step(BAD, payment && payment.status === "void" && Date.parse(payment.due_at) <= Date.parse(order.cancelled_at) ? "Not paid in time" : "Cancelled", order.cancelled_at);

	if (!payment)
		return [ended];
	if (payment.status === "refunded" || (payment.status === "paid" && payment.refunded_at))
		return [step(DONE, "Paid", payment.paid_at), ended, step(DONE, "Paid back", payment.refunded_at)];
	if (payment.status === "void")
		return [{ ...ended, words: "Nothing was charged" }];
	return [step(DONE, "Paid", payment.paid_at), ended, step(NOW, "Money on its way back", null, "It takes a few days")];
}

function steps_of(order, shipment) {
	const won = step(DONE, "Won", order.created_at);
	const is_pickup = order.delivery === "pickup";
	const is_paid = !order.payment || order.payment.status === "paid";
	const sent = ["shipped", "delivered"].includes(shipment.status);
	const arrived = shipment.status === "delivered";
	const state = (is_done, is_now) => (is_done ? DONE : is_now ? NOW : NEXT);

	if (order.status === "cancelled" || shipment.status === "cancelled")
		return [won, ...cancelled_steps(order)];
	return [won, ...(order.payment ? [payment_step(order)] : []),
		...(is_pickup ? [step(state(sent, is_paid), "Ready", shipment.shipped_at, sent || !is_paid ? null : "You can pick it up"),
			step(state(arrived, sent), arrived ? "Picked up" : "To be picked up", shipment.delivered_at, order.payment || arrived ? null : "You pay there")] :
			[step(state(sent, is_paid), sent || !is_paid ? "Packed" : "Being packed"), step(state(sent, false), "Sent", shipment.shipped_at, shipment.tracking ? ["Tracking ", h("code", {}, typed(shipment.tracking))] : null),
				step(state(arrived, sent), arrived ? "Delivered" : sent ? "On its way" : "Delivered", shipment.delivered_at)])];
}

export function draw_timeline(order, shipment) {
	return h("ol", { class: "timeline", "aria-label": "What has happened so far" }, steps_of(order, shipment).map(({ state, name, at, words }) =>
		h("li", { class: state, "aria-current": state === NOW ? "step" : null }, h("span", { class: "mark" }), h("span", { class: "way" }), h("strong", {}, h("span", { class: "unseen" }, WORDS.get(state)), name),
			at ? h("span", { class: "at" }, time(at)) : null, words ? h("span", { class: "at" }, words) : null)));
}
