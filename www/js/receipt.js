/* An order for paper: what was bought where, what it cost, and whether it is paid. */

import { get } from "./api.js";
import { $, failed, h, missing, money, time, typed } from "./dom.js";
import { address_lines } from "./address.js";
import { need_me } from "./frame.js";
import { title, typed_lines } from "./shoe.js";

const page = $("#page");
const id = new URLSearchParams(location.search).get("order");

const cell = (value) => h("td", { class: "sum" }, value);

function draw_line(line) {
	const full = line.quantity - line.discounted;
	const at = line.discounted ? (full ? `${full} at ${money(line.price_cents)}, ${line.discounted} at the sale's price` : "sale price") : money(line.price_cents);

	return h("tr", {}, h("td", {}, typed(`${title(line)}, US ${line.size}, ${line.color}`)), cell(String(line.quantity)), cell(at), cell(money(line.total_cents)));
}

function draw_shipment(order, shipment) {
	return h("section", {}, h("h2", {}, typed(shipment.shop_name)),
		order.delivery === "pickup" && shipment.pickup_address ? h("p", {}, "Pick-up: ", typed_lines(shipment.pickup_address)) : null,
		h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `What ${shipment.shop_name} sells` }, h("table", {},
			h("thead", {}, h("tr", {}, ["Shoe", "Pairs", "A pair", "Total"].map((name, n) => h("th", { scope: "col", class: n ? "sum" : null }, name)))),
			h("tbody", {}, shipment.lines.map(draw_line),
				order.delivery === "ship" ? h("tr", {}, h("td", {}, "Shipping"), cell(""), cell(""), cell(money(shipment.shipping_cents))) : null))));
}

/* The words for how it stands with the money. */
function payment_words({ status, payment }) {
	if (!payment)
		return status === "cancelled" ? "Cancelled" : "To be paid when you get your shoes";
	if (payment.status === "paid")
		return payment.refunded_cents ? `Paid; ${money(payment.refunded_cents)} paid back` : "Paid";
	if (payment.status === "refunded")
		return `Cancelled; ${money(payment.refunded_cents)} paid back`;
	return status === "cancelled" ? "Cancelled" : "Not paid yet";
}

function draw(order, account) {
	const word = order.payment?.status === "paid" ? "Receipt" : "Order";

	document.title = `${word} ${order.order_id} · Shoetopia`;
	page.replaceChildren(
		h("h1", {}, `${word} ${order.order_id}`),
		h("p", { class: "unprinted" }, h("button", { type: "button", onclick: () => print() }, "Print"), " ", h("a", { href: "/orders.html" }, "My orders")),
		h("dl", {}, h("dt", {}, "Placed"), h("dd", {}, time(order.created_at)), h("dt", {}, "Buyer"), h("dd", {}, typed(account.name), ", ", typed(account.email)),
			order.address ? [h("dt", {}, "Sent to"), h("dd", {}, address_lines(order.address))] : [h("dt", {}, "Delivery"), h("dd", {}, "Pick-up")],
			h("dt", {}, "Payment"), h("dd", {}, payment_words(order))),
		...order.shipments.map((shipment) => draw_shipment(order, shipment)),
		h("p", { class: "sums" }, h("span", {}, "Total, all included: ", h("strong", {}, money(order.total_cents))), order.discount_cents ? h("span", { class: "saved" }, `You saved ${money(order.discount_cents)}`) : null));
}

const account = await need_me();

try {
	if (!/^\d+$/.test(id || ""))
		page.replaceChildren(missing("There is no such order", "The address may be mistyped.", h("a", { class: "button", href: "/orders.html" }, "My orders")));
	else
		draw(await get(`/orders/${id}`), account);
} catch (error) {
	page.replaceChildren(failed(error, () => location.reload()));
}
