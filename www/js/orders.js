/* My orders with their shipments; an order can be cancelled while nothing of it is shipped. */

import { Attempt, get } from "./api.js";
import { $, ask, empty, failed, h, money, own, phrase, say, time, typed } from "./dom.js";
import { need_me } from "./frame.js";
import { draw_payment, follow_payment, is_payable, payment_badge } from "./payment.js";
import { offer_more } from "./paged_list.js";
import { listing_path, silhouette, title, typed_lines } from "./shoe.js";
import { draw_timeline } from "./timeline.js";

const page = $("#page");
const asked = new URLSearchParams(location.search);
const placed = asked.get("placed"); /* the order that was just placed */
const returned = asked.get("order"); /* the one whose buyer comes back from the payment provider */
const STATUS = { pending: "Not sent yet", shipped: "On its way", delivered: "Delivered", cancelled: "Cancelled" };
const PICKUP_STATUS = { pending: "To be picked up", shipped: "Ready for you", delivered: "Picked up", cancelled: "Cancelled" };

/* The status of an order and the words for it: how far its shipments are. */
function progress_of(order) {
	const all = (...statuses) => order.shipments.length > 0 && order.shipments.every((shipment) => statuses.includes(shipment.status));

	if (payment_badge(order))
		return payment_badge(order);
	if (order.status === "cancelled")
		return ["cancelled", "Cancelled"];
	if (all("delivered"))
		return ["delivered", order.delivery === "pickup" ? "Picked up" : "Delivered"];
	if (order.delivery === "pickup")
		return all("pending") ? ["placed", "Placed"] : ["shipped", "Ready for you"];
	if (all("shipped", "delivered"))
		return ["shipped", "On its way"];
	return all("pending") ? ["placed", "Placed"] : ["shipped", "Partly sent"];
}

function draw_line(line) {
	const name = line.brand ? phrase`${title(line)}, US ${line.size}` : `Listing ${line.listing_id}`;
	const full = line.quantity - line.discounted;

	return h("li", {}, silhouette(line), h("span", {}, `${line.quantity} × `, h("a", { href: listing_path(line) }, name),
		line.discounted ? h("span", { class: "hint" }, full ? ` (${line.discounted} at the sale's price, ${full} at ${money(line.price_cents)})` : " (sale price)") : null),
	h("span", { class: "sum" }, money(line.total_cents)));
}

/* Where and when a shipment is picked up. */
function draw_pickup({ pickup_address, pickup_hours }) {
	return h("p", {}, "Pick-up: ", pickup_address ? typed_lines(pickup_address) : "ask the shop where and when", pickup_hours ? [h("br"), typed_lines(pickup_hours)] : null);
}

/* Whom to ask about a shipment. */
function draw_contact(shipment) {
	const name = shipment.shop_name || `Shop ${shipment.shop_id}`;

	return h("span", { class: "hint" }, "Questions? Ask ", shipment.contact_email ? [typed(name), ": ", h("a", { href: `mailto:${shipment.contact_email}` }, typed(shipment.contact_email))] :
		[h("a", { href: `/shop.html?id=${shipment.shop_id}` }, typed(name)), "."]);
}

function draw_shipment(order, shipment) {
	const words = order.delivery === "pickup" ? PICKUP_STATUS : STATUS;

	return h("section", { class: "shipment" },
		h("h3", {}, h("a", { href: `/shop.html?id=${shipment.shop_id}` }, typed(shipment.shop_name || `Shop ${shipment.shop_id}`)), order.shipments.length > 1 ? [" ", h("span", { class: `badge ${shipment.status}` }, own(words, shipment.status) || shipment.status)] : null),
		draw_timeline(order, shipment),
		order.delivery === "pickup" && ["pending", "shipped"].includes(shipment.status) ? draw_pickup(shipment) : null,
		h("ul", { class: "lines" }, shipment.lines.map(draw_line),
			order.delivery === "ship" ? h("li", {}, h("span", {}, "Shipping"), h("span", { class: "sum" }, shipment.shipping_cents ? money(shipment.shipping_cents) : "free")) : null),
		h("p", { class: "foot" }, ["shipped", "delivered"].includes(shipment.status) ? h("a", { href: `/shop.html?id=${shipment.shop_id}#review` }, "Say how it was", h("span", { class: "unseen" }, phrase` with ${shipment.shop_name}`)) : null, draw_contact(shipment)));
}

