/* The cart: its items, the pairs held for the account, and the checkout. */

import { get, write } from "./api.js";
import { $, empty, failed, h, money, phrase, plural, say, typed } from "./dom.js";
import { draw_checkout, draw_open_attempt } from "./checkout.js";
import { clear_errors, field_error } from "./form.js";
import { need_me, show_cart } from "./frame.js";
import { cancel_reservation, countdown, my_reservations } from "./reservations.js";
import { listing_path, shipping_words, shop_path, silhouette, title } from "./shoe.js";

const page = $("#page");
let cart = null;
let reservations = []; /* pairs held for the account: its order takes them first */
let changing = false; /* a new quantity is being sent */

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

/* The price of an item, and what it is made of. */
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
		h("div", {}, h("h2", {}, h("a", { href: listing_path(listing) }, typed(title(listing)))),
			h("p", { class: "facts" }, `US ${listing.size}, from `, h("a", { href: shop_path(listing) }, typed(listing.shop_name)), `. ${shipping_words(listing)}`), line_price(item)),
		h("div", { class: "field" }, h("label", { for: input.id }, "Pairs", h("span", { class: "unseen" }, phrase` of ${title(listing)}`)), input),
		h("button", { type: "button", class: "quiet", onclick: () => set_quantity(listing_id, 0) }, "Remove", h("span", { class: "unseen" }, phrase` ${title(listing)}`)));

	const most = listing.available + (reservations.some((reservation) => reservation.listing_id === listing_id) ? 1 : 0);

	if (most < item.quantity)
		mark_short(line, listing_id, most, most ? `Only ${plural(most, "pair")} left.` : "Sold out.");
	return line;
}

/* Runs an action on a reservation, then shows the page as it is afterwards. */
async function change_reservation(what, done, focus) {
	try {
		await what();
		say(done);
	} catch (error) {
		say(error.errors?.[0]?.message || error.message, { bad: true });
	}
	await load();
	($(focus) || $("h1")).focus();
}

function draw_reservation(reservation) {
	const name = h("span", { class: "unseen" }, phrase` ${title(reservation)}`);
	const in_cart = cart.items.some((item) => item.listing_id === reservation.listing_id);
	const cost = reservation.sale_price_cents ?? reservation.price_cents;

	return h("li", { class: "item", id: `reservation-${reservation.reservation_id}` },
		silhouette(reservation),
		h("div", {}, h("h3", {}, h("a", { href: listing_path(reservation) }, typed(title(reservation)))),
			h("p", { class: "facts" }, `US ${reservation.size}, from `, h("a", { href: shop_path(reservation) }, typed(reservation.shop_name)), `, ${money(cost)}`),
			h("p", { class: "facts" }, countdown(reservation, () => { say(phrase`${title(reservation)} is no longer held for you.`); load(); }), " left", in_cart ? ". It is in your cart: your order takes this pair." : "")),
		in_cart ? null : h("button", { type: "button", onclick: () => change_reservation(() => write("PUT", `/cart/items/${reservation.listing_id}`, { quantity: 1 }),
			"It is in your cart. Choose how you get it, and place the order.", "#buy button") }, "Buy it", name),
		h("button", { type: "button", class: "quiet", onclick: () => change_reservation(() => cancel_reservation(reservation), phrase`${title(reservation)} is for others to buy again.`, "#reservations h2") }, "Let it go", name.cloneNode(true)));
}

function draw_reservations() {
	return h("section", { id: "reservations", "aria-labelledby": "held" }, h("h2", { id: "held", tabindex: "-1" }, "Held for you"),
		reservations.length ? h("ul", { class: "items" }, reservations.map(draw_reservation)) :
			h("p", { class: "hint" }, "Nothing is held for you. On the page of a pair you can hold one for a few minutes: nobody else can buy it meanwhile."));
}

/* Shows at an item that too few are left, with a button that takes what is left. */
function mark_short(line, listing_id, available, message) {
	const input = $("input", line);

	clear_errors(line);
	$(".short", line)?.remove();
	field_error(input, message);
	if (available > 0)
		line.append(h("p", { class: "short" }, h("button", { type: "button", class: "quiet", onclick: () => set_quantity(listing_id, Math.min(available, 100)) }, `Take the ${available} that ${available === 1 ? "is" : "are"} left`)));
}

function draw() {
	show_cart(cart);
	if (!cart.items.length) {
		page.replaceChildren(empty("Your cart is empty", "Find a pair, choose how many, and it waits for you here.", h("a", { class: "button", href: "/" }, "Find shoes")),
			h("div", { class: "cart" }, draw_reservations()));
		return;
	}
	page.replaceChildren(h("div", { class: "cart" },
		h("div", {}, h("ul", { class: "items" }, cart.items.map(draw_item)), draw_reservations()),
		draw_checkout(cart, checkout_page)));
}

async function load() {
	try {
		[cart, reservations] = await Promise.all([get("/cart"), my_reservations()]);
		draw();
	} catch (error) {
		page.replaceChildren(failed(error, load));
	}
}

const checkout_page = {
	account: await need_me(),
	is_changing: () => changing,
	reload: load,
	show(after) {
		cart = after;
		draw();
	},
	mark_short(listing_id, available, message) {
		const line = line_of(listing_id);

		if (line)
			mark_short(line, listing_id, available, message);
	},
};

await load();
page.before(draw_open_attempt(checkout_page) || "");
