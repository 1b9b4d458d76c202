/* The shipments of my shop as cards, each with the form of its next step. A card that was changed dispatches the event "moved". */

import { write } from "./api.js";
import { $, empty, h, money, own, phrase, plural, say, time, typed } from "./dom.js";
import { address_lines } from "./address.js";
import { field, on_submit } from "./form.js";
import { fill_paged_list } from "./paged_list.js";
import { title } from "./shoe.js";

const STATUS = { pending: "To send", shipped: "On its way", delivered: "Delivered", cancelled: "Cancelled" };
const PICKUP_STATUS = { pending: "To be picked up", shipped: "To be picked up", delivered: "Picked up", cancelled: "Cancelled" };

function line_text(line) {
	return phrase`${line.quantity} × ${line.brand ? `${title(line)}, US ${line.size}, ${line.color}` : `listing ${line.listing_id}`}`;
}

/* What is done next with a shipment: the status that it then has and the words for it; undefined: nothing. */
export function next_step({ status, delivery }) {
	if (delivery === "pickup")
		return ["pending", "shipped"].includes(status) ? ["delivered", "It was picked up"] : undefined;
	return own({ pending: ["shipped", "It is sent"], shipped: ["delivered", "It has arrived"] }, status);
}

/* Shows a shipment anew that was changed, and moves the focus to it. */
function redraw(shop, shipment) {
	const row = draw_row(shop, shipment);

	$(`#shipment-${shipment.shipment_id}`).replaceWith(row);
	$("h3", row).focus();
	row.dispatchEvent(new CustomEvent("moved", { bubbles: true }));
}

function draw_step(shop, shipment) {
	const n = shipment.shipment_id;
	const [next, words] = next_step(shipment) || [];

	if (!next)
		return null;
	if (shipment.on_hold)
		return h("p", { class: "problem" }, "Its payment is looked into. Do not send it yet.");
	const form = h("form", { class: "row-form", id: `send-${n}` },
		next === "shipped" ? field("Tracking number, if any", h("input", { id: `tracking-${n}`, name: "tracking", maxlength: "80", autocomplete: "off" })) : null,
		h("button", { class: shipment.status === "pending" ? "" : "quiet" }, words, h("span", { class: "unseen" }, ` (order ${shipment.order_id})`)));

	on_submit(form, async (values) => {
		const after = await write("PATCH", `/shops/${shop.shop_id}/shipments/${n}`, { status: next, ...values });

		redraw(shop, { ...shipment, ...after });
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

		redraw(shop, { ...shipment, ...after });
		say("The tracking number is saved.");
	});
	return form;
}

function draw_row(shop, shipment, is_chosen) {
	const n = shipment.shipment_id;
	const choice = is_chosen && next_step(shipment) && !shipment.on_hold;

	return h("li", { class: "card", id: `shipment-${n}` },
		h("div", { class: "head" }, choice ? h("input", { type: "checkbox", value: String(n), "data-order": shipment.order_id, "aria-label": `Choose order ${shipment.order_id}` }) : null,
			h("h3", { tabindex: "-1" }, `Order ${shipment.order_id}`), h("span", { class: `badge ${shipment.status}` }, own(shipment.delivery === "pickup" ? PICKUP_STATUS : STATUS, shipment.status) || shipment.status), shipment.created_at ? h("span", { class: "hint" }, time(shipment.created_at)) : null),
		h("ul", { class: "lines" }, shipment.lines.map((line) => h("li", {}, h("span", {}, line_text(line)), h("span", { class: "sum" }, money(line.total_cents))))),
		h("p", {}, shipment.address ? [shipment.address.name === shipment.buyer ? null : ["For ", typed(shipment.buyer), ", to:", h("br")], address_lines(shipment.address)] : phrase`${shipment.buyer} picks it up.`),
		shipment.tracking ? h("p", {}, "Tracking: ", h("code", {}, typed(shipment.tracking))) : null,
		draw_step(shop, shipment),
		shipment.delivery === "ship" && (shipment.status === "shipped" || shipment.status === "delivered") ? draw_tracking(shop, shipment) : null,
		shipment.status === "cancelled" ? null : h("p", { class: "after" }, h("a", { href: `/slip.html?shop=${shop.shop_id}&shipment=${n}` }, "Packing slip", h("span", { class: "unseen" }, ` of order ${shipment.order_id}`))));
}

/* Fills a list with those of the shop's shipments that a query asks for; with is_chosen each that has a next step gets a box to choose it. */
export const fill_shipments = (shop, list, query, { is_chosen = false, ...options } = {}) => fill_paged_list(list, `/shops/${shop.shop_id}/shipments`, query,
	{ items: "shipments", draw: (shipment) => draw_row(shop, shipment, is_chosen), keep: true, ...options });

const count = ({ shipments, next }, ...words) => `${next ? "More than " : ""}${plural(shipments.length, ...words)}`;

/* What is to be sent and to be picked up, each under a heading that says how much it is. */
export async function draw_to_do(shop) {
	const [to_send, pick_ups] = await Promise.all([
		fill_shipments(shop, $("#shipments"), "limit=10&status=pending&delivery=ship", { none: empty("All is sent", "When somebody buys from you, it is listed here.") }),
		fill_shipments(shop, $("#pick-ups"), "limit=10&status=pending&delivery=pickup")]);

	if (to_send)
		$("#to-send").textContent = to_send.shipments.length ? `${count(to_send, "parcel")} to send` : "Nothing to send";
	if (pick_ups) {
		$("#to-pick-up").textContent = `${count(pick_ups, "order")} to be picked up`;
		$("#pick-up").hidden = pick_ups.shipments.length === 0;
	}
}
