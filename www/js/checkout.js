/*
 * The checkout of the cart page. A checkout is one Attempt: its idempotency key stays the same until the outcome is known, over retries
 * and reloads, so nothing is bought twice. It sends the total that the buyer saw: a higher one is refused, then asked for.
 *
 * An order has one delivery. Where some pairs are picked up and others sent, these are two orders, placed one after the other.
 *
 * The page gives its part of the work as `page`: account, is_changing() (a new quantity is being sent, so the total shown is not the
 * one to buy at), cart(), show(cart), choose_all(delivery), reload(), take_out(shortages), mark_short({ listing_id, available, message }).
 */

import { Attempt, get, write } from "./api.js";
import { $, ask, h, money, plural, say, typed } from "./dom.js";
import { address_fields, address_lines } from "./address.js";
import { clear_errors, on_submit, show_problem } from "./form.js";
import { say_there } from "./frame.js";
import { title } from "./shoe.js";

const attempt = new Attempt("checkout");
const TITLES = new Map([["pickup", "To pick up"], ["ship", "To be sent"]]);

const sum_of = (things, cents) => things.reduce((sum, thing) => sum + cents(thing), 0);

/* The shops of the cart that make one order: part { delivery, shops, items, is_all, total_cents ... }. */
function part_of(all, delivery) {
	const shops = all.filter((shop) => shop.delivery === delivery);
	const items = shops.flatMap((shop) => shop.items);
	const items_cents = sum_of(items, (item) => item.total_cents);
	const shipping_cents = delivery === "ship" ? sum_of(shops, (shop) => shop.shipping_cents) : 0;

	return { delivery, shops, items, items_cents, shipping_cents, is_all: shops.length === all.length, full_cents: sum_of(items, (item) => item.price_cents * item.quantity),
		pairs: sum_of(items, (item) => item.quantity), total_cents: items_cents + shipping_cents };
}

function draw_totals(part) {
	const row = (name, value, props) => [h("dt", {}, name), h("dd", props, value)];
	const saved = part.full_cents - part.items_cents;

	return h("dl", {}, row(plural(part.pairs, "pair"), money(part.full_cents)), saved ? row("Sale discount", `−${money(saved)}`, { class: "saved" }) : [],
		part.delivery === "ship" ? row("Shipping", part.shipping_cents ? money(part.shipping_cents) : "free") : row("Pick-up", "free"),
		row("Total", money(part.total_cents), { class: "total" }));
}

let draft = null; /* an address that is being typed: it stays when the cart is drawn anew */

/* Where it goes: the address that is kept, with a button to change it here, or its fields. They are sent with the order's button. */
function draw_address(account) {
	const box = h("div", { class: "ship-to" });

	function edit() {
		const fields = h("fieldset", { id: "address", oninput: () => { draft = Object.fromEntries([...fields.elements].map(({ name, value }) => [name, value])); } },
			h("legend", {}, "Where to?"), address_fields(draft || account.address, account.name));

		box.replaceChildren(fields);
	}

	if (account.address && !draft)
		box.replaceChildren(h("h3", {}, "Sent to"), h("p", {}, address_lines(account.address)), h("p", {}, h("button", { type: "button", class: "text", onclick: () => {
			edit();
			$("input", box).focus();
		} }, "Send it elsewhere")));
	else
		edit();
	return box;
}

function draw_part(part, page) {
	const form = h("form", { id: part.is_all ? "buy" : `buy-${part.delivery}`, "aria-label": part.is_all ? "Checkout" : TITLES.get(part.delivery) },
		part.is_all ? null : h("h3", {}, TITLES.get(part.delivery), ": ", part.shops.flatMap((shop, n) => [n ? ", " : "", typed(shop.shop_name)])),
		part.delivery === "ship" ? draw_address(page.account) : null,
		draw_totals(part),
		h("button", { id: `place-${part.delivery}` }, part.is_all ? `Place the order: ${money(part.total_cents)}` : `Place this order: ${money(part.total_cents)}`));

	on_submit(form, async (values) => {
		if ($("#address", form))
			page.account.address = await write("PUT", "/account/address", values);
		draft = null;
		await buy(part, part.total_cents, form, page);
	});
	return form;
}

/* With several shops: a button that has all pairs sent, or picked up, where that is not chosen yet. */
function draw_shortcut(shops, page) {
	const can = (delivery) => (delivery === "ship" ? (shop) => shop.shipping_cents !== null : (shop) => shop.offers_pickup);
	const way = ["ship", "pickup"].find((delivery) => shops.some((shop) => shop.delivery !== delivery) && shops.every(can(delivery)));

	return way && shops.length > 1 ? h("p", {}, h("button", { type: "button", class: "text", onclick: () => page.choose_all(way) }, way === "ship" ? "Have all of it sent to me" : "I pick all of it up")) : null;
}

