/* The packing slips of shipments of a shop, for paper, each on a sheet of its own: who gets what, and from whom. Without prices: it may be a present. */

import { get } from "./api.js";
import { $, failed, h, missing, plural, time, typed } from "./dom.js";
import { address_lines } from "./address.js";
import { need_me } from "./frame.js";
import { title, typed_lines } from "./shoe.js";

const page = $("#page");
const BACK = "/desk-orders.html";
const MOST = 100; /* of them at a time */
const asked = new URLSearchParams(location.search);

function draw(shipment, shop) {
	const pairs = shipment.lines.reduce((sum, line) => sum + line.quantity, 0);

	return h("section", { class: "slip" },
		h("p", { class: "brand-line" }, h("strong", {}, typed(shop.name)), h("span", {}, shop.contact_email ? typed(shop.contact_email) : location.host)),
		h("h1", {}, `Packing slip, order ${shipment.order_id}`),
		h("div", { class: "sides" },
			h("div", {}, h("h2", {}, shipment.address ? "To" : "Picked up by"), h("p", { class: "to" }, shipment.address ? address_lines(shipment.address) : typed(shipment.buyer))),
			h("div", {}, h("h2", {}, "From"), h("p", {}, typed(shop.name), shop.pickup_address ? [h("br"), typed_lines(shop.pickup_address)] : null)),
			h("div", {}, h("h2", {}, "Ordered"), h("p", {}, time(shipment.created_at))),
			shipment.tracking ? h("div", {}, h("h2", {}, "Tracking"), h("p", {}, h("code", {}, typed(shipment.tracking)))) : null),
		h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `What is in order ${shipment.order_id}` }, h("table", {}, h("thead", {}, h("tr", {}, ["Packed", "Pairs", "Shoe", "Size", "Colour"].map((name) => h("th", { scope: "col" }, name)))),
			h("tbody", {}, shipment.lines.map((line) => h("tr", {}, h("td", {}, h("span", { class: "tick" })), h("td", {}, String(line.quantity)), h("td", {}, typed(title(line))), h("td", {}, `US ${line.size}`), h("td", {}, line.color)))))),
		h("p", {}, h("strong", {}, plural(pairs, "pair")), shipment.lines.length > 1 ? ` of ${shipment.lines.length} listings` : "", `. Something wrong or missing? Name order ${shipment.order_id} to `, typed(shop.name), shop.contact_email ? [" at ", typed(shop.contact_email)] : "", "."));
}

function show(shop, ...shipments) {
	document.title = `${shipments.length === 1 ? `Packing slip, order ${shipments[0].order_id}` : plural(shipments.length, "packing slip")} · Shoetopia`;
	page.replaceChildren(
		h("p", { class: "unprinted row" }, h("button", { type: "button", onclick: () => print() }, "Print"), " ", h("a", { href: BACK }, "Back to the orders")),
		...shipments.map((shipment) => draw(shipment, shop)));
}

await need_me();

try {
	const [shop_id, ids] = [asked.get("shop"), asked.getAll("shipment")];

	if (!/^\d+$/.test(shop_id || "") || !ids.length || ids.length > MOST || !ids.every((id) => /^\d+$/.test(id)))
		page.replaceChildren(missing("There is no such shipment", "The address may be mistyped.", h("a", { class: "button", href: BACK }, "Orders")));
	else
		show(...await Promise.all([get(`/shops/${shop_id}`), ...ids.map((id) => get(`/shops/${shop_id}/shipments/${id}`))]));
} catch (error) {
	page.replaceChildren(failed(error, () => location.reload()));
}
