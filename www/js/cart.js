/*
 * The cart and the way out of it. A checkout is one Attempt: its key stays the same until the outcome is known, over
 * retries and reloads, so nobody buys twice. It names the total that the buyer saw, so nobody pays more unasked.
 */

import { Attempt, get, write } from "./api.js";
import { $, ask, empty, failed, h, money, plural, say } from "./dom.js";
import { address_fields, address_lines } from "./address.js";
import { clear_errors, field_error, on_submit, show_problem } from "./form.js";
import { need_me, show_cart } from "./frame.js";
import { countdown, let_go, my_holds } from "./holds.js";
import { listing_path, shop_path, silhouette, title } from "./shoe.js";

const page = $("#page");
const checkout = new Attempt("checkout");
let account = null;
let cart = null;
let holds = []; /* pairs that are held for me: my order takes them first */
let delivery = "pickup";
let changing = false; /* a quantity is on its way: the total on the button is not the one to buy at */

const line_of = (listing_id) => $(`#item-${listing_id}`);

async function set_quantity(listing_id, quantity) {
	const focused = document.activeElement?.id;

	changing = true;
	try {
		cart = await write("PUT", `/cart/items/${listing_id}`, { quantity });
		draw();
		(document.getElementById(focused) || $("h1")).focus();
		say(`Your total is ${money(cart.total_cents)}`);
	} catch (error) {
		const line = line_of(listing_id);

		clear_errors(line);
		field_error($("input", line), error.errors?.[0]?.message || error.message);
	} finally {
		changing = false;
	}
}

/* What a line costs, and how that comes about. */
function line_price(item) {
	const full = item.price_cents * item.quantity;
	const saved = item.total_cents < full;

	return [h("p", { class: saved ? "price on-sale" : "price" }, saved ? [h("strong", {}, money(item.total_cents)), " ", h("span", { class: "unseen" }, "instead of "), h("s", {}, money(full))] : money(full)),
		h("p", { class: "facts" }, item.discounted && item.discounted < item.quantity ? `The sale's price for ${item.discounted}, ${money(item.price_cents)} for the rest` :
			item.quantity > 1 && !saved ? `${money(item.price_cents)} a pair` : "")];
}

function draw_item(item) {
	const { listing, listing_id } = item;
	const input = h("input", { id: `quantity-${listing_id}`, type: "number", inputmode: "numeric", min: "1", max: "100", value: String(item.quantity),
		onchange: () => {
			if (/^\d{1,3}$/.test(input.value))
				set_quantity(listing_id, Number(input.value));
		} });
	const line = h("li", { class: "item", id: `item-${listing_id}` },
		silhouette(listing),
		h("div", {}, h("h2", {}, h("a", { href: listing_path(listing) }, title(listing))),
			h("p", { class: "facts" }, `US ${listing.size}, from `, h("a", { href: shop_path(listing) }, listing.shop_name)), line_price(item)),
		h("div", { class: "field" }, h("label", { for: input.id }, "Pairs", h("span", { class: "unseen" }, ` of ${title(listing)}`)), input),
		h("button", { type: "button", class: "quiet", onclick: () => set_quantity(listing_id, 0) }, "Remove", h("span", { class: "unseen" }, ` ${title(listing)}`)));

	const most = listing.available + (holds.some((held) => held.listing_id === listing_id) ? 1 : 0);

	if (most < item.quantity)
		short(line, listing_id, most, most ? `Only ${plural(most, "pair")} left.` : "Sold out.");
	return line;
}

/* One step with a hold, and then the page as it is by now. */
async function with_hold(what, done, focus) {
	try {
		await what();
		say(done);
	} catch (error) {
		say(error.errors?.[0]?.message || error.message, { bad: true });
	}
	await load();
	($(focus) || $("h1")).focus();
}

function draw_hold(held) {
	const name = h("span", { class: "unseen" }, ` ${title(held)}`);
	const in_cart = cart.items.some((item) => item.listing_id === held.listing_id);
	const cost = held.sale_price_cents ?? held.price_cents;

	return h("li", { class: "item", id: `hold-${held.reservation_id}` },
		silhouette(held),
		h("div", {}, h("h3", {}, h("a", { href: listing_path(held) }, title(held))),
			h("p", { class: "facts" }, `US ${held.size}, from `, h("a", { href: shop_path(held) }, held.shop_name), `, ${money(cost)}`),
			h("p", { class: "facts" }, countdown(held, () => { say(`${title(held)} is no longer held for you.`); load(); }), " left", in_cart ? ". It is in your cart: your order takes this pair." : "")),
		in_cart ? null : h("button", { type: "button", onclick: () => with_hold(() => write("PUT", `/cart/items/${held.listing_id}`, { quantity: 1 }),
			"It is in your cart. Choose how you get it, and place the order.", "#buy button") }, "Buy it", name),
		h("button", { type: "button", class: "quiet", onclick: () => with_hold(() => let_go(held), `${title(held)} is for others to buy again.`, "#holds h2") }, "Let it go", name.cloneNode(true)));
}

function draw_holds() {
	return h("section", { id: "holds", "aria-labelledby": "held" }, h("h2", { id: "held", tabindex: "-1" }, "Held for you"),
		holds.length ? h("ul", { class: "items" }, holds.map(draw_hold)) :
			h("p", { class: "hint" }, "Nothing is held for you. On the page of a pair you can hold one for a few minutes: nobody else can buy it meanwhile."));
}