async function cancel(order) {
	if (!(await ask("Cancel this order?", `Order ${order.order_id} over ${money(order.total_cents)} is called off, and its shoes go back on the shelf. A discount that you got may be gone afterwards.`,
		"Cancel the order", { no: "Keep it", grave: true })))
		return;
	try {
		const after = await new Attempt(`cancel-${order.order_id}`).post(`/orders/${order.order_id}/cancellation`, {});

		redraw(after);
		$("#thanks")?.remove();
		$(`#order-${order.order_id} h2`).focus();
		say(after.status === "cancelled" ? `Order ${order.order_id} is cancelled.` : `Order ${order.order_id} is being cancelled.`);
	} catch (error) {
		say(error.message, { bad: true });
		load();
	}
}

function redraw(order) {
	$(`#order-${order.order_id}`).replaceWith(draw_order(order));
}

/* Reads an order again once its time to pay is over. */
const look_again = ({ order_id }) => get(`/orders/${order_id}`).then(redraw, (error) => say(error.message, { bad: true }));

function draw_order(order) {
	const [status, words] = progress_of(order);

	follow_payment(order, redraw);

	return h("li", { class: "order card", id: `order-${order.order_id}` },
		h("div", { class: "head" }, h("h2", { tabindex: "-1" }, `Order ${order.order_id}`), h("span", { class: `badge ${status}` }, words), h("span", { class: "hint" }, time(order.created_at))),
		draw_payment(order, () => look_again(order), String(order.order_id) === returned),
		order.shipments.map((shipment) => draw_shipment(order, shipment)),
		h("p", { class: "sums" }, h("span", {}, "Total ", h("strong", {}, money(order.total_cents))), order.discount_cents ? h("span", { class: "saved" }, `You saved ${money(order.discount_cents)}`) : null,
			order.payment && order.payment.status !== "paid" ? null : h("span", { class: "papers" }, h("a", { href: `/receipt.html?order=${order.order_id}` }, order.payment ? "Receipt" : "Print"))),
		status === "placed" || is_payable(order) ? h("button", { type: "button", class: "grave", onclick: () => cancel(order) }, "Cancel this order") : null);
}

/* Thanks for the order that the address names: one's own, and newly placed. */
function draw_thanks(orders) {
	const order = orders.find((one) => String(one.order_id) === placed);

	if (!order || order.status === "cancelled" || !(progress_of(order)[0] === "placed" || is_payable(order)))
		return "";
	return h("p", { class: "done", id: "thanks", role: "status" }, `Thank you! Order ${placed} is placed. ${is_payable(order) ? "Nobody else can have your shoes now: pay for them in time, below." :
		order.payment ? "" : "You pay when you get your shoes."}`);
}

async function load() {
	const list = h("ul", { class: "orders" });
	const read = (cursor) => get(`/orders?limit=20${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
	const append = ({ orders }) => {
		const rows = orders.map(draw_order);

		list.append(...rows);
		return rows;
	};

	try {
		const newest = await read("");

		if (/^\d+$/.test(returned || "") && !newest.orders.some((order) => String(order.order_id) === returned))
			newest.orders.unshift(await get(`/orders/${returned}`));
		if (!append(newest).length) {
			page.replaceChildren(empty("No orders yet", "What you buy is listed here, with its parcels.", h("a", { class: "button", href: "/" }, "Find shoes")));
			return;
		}
		page.replaceChildren(draw_thanks(newest.orders), list);
		offer_more(list, newest.next, read, append);
		$(`#order-${CSS.escape(returned || "")}`)?.scrollIntoView();
	} catch (error) {
		page.replaceChildren(failed(error, load));
	}
}

await need_me();
await load();
