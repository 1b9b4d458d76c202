/* The packing slip of a shipment, for paper: who gets what, and from whom. Without prices: it may be a present. */

import { get } from "./api.js";
import { $, failed, h, missing, plural, time, typed } from "./dom.js";
import { address_lines } from "./address.js";
import { need_me } from "./frame.js";
import { title, typed_lines } from "./shoe.js";

const page = $("#page");
const BACK = "/myshop.html#send";
const asked = new URLSearchParams(location.search);

function draw(shipment, shop) {
	document.title = `Packing slip, order ${shipment.order_id} · Shoetopia`;
	const pairs = shipment.lines.reduce((sum, line) => sum + line.quantity, 0);

	page.replaceChildren(
		h("p", { class: "brand-line" }, h("strong", {}, typed(shop.name)), h("span", {}, shop.contact_email ? typed(shop.contact_email) : location.host)),
		h("h1", {}, `Packing slip, order ${shipment.order_id}`),
		h("p", { class: "unprinted row" }, h("button", { type: "button", onclick: () => print() }, "Print"), " ", h("a", { href: BACK }, "Back to the orders")),
		h("div", { class: "sides" },
			h("div", {}, h("h2", {}, shipment.address ? "To" : "Picked up by"), h("p", { class: "to" }, shipment.address ? address_lines(shipment.address) : typed(shipment.buyer))),
			h("div", {}, h("h2", {}, "From"), h("p", {}, typed(shop.name), shop.pickup_address ? [h("br"), typed_lines(shop.pickup_address)] : null)),
			h("div", {}, h("h2", {}, "Ordered"), h("p", {}, time(shipment.created_at))),
			shipment.tracking ? h("div", {}, h("h2", {}, "Tracking"), h("p", {}, h("code", {}, typed(shipment.tracking)))) : null),
		h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What is in it" }, h("table", {}, h("thead", {}, h("tr", {}, ["Packed", "Pairs", "Shoe", "Size", "Colour"].map((name) => h("th", { scope: "col" }, name)))),
			h("tbody", {}, shipment.lines.map((line) => h("tr", {}, h("td", {}, h("span", { class: "tick" })), h("td", {}, String(line.quantity)), h("td", {}, typed(title(line))), h("td", {}, `US ${line.size}`), h("td", {}, line.color)))))),
		h("p", {}, h("strong", {}, plural(pairs, "pair")), shipment.lines.length > 1 ? ` of ${shipment.lines.length} listings` : "", `. Something wrong or missing? Name order ${shipment.order_id} to `, typed(shop.name), shop.contact_email ? [" at ", typed(shop.contact_email)] : "", "."));
}

await need_me();

try {
	const [shop_id, shipment_id] = [asked.get("shop"), asked.get("shipment")];

	if (!/^\d+$/.test(shop_id || "") || !/^\d+$/.test(shipment_id || ""))
		page.replaceChildren(missing("There is no such shipment", "The address may be mistyped.", h("a", { class: "button", href: "/myshop.html" }, "My shop")));
	else
		draw(...await Promise.all([get(`/shops/${shop_id}/shipments/${shipment_id}`), get(`/shops/${shop_id}`)]));
} catch (error) {
	page.replaceChildren(failed(error, () => location.reload()));
}
