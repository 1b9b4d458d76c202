/* The payment of an order: what is known of it, how long it may be paid, and the way to the provider's page. With payments off an order has none. */

import { Attempt } from "./api.js";
import { cents_of, h, money, own, say, time } from "./dom.js";
import { countdown } from "./reservations.js";
import { watch } from "./watch.js";

const PACE = 2000;                       /* ms between two looks at a payment that is about to change */
const UNSETTLED = ["open", "closing", "refund_due"];
const BADGES = { due: ["pending", "To be paid"], open: ["pending", "To be paid"], closing: ["pending", "Being closed"], refund_due: ["cancelled", "Cancelled"], refunded: ["cancelled", "Refunded"] };

/* The class and the words of an order's badge while its payment matters more than its shipments; undefined: it does not. */
export const payment_badge = (order) => order.payment && own(BADGES, order.payment.status);

export const is_payable = ({ payment }) => Boolean(payment) && ["due", "open"].includes(payment.status);

/* Leads to the provider's page. It is one page at a time: asked again, it is the same. */
async function pay(order, button) {
	button.disabled = true;
	try {
		const { payment } = await new Attempt(`pay-${order.order_id}`).post(`/orders/${order.order_id}/payment`, {});

		location.assign(payment.url);
	} catch (error) {
		button.disabled = false;
		say(error.code === "busy" ? "The payment page is not there yet. Nothing is lost: try again in a moment." : error.message, { bad: true });
	}
}

function draw_payable(order, changed) {
	const button = h("button", { type: "button", onclick: () => pay(order, button) }, `${order.payment.status === "open" ? "Go on paying" : "Pay"} ${money(order.payment.amount_cents)}`);

	return [h("p", {}, "Pay until ", time(order.payment.due_at), ", in ", countdown({ expires_at: order.payment.due_at }, changed, `Order ${order.order_id} can be paid for one more minute.`), ". Then your shoes go back on the shelf."),
		h("p", { class: "row" }, button, h("span", { class: "hint" }, "You pay on the page of our payment provider. We never see your card."))];
}

let fee_bps = null; /* of the marketplace, in hundredths of a percent; null: there is none */

export function set_fee(bps) {
	fee_bps = bps;
}

/* Says below the input of a price, while it is typed, what of it the seller gets. */
export function show_net(input) {
	const note = h("p", { class: "hint", role: "status" });

	input.closest(".field").append(note);
	input.addEventListener("input", () => {
		const cents = cents_of(input.value);

		note.textContent = fee_bps === null || Number.isNaN(cents) ? "" : `You get ${money(cents - Math.floor(cents * fee_bps / 10000))}: the marketplace keeps ${fee_bps / 100}%.`;
	});
}

/* has_returned: the buyer comes from the provider's page. */
export function draw_payment(order, changed, has_returned) {
	const { status, amount_cents, refunded_cents } = order.payment || {};
	const texts = {
		closing: ["We are asking the payment provider whether this was paid. If it was not, nothing is charged and your shoes go back on the shelf."],
		paid: ["Paid: ", money(amount_cents ?? 0), refunded_cents ? `. ${money(refunded_cents)} of it was paid back to you` : "", "."],
		refund_due: ["Your money is on its way back to you. Depending on your bank that takes a few days."],
		refunded: ["Paid back to you: ", money(refunded_cents ?? 0), "."],
		void: ["Nothing was charged."],
	};

	if (!order.payment)
		return null;
	return h("div", { class: status === "paid" ? "payment good" : "payment", role: "status" },
		is_payable(order) ? [status === "open" && has_returned ? h("p", {}, "We have not heard of your payment yet. If you have paid, this page will say so in a moment.") : null, draw_payable(order, changed)] :
			h("p", {}, own(texts, status) || status));
}

const following = new Map(); /* by order: what stops it */

/* Calls seen(order) each time that a payment which is about to change has changed. An order is followed once, however often it is drawn. */
export function follow_payment(order, seen) {
	following.get(order.order_id)?.();
	following.delete(order.order_id);
	if (order.payment && UNSETTLED.includes(order.payment.status))
		following.set(order.order_id, watch(`/orders/${order.order_id}`, (after) => {
			if (after && JSON.stringify(after) !== JSON.stringify(order))
				seen(after);
		}, (after) => (UNSETTLED.includes(after.payment?.status) ? PACE : 0)));
}
