/* The cart: its pairs by shop, the pairs held for the account, and the checkout. */

import { get, write } from "./api.js";
import { $, empty, failed, h, money, phrase, plural, say, typed } from "./dom.js";
import { draw_shop, mark_short } from "./cart_shop.js";
import { draw_checkout, draw_open_attempt } from "./checkout.js";
import { clear_errors, field_error } from "./form.js";
import { need_me, show_cart } from "./frame.js";
import { cancel_reservation, countdown, my_reservations } from "./reservations.js";
import { listing_path, shop_path, silhouette, title } from "./shoe.js";

const page = $("#page");
const deliveries = new Map(); /* by shop: how its pairs are to be delivered */
let cart = null;
let reservations = []; /* pairs held for the account: its order takes them first */
let changing = 0; /* new quantities that are being sent */
let changes = Promise.resolve(); /* one after the other, so that each answer has all before it */

const line_of = (listing_id) => $(`#item-${listing_id}`);

async function change_quantity(listing_id, quantity) {
	try {
		cart = await write("PUT", `/cart/items/${listing_id}`, { quantity });
		const focused = document.activeElement; /* it may have moved on meanwhile */

		draw();
		if (!focused.isConnected)
			(document.getElementById(focused.id) || $("h1")).focus();
		say(`Your total is ${money(total_cents())}`);
	} catch (error) {
		const line = line_of(listing_id);

		clear_errors(line);
		field_error($("input", line), error.errors?.[0]?.message || error.message);
	} finally {
		changing--;
	}
}

function set_quantity(listing_id, quantity) {
	changing++;
	changes = changes.then(() => change_quantity(listing_id, quantity)).catch((error) => say(error.message, { bad: true }));
}

/* Takes out of the cart what there is no more of. shortages: { listing_id, available }. */
async function take_out(shortages) {
	changing++;
	try {
		for (const { listing_id, available } of shortages)
			cart = await write("PUT", `/cart/items/${listing_id}`, { quantity: Math.min(available, 100) });
		draw();
		say(cart.items.length ? "Your cart has only what there is. Look at the total, and place the order." : "Your cart is empty now.");
		($(".checkout button") || $("h1")).focus();
	} catch (error) {
		say(error.message, { bad: true });
		await load();
	} finally {
		changing--;
	}
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
			"It is in your cart. Choose how you get it, and place the order.", ".checkout button") }, "Buy it", name),
		h("button", { type: "button", class: "quiet", onclick: () => change_reservation(() => cancel_reservation(reservation), phrase`${title(reservation)} is for others to buy again.`, "#reservations h2") }, "Let it go", name.cloneNode(true)));
}

function draw_reservations() {
	return h("section", { id: "reservations", "aria-labelledby": "held" }, h("h2", { id: "held", tabindex: "-1" }, "Held for you"),
		reservations.length ? h("ul", { class: "items" }, reservations.map(draw_reservation)) :
			h("p", { class: "hint" }, "Nothing is held for you. On the page of a pair you can hold one for a few minutes: nobody else can buy it meanwhile."));
}

/* How the pairs of a shop are delivered: as was chosen, else as the server would, else in the only way there is. */
function delivery_of(shop) {
	const chosen = deliveries.get(shop.shop_id) || cart.delivery;

	if (chosen === "ship" && shop.shipping_cents !== null || !shop.offers_pickup)
		return "ship";
	return "pickup";
}

/* What all of it costs as it is to be delivered. */
const total_cents = () => cart.shops.reduce((sum, shop) => sum + shop.items_cents + (delivery_of(shop) === "ship" ? shop.shipping_cents : 0), 0);

/* The pairs of an item that the account can have: besides those in stock, the one that is held for it. */
const most_of = ({ listing, listing_id }) => listing.available + (reservations.some((reservation) => reservation.listing_id === listing_id) ? 1 : 0);

/* What there is less of than the cart holds. */
const shortages = () => cart.items.filter((item) => most_of(item) < item.quantity).map((item) => ({ listing_id: item.listing_id, available: most_of(item) }));

function draw_shortages() {
	const short = shortages();

	return short.length ? h("div", { class: "notice short-notice", role: "status" },
		h("p", {}, short.every(({ available }) => !available) ? `${plural(short.length, "shoe")} of your cart found another owner.` : "There is less left than your cart holds."),
		h("button", { type: "button", onclick: () => take_out(short) }, "Take out what is gone")) : null;
}

function draw() {
	show_cart(cart);
	if (!cart.items.length) {
		page.replaceChildren(empty("Your cart is empty", "Find a pair, choose how many, and it waits for you here.", h("a", { class: "button", href: "/" }, "Find shoes")),
			h("div", { class: "cart" }, draw_reservations()));
		return;
	}
	const shops = cart.shops.map((shop) => ({ ...shop, delivery: delivery_of(shop), items: cart.items.filter((item) => item.listing.shop_id === shop.shop_id) }));
	const drawn = shops.map((shop) => draw_shop(shop, shop_page));

	page.replaceChildren(h("div", { class: "cart" },
		h("div", { class: "shops" }, draw_shortages(), drawn, draw_reservations()),
		draw_checkout(shops, checkout_page)));
}

async function load() {
	try {
		[cart, reservations] = await Promise.all([get("/cart"), my_reservations()]);
		draw();
	} catch (error) {
		page.replaceChildren(failed(error, load));
	}
}

const shop_page = {
	set_quantity,
	take_out,
	most_of,
	choose_delivery(shop, delivery) {
		deliveries.set(shop.shop_id, delivery);
		draw();
		$(`#delivery-${shop.shop_id}-${delivery}`).focus();
	},
};

const checkout_page = {
	account: await need_me(),
	is_changing: () => changing > 0,
	reload: load,
	take_out,
	cart: () => cart,
	choose_all(delivery) {
		cart.shops.forEach((shop) => deliveries.set(shop.shop_id, delivery));
		draw();
		$(".checkout h2").focus();
	},
	show(after) {
		cart = after;
		draw();
	},
	mark_short({ listing_id, available, message }) {
		const line = line_of(listing_id);

		if (line)
			mark_short(line, listing_id, available, message, shop_page);
	},
};

await load();
page.before(draw_open_attempt(checkout_page) || "");
