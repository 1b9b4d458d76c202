/* The packing slip of a shipment, for paper: who gets what, and from whom. Without prices: it may be a present. */

import { get } from "./api.js";
import { $, failed, h, missing, time, typed } from "./dom.js";
import { address_lines } from "./address.js";
import { need_me } from "./frame.js";
import { title, typed_lines } from "./shoe.js";

const page = $("#page");
const asked = new URLSearchParams(location.search);

function draw(shipment, shop) {
	document.title = `Packing slip, order ${shipment.order_id} · Shoetopia`;
	page.replaceChildren(
		h("h1", {}, `Order ${shipment.order_id}`),
		h("p", { class: "unprinted" }, h("button", { type: "button", onclick: () => print() }, "Print"), " ", h("a", { href: "/myshop.html#send" }, "My shop")),
		h("dl", {}, h("dt", {}, "From"), h("dd", {}, typed(shop.name), shop.pickup_address ? [h("br"), typed_lines(shop.pickup_address)] : null, shop.contact_email ? [h("br"), typed(shop.contact_email)] : null),
			h("dt", {}, shipment.address ? "To" : "Picked up by"), h("dd", {}, shipment.address ? address_lines(shipment.address) : typed(shipment.buyer)),
			h("dt", {}, "Ordered"), h("dd", {}, time(shipment.created_at)),
			shipment.tracking ? [h("dt", {}, "Tracking"), h("dd", {}, typed(shipment.tracking))] : null),
		h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What is in it" }, h("table", {}, h("thead", {}, h("tr", {}, ["Pairs", "Shoe", "Size", "Colour"].map((name) => h("th", { scope: "col" }, name)))),
			h("tbody", {}, shipment.lines.map((line) => h("tr", {}, h("td", {}, String(line.quantity)), h("td", {}, typed(title(line))), h("td", {}, `US ${line.size}`), h("td", {}, line.color)))))));
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
