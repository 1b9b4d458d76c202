/* The shipments of my shop: those to send, then those on their way; in both, the oldest first. */

import { write } from "./api.js";
import { $, empty, h, own, phrase, plural, say, time, typed } from "./dom.js";
import { address_lines } from "./address.js";
import { field, on_submit } from "./form.js";
import { fill_paged_list } from "./paged_list.js";
import { title } from "./shoe.js";

const STATUS = { pending: "To send", shipped: "On its way", delivered: "Delivered", cancelled: "Cancelled" };
const PICKUP_STATUS = { pending: "To be picked up", shipped: "To be picked up", delivered: "Picked up", cancelled: "Cancelled" };

function line_text(line) {
	return phrase`${line.quantity} × ${line.brand ? `${title(line)}, US ${line.size}, ${line.color}` : `listing ${line.listing_id}`}`;
}

function draw_step(shop, shipment) {
	const n = shipment.shipment_id;
	const is_pickup = shipment.delivery === "pickup";
	const next = own(is_pickup ? { pending: "delivered", shipped: "delivered" } : { pending: "shipped", shipped: "delivered" }, shipment.status);

	if (!next)
		return null;
	const form = h("form", { class: "row-form", id: `send-${n}` },
		next === "shipped" ? field("Tracking number, if any", h("input", { id: `tracking-${n}`, name: "tracking", maxlength: "80", autocomplete: "off" })) : null,
		h("button", { class: is_pickup || next === "shipped" ? "" : "quiet" }, is_pickup ? "It was picked up" : next === "shipped" ? "It is sent" : "It has arrived", h("span", { class: "unseen" }, ` (order ${shipment.order_id})`)));

	on_submit(form, async (values) => {
		const after = await write("PATCH", `/shops/${shop.shop_id}/shipments/${n}`, { status: next, ...values });
		const row = draw_row(shop, { ...shipment, ...after });

		$(`#shipment-${n}`).replaceWith(row);
		$("h3", row).focus();
	});
	return form;
}

/* The form that corrects the tracking of what was sent. */
function draw_tracking(shop, shipment) {
	const n = shipment.shipment_id;
	const form = h("form", { class: "row-form", id: `correct-${n}` },
		field("Tracking number", h("input", { id: `corrected-${n}`, name: "tracking", maxlength: "80", required: true, autocomplete: "off", value: shipment.tracking || "" })),
		h("button", { class: "quiet" }, "Save it", h("span", { class: "unseen" }, ` (tracking of order ${shipment.order_id})`)));

	on_submit(form, async (values) => {
		const after = await write("PATCH", `/shops/${shop.shop_id}/shipments/${n}`, values);
		const row = draw_row(shop, { ...shipment, ...after });

		$(`#shipment-${n}`).replaceWith(row);
		$("h3", row).focus();
		say("The tracking number is saved.");
	});
	return form;
}

function draw_row(shop, shipment) {
	return h("li", { class: "card", id: `shipment-${shipment.shipment_id}` },
		h("div", { class: "head" }, h("h3", { tabindex: "-1" }, `Order ${shipment.order_id}`), h("span", { class: `badge ${shipment.status}` }, own(shipment.delivery === "pickup" ? PICKUP_STATUS : STATUS, shipment.status) || shipment.status), shipment.created_at ? h("span", { class: "hint" }, time(shipment.created_at)) : null),
		h("ul", { class: "lines" }, shipment.lines.map((line) => h("li", {}, h("span", {}, line_text(line))))),
		h("p", {}, shipment.address ? ["For ", typed(shipment.buyer), ", to:", h("br"), address_lines(shipment.address)] : phrase`${shipment.buyer} picks it up.`),
		shipment.tracking ? h("p", {}, "Tracking: ", h("code", {}, typed(shipment.tracking))) : null,
		shipment.status === "cancelled" ? null : h("p", {}, h("a", { href: `/slip.html?shop=${shop.shop_id}&shipment=${shipment.shipment_id}` }, "Packing slip", h("span", { class: "unseen" }, ` of order ${shipment.order_id}`))),
		draw_step(shop, shipment),
		shipment.delivery === "ship" && (shipment.status === "shipped" || shipment.status === "delivered") ? draw_tracking(shop, shipment) : null);
}

function to_do(shipments) {
	const to_send = shipments.filter((shipment) => shipment.delivery === "ship").length;
	const to_pick_up = shipments.length - to_send;

	return [to_send && `${plural(to_send, "parcel")} to send`, to_pick_up && `${plural(to_pick_up, "order")} to be picked up`].filter(Boolean).join(", ");
}

/* Fills a list with those of the shop's shipments that a query asks for. Resolves to the first page, or to null. */
export const fill_shipments = (shop, list, query, none) => fill_paged_list(list, `/shops/${shop.shop_id}/shipments`, query,
	{ items: "shipments", draw: (shipment) => draw_row(shop, shipment), none, keep: true });

/* What is to be sent and to be picked up, and the heading that says how much it is. */
export async function draw_to_send(shop) {
	const pending = await fill_shipments(shop, $("#shipments"), "limit=20&status=pending", empty("All is sent", "When somebody buys from you, it is listed here."));

	if (pending)
		$("#to-send").textContent = pending.shipments.length ? (pending.next ? "More than " : "") + to_do(pending.shipments) : "Nothing to send";
}

export async function draw_shipments(shop) {
	const [, shipped] = await Promise.all([draw_to_send(shop), fill_shipments(shop, $("#under-way ul"), "limit=20&status=shipped")]);

	$("#all-shipments").href = `/api/shops/${shop.shop_id}/shipments`;
	if (shipped)
		$("#under-way").hidden = shipped.shipments.length === 0;
}
