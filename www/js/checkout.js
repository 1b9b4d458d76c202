/*
 * The checkout of the cart page. A checkout is one Attempt: its idempotency key stays the same until the outcome is known, over retries
 * and reloads, so nothing is bought twice. It sends the total that the buyer saw: a higher one is refused, then asked for.
 *
 * The page gives its part of the work as `page`: account, is_changing() (a new quantity is being sent, so the total shown is not the
 * one to buy at), show(cart), reload(), mark_short(listing_id, available, message).
 */

import { Attempt, get, write } from "./api.js";
import { $, ask, h, money, plural, say, typed } from "./dom.js";
import { address_fields, address_lines } from "./address.js";
import { clear_errors, on_submit, show_problem } from "./form.js";

const attempt = new Attempt("checkout");
let delivery = "pickup"; /* what was chosen, or the only one that is offered */

function choose_delivery(value, label, hint, changed) {
	return h("label", { class: "pick" }, h("input", { type: "radio", name: "delivery", value, checked: delivery === value, onchange: () => { delivery = value; changed(); } }),
		h("span", {}, label, h("small", {}, hint)));
}

function draw_address(box, account) {
	if (delivery !== "ship") {
		box.replaceChildren();
	} else if (account.address) {
		box.replaceChildren(h("p", {}, address_lines(account.address)), h("p", {}, h("a", { href: "/account.html#address" }, "Change the address")));
	} else {
		const form = h("form", { id: "address" }, h("h3", {}, "Where to?"), address_fields(null), h("button", { class: "quiet" }, "Use this address"));

		on_submit(form, async (values) => {
			account.address = await write("PUT", "/account/address", values);
			draw_address(box, account);
			$("#buy button").focus();
		});
		box.replaceChildren(form);
	}
}

/* What the cart costs with the delivery that is chosen. */
function total_of(cart) {
	const items = cart.items.reduce((sum, item) => sum + item.total_cents, 0);

	return items + (delivery === "ship" ? cart.shipping_cents : 0);
}

function draw_totals(box, cart) {
	const full = cart.items.reduce((sum, item) => sum + item.price_cents * item.quantity, 0);
	const items = cart.items.reduce((sum, item) => sum + item.total_cents, 0);
	const row = (name, value, props) => [h("dt", {}, name), h("dd", props, value)];

	box.replaceChildren(...[full > items ? [row("Full price", h("s", {}, money(full))), row("Sale discount", money(items - full))] : [],
		delivery === "ship" ? [cart.shipping_cents ? row("Shoes", money(items)) : [], row("Shipping", cart.shipping_cents ? money(cart.shipping_cents) : "free")] : [],
		row("Total", money(total_of(cart)), { class: "total" })].flat(3));
}

/* Shops of the cart that deliver in different ways cannot be bought from in one order. */
function draw_undeliverable(cart) {
	const shops = (is_meant) => [...new Set(cart.items.map((item) => item.listing).filter(is_meant).map((listing) => listing.shop_name))].flatMap((name, n) => [n ? ", " : "", typed(name)]);

	return h("p", { class: "notice", role: "status" }, "These pairs cannot be in one order. For pick-up only: ", shops((listing) => listing.shipping_cents === null),
		". Shipped only: ", shops((listing) => !listing.offers_pickup), ". Remove one or the other, and order it afterwards.");
}

/* The box beside the items of a cart: totals, delivery, and the button that places the order. */
export function draw_checkout(cart, page) {
	const ways = [cart.offers_pickup && ["pickup", "I pick them up", "at the shop"],
		cart.shipping_cents !== null && ["ship", "Send them to me", cart.shipping_cents ? `by parcel, ${money(cart.shipping_cents)}` : "by parcel, free"]].filter(Boolean);
	const form = h("form", { id: "buy", "aria-label": "Checkout" }, h("button", {}));
	const ship_to = h("div", { id: "ship-to" });
	const totals = h("dl", {});
	const changed = () => {
		draw_totals(totals, cart);
		draw_address(ship_to, page.account);
		$("button", form).textContent = `Place the order: ${money(total_of(cart))}`;
	};

	if (ways.length && !ways.some(([value]) => value === delivery))
		delivery = ways[0][0];
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		buy(total_of(cart), page);
	});
	if (ways.length)
		changed();
	return h("section", { class: "checkout", "aria-labelledby": "checkout" }, h("h2", { id: "checkout" }, "Your order"),
		ways.length ? [totals,
			h("fieldset", {}, h("legend", {}, "How do you get them?"), ways.map((way) => choose_delivery(...way, changed))),
			ship_to,
			form,
			h("p", { class: "hint" }, "Until they are sent you can cancel.")] : draw_undeliverable(cart));
}

/* Places the order at this total or less. Asks again if it costs more by now; marks the items that are out of stock. */
async function buy(expected_total_cents, page) {
	const form = $("#buy");
	const button = $("button", form);

	if (button.disabled || page.is_changing())
		return;
	if (delivery === "ship" && !page.account.address) {
		$("#address input").focus();
		show_problem($("#address"), { message: "To send them we need your address.", errors: [] });
		return;
	}
	clear_errors(form);
	button.disabled = true;
	try {
		await send({ expected_total_cents, delivery });
	} catch (error) {
		button.disabled = false;
		if (error.code === "price_changed")
			await ask_for_more(expected_total_cents, error.body.total_cents, page);
		else if (error.code === "out_of_stock")
			show_shortage(form, error, page);
		else
			show_problem(form, error);
	}
}

async function send(body) {
	const order = await attempt.post("/checkout", body);

	location.assign(`/orders.html?placed=${order.order_id}`);
	return new Promise(() => {});
}

async function ask_for_more(before, now, page) {
	page.show(await get("/cart"));
	if (await ask("The price has changed", `A discount ran out or a price went up while you were choosing. Your order was ${money(before)}, now it is ${money(now)}. Nothing has been bought yet.`, `Buy for ${money(now)}`))
		buy(now, page);
}

function show_shortage(form, error, page) {
	for (const { listing_id, available, message } of error.errors)
		page.mark_short(listing_id, available, message || (available ? `Only ${plural(available, "pair")} left.` : "Sold out."));
	form.prepend(h("p", { class: "problem", role: "alert" }, error.message));
	$("[aria-invalid=true]")?.focus();
}

/* If a checkout was sent whose outcome is unknown: a box that sends it again, with the same key, to learn it. Else null. */
export function draw_open_attempt(page) {
	if (!attempt.open)
		return null;
	const { body } = attempt.open;
	const box = h("div", { class: "notice" }, h("p", {}, "We lost the line while you were placing an order, and do not know whether it went through. Ask again: it cannot be bought twice."),
		h("p", { class: "row" }, h("button", { type: "button", onclick: async () => {
			try {
				await send(body);
			} catch (error) {
				box.remove();
				say(error.message, { bad: true });
				page.reload();
			}
		} }, "Find out")));

	return box;
}