/* Says at its line that there is not enough, and offers what can be done about it. */
function short(line, listing_id, available, message) {
	const input = $("input", line);

	clear_errors(line);
	$(".short", line)?.remove();
	field_error(input, message);
	if (available > 0)
		line.append(h("p", { class: "short" }, h("button", { type: "button", class: "quiet", onclick: () => set_quantity(listing_id, Math.min(available, 100)) }, `Take the ${available} that ${available === 1 ? "is" : "are"} left`)));
}

function choose_delivery(value, label, hint) {
	return h("label", { class: "pick" }, h("input", { type: "radio", name: "delivery", value, checked: delivery === value, onchange: () => { delivery = value; draw_address(); } }),
		h("span", {}, label, h("small", {}, hint)));
}

function draw_address() {
	const box = $("#ship-to");

	if (delivery !== "ship") {
		box.replaceChildren();
	} else if (account.address) {
		box.replaceChildren(h("p", {}, address_lines(account.address)), h("p", {}, h("a", { href: "/account.html#address" }, "Change the address")));
	} else {
		const form = h("form", { id: "address" }, h("h3", {}, "Where to?"), address_fields(null), h("button", { class: "quiet" }, "Use this address"));

		on_submit(form, async (values) => {
			account.address = await write("PUT", "/account/address", values);
			draw_address();
			$("#buy button").focus();
		});
		box.replaceChildren(form);
	}
}

function draw() {
	show_cart(cart);
	if (!cart.items.length) {
		page.replaceChildren(empty("Your cart is empty", "Find a pair, choose how many, and it waits for you here.", h("a", { class: "button", href: "/" }, "Find shoes")),
			h("div", { class: "cart" }, draw_holds()));
		return;
	}
	const full = cart.items.reduce((sum, item) => sum + item.price_cents * item.quantity, 0);
	const form = h("form", { id: "buy", "aria-label": "Checkout" }, h("button", {}, `Place the order: ${money(cart.total_cents)}`));

	form.addEventListener("submit", (event) => {
		event.preventDefault();
		buy(cart.total_cents);
	});
	page.replaceChildren(h("div", { class: "cart" },
		h("div", {}, h("ul", { class: "items" }, cart.items.map(draw_item)), draw_holds()),
		h("section", { class: "till", "aria-labelledby": "till" }, h("h2", { id: "till" }, "Your order"),
			h("dl", {}, full > cart.total_cents ? [h("dt", {}, "Full price"), h("dd", {}, h("s", {}, money(full))), h("dt", {}, "Sale discount"), h("dd", {}, money(cart.total_cents - full))] : null,
				h("dt", {}, "Total"), h("dd", { class: "total" }, money(cart.total_cents))),
			h("fieldset", {}, h("legend", {}, "How do you get them?"), choose_delivery("pickup", "I pick them up", "at the shop"), choose_delivery("ship", "Send them to me", "by parcel")),
			h("div", { id: "ship-to" }),
			form,
			h("p", { class: "hint" }, "You pay when you get them. Until they are sent you can cancel."))));
	draw_address();
}

/* Places the order at this total or less. Asks again when it has become dearer; says at the line what has run out. */
async function buy(expected_total_cents) {
	const form = $("#buy");
	const button = $("button", form);

	if (button.disabled || changing)
		return;
	if (delivery === "ship" && !account.address) {
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
			await dearer(expected_total_cents, error.body.total_cents);
		else if (error.code === "out_of_stock")
			run_out(form, error);
		else
			show_problem(form, error);
	}
}

async function send(body) {
	const order = await checkout.post("/checkout", body);

	location.assign(`/orders.html?placed=${order.order_id}`);
	return new Promise(() => {});
}

async function dearer(before, now) {
	cart = await get("/cart");
	draw();
	if (await ask("The price has changed", `A discount ran out or a price went up while you were choosing. Your order was ${money(before)}, now it is ${money(now)}. Nothing has been bought yet.`, `Buy for ${money(now)}`))
		buy(now);
}

function run_out(form, error) {
	for (const { listing_id, available, message } of error.errors) {
		const line = line_of(listing_id);

		if (line)
			short(line, listing_id, available, message || (available ? `Only ${plural(available, "pair")} left.` : "Sold out."));
	}
	form.prepend(h("p", { class: "problem", role: "alert" }, error.message));
	$("[aria-invalid=true]", page)?.focus();
}

/* An attempt whose answer never came: the same key tells how it ended. */
function draw_open_attempt() {
	const { body } = checkout.open;
	const box = h("div", { class: "notice" }, h("p", {}, "We lost the line while you were placing an order, and do not know whether it went through. Ask again: it cannot be bought twice."),
		h("p", { class: "row" }, h("button", { type: "button", onclick: async () => {
			try {
				await send(body);
			} catch (error) {
				box.remove();
				say(error.message, { bad: true });
				load();
			}
		} }, "Find out")));

	page.before(box);
}

async function load() {
	try {
		[cart, holds] = await Promise.all([get("/cart"), my_holds()]);
		draw();
	} catch (error) {
		page.replaceChildren(failed(error, load));
	}
}

account = await need_me();
await load();
if (checkout.open)
	draw_open_attempt();