/* The box beside the shops of a cart: totals, address, and the button that places the order. */
export function draw_checkout(shops, page) {
	const parts = ["pickup", "ship"].map((delivery) => part_of(shops, delivery)).filter((part) => part.items.length);

	return h("section", { class: "checkout", "aria-labelledby": "checkout" }, h("h2", { id: "checkout", tabindex: "-1" }, parts.length > 1 ? "Your two orders" : "Your order"),
		parts.length > 1 ? h("p", { class: "hint" }, "What you pick up and what is sent are two orders. Place one, then the other.") : null,
		draw_shortcut(shops, page),
		parts.map((part) => draw_part(part, page)),
		h("p", { class: "hint" }, "Until they are sent you can cancel."));
}

/* Places the order of a part at this total or less. Asks again if it costs more by now; marks the items that are out of stock. */
async function buy(part, expected_total_cents, form, page) {
	if (page.is_changing())
		return;
	clear_errors(form);
	try {
		await send({ expected_total_cents, delivery: part.delivery, ...(part.is_all ? {} : { items: part.items.map(({ listing_id, quantity }) => ({ listing_id, quantity })) }) });
	} catch (error) {
		if (error.code === "price_changed")
			await ask_for_more(part, expected_total_cents, error.body.total_cents, page);
		else if (error.code === "out_of_stock")
			show_shortage(form, error, page);
		else
			show_problem(form, error);
	}
}

/* What named items bought leaves the cart; an order of the cart empties it by itself. */
async function send(body) {
	const order = await attempt.post("/checkout", body);

	if (body.items) {
		const removed = await Promise.allSettled(body.items.map(({ listing_id }) => write("PUT", `/cart/items/${listing_id}`, { quantity: 0 })));

		if (removed.every(({ status }) => status === "fulfilled"))
			say_there("The rest waits in your cart.");
		else
			say_there("Your order is placed, but its pairs are still in your cart: take them out there.", { bad: true });
	}
	location.assign(`/orders.html?placed=${order.order_id}`);
	return new Promise(() => {});
}

/* What costs more or less than before, in words. */
function changes(before, after) {
	const lines = after.items.flatMap((item) => {
		const old = before.items.find(({ listing_id }) => listing_id === item.listing_id);

		if (!old || old.total_cents === item.total_cents)
			return [];
		return [[h("br"), typed(title(item.listing)), `, US ${item.listing.size}: ${money(old.total_cents)}, now ${money(item.total_cents)}`,
			item.discounted < old.discounted ? ` (${item.discounted ? `the sale has a discount for only ${plural(item.discounted, "pair")}` : "the sale's discounts are gone"})` : ""]];
	});
	const shipping = after.shops.flatMap((shop) => {
		const old = before.shops.find(({ shop_id }) => shop_id === shop.shop_id);

		return !old || old.shipping_cents === shop.shipping_cents || shop.shipping_cents === null ? [] : [[h("br"), "Shipping by ", typed(shop.shop_name), `: now ${money(shop.shipping_cents)}`]];
	});

	return [...lines, ...shipping];
}

async function ask_for_more(part, before_cents, now_cents, page) {
	const before = page.cart();
	const after = await get("/cart");

	page.show(after);
	if (await ask("The price has changed", [`Your order was ${money(before_cents)}, now it is ${money(now_cents)}. Nothing has been bought yet.`, changes(before, after)], `Buy for ${money(now_cents)}`))
		await buy(part, now_cents, $(`#buy, #buy-${part.delivery}`), page);
}

function show_shortage(form, error, page) {
	const short = error.errors.map(({ listing_id, available, message }) => ({ listing_id, available, message: message || (available ? `Only ${plural(available, "pair")} left.` : "Sold out.") }));

	short.forEach(page.mark_short);
	form.prepend(h("div", { class: "problem", role: "alert" }, h("p", {}, short.some(({ available }) => available) ? "There is less left than you want. Nothing has been bought." :
		`Somebody was quicker: ${short.length === 1 ? "a shoe of your cart is" : "some of these shoes are"} sold out. Nothing has been bought.`),
	h("p", { class: "row" }, h("button", { type: "button", onclick: () => page.take_out(short) }, "Take out what is gone"), h("a", { href: "/" }, "Find another pair"))));
	$(".problem button", form).focus();
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
