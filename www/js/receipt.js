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
	return h("section", {}, h("h2", {}, typed(shipment.shop_name)), shipment.contact_email ? h("p", { class: "hint" }, typed(shipment.contact_email)) : null,
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
		return ["Paid", payment.paid_at ? [" on ", time(payment.paid_at)] : "", payment.refunded_cents ? `; ${money(payment.refunded_cents)} paid back` : ""];
	if (payment.status === "refunded")
		return `Cancelled; ${money(payment.refunded_cents)} paid back`;
	return status === "cancelled" ? "Cancelled" : "Not paid yet";
}

function draw(order, account) {
	const word = order.payment?.status === "paid" ? "Receipt" : "Order";

	document.title = `${word} ${order.order_id} · Shoetopia`;
	page.replaceChildren(
		h("p", { class: "brand-line" }, h("strong", {}, "Shoetopia"), h("span", {}, location.host)),
		h("h1", {}, `${word} ${order.order_id}`),
		h("p", { class: "unprinted row" }, h("button", { type: "button", onclick: () => print() }, "Print"), " ", h("a", { href: "/orders.html" }, "My orders")),
		h("div", { class: "sides" },
			h("div", {}, h("h2", {}, "Buyer"), h("p", {}, typed(account.name), h("br"), typed(account.email))),
			h("div", {}, h("h2", {}, order.address ? "Sent to" : "Delivery"), h("p", {}, order.address ? address_lines(order.address) : "Pick-up")),
			h("div", {}, h("h2", {}, "Placed"), h("p", {}, time(order.created_at))),
			h("div", {}, h("h2", {}, "Payment"), h("p", {}, payment_words(order)))),
		...order.shipments.map((shipment) => draw_shipment(order, shipment)),
		h("p", { class: "sums" }, h("span", {}, "Total, all included: ", h("strong", {}, money(order.total_cents))), order.discount_cents ? h("span", { class: "saved" }, `Saved ${money(order.discount_cents)}`) : null));
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
