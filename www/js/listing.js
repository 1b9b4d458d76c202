/* One listing: the shoe, its price and sale, the forms to buy or reserve a pair, the same shoe in other sizes and from other shops. */

import { get, write } from "./api.js";
import { $, failed, h, missing, money, own, phrase, plural, say, typed } from "./dom.js";
import { field, on_submit } from "./form.js";
import { me, show_cart } from "./frame.js";
import { sign_in_first } from "./guest.js";
import { countdown, reserve, cancel_reservation, my_reservations } from "./reservations.js";
import { nearest } from "./nearest.js";
import { gallery } from "./gallery.js";
import { photo_editor } from "./photo_editor.js";
import { sale_box, watch_sale } from "./sale.js";
import { BOXES, capital, compare_box, draw_tray, listing_path, price, rating, shipping_words, shoe_path, shop_path, silhouette, tile, title, typed_lines, verified_badge } from "./shoe.js";
import { heart } from "./wishlist_heart.js";

/* /listings/7, which the program has made, or /listing.html?id=7. */
const id = /^\/listings\/(\d+)$/.exec(location.pathname)?.[1] ?? new URLSearchParams(location.search).get("id");
const page = $("#page");
let stop = () => {};

function facts(listing, reservation) {
	const rows = [["Size", `US ${listing.size}`], ["Colour", capital(listing.color)], ["For", capital(listing.audience)], ["Condition", capital(listing.condition)],
		...(listing.box ? [["Box", own(BOXES, listing.box) || capital(listing.box)]] : []),
		["Delivery", listing.shipping_cents !== null && listing.offers_pickup ? `${shipping_words(listing)}, or pick-up` : shipping_words(listing)],
		["In stock", listing.available ? plural(listing.available, "pair") : reservation ? "One, held for you" : "Sold out"]];

	return h("dl", { class: "boxlabel" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

async function add_to_cart(listing, { quantity }) {
	const added = { method: "POST", path: "/cart/items", body: { listing_id: listing.listing_id, quantity } };

	if (!(await me)) {
		sign_in_first(added, `${plural(quantity, "pair")} added to your cart.`);
		return undefined;
	}
	show_cart(await write(added.method, added.path, added.body));
	$("#added")?.remove();
	$("#buy").append(h("p", { id: "added", class: "done", role: "status" }, `${plural(quantity, "pair")} added. `, h("a", { href: "/cart.html" }, "Go to your cart")));
	return undefined;
}

/* Runs an action on the reservation, then shows the listing as it is afterwards. */
async function act(what, done) {
	const box = $("#reservation");

	if (box.getAttribute("aria-busy"))
		return;
	box.setAttribute("aria-busy", "true");
	try {
		await what();
		say(done);
	} catch (error) {
		say(error.code === "out_of_stock" ? "Somebody was quicker: there is none left." : error.message, { bad: true });
	}
	await look_again(() => ($("#reservation p") || $("h1")).focus());
}

async function hold(listing) {
	const done = "A pair is held for you.";

	if (await me)
		await act(() => reserve(listing), done);
	else
		sign_in_first({ method: "POST", path: "/reservations", body: { listing_ids: [listing.listing_id] } }, done);
}

/* The viewer's reservation with its countdown, or the button that makes one. */
function reservation_box(listing, account, reservation) {
	const name = h("span", { class: "unseen" }, phrase` ${title(listing)}`);

	if (account && account.shop_id === listing.shop_id)
		return null;
	if (reservation)
		return h("div", { id: "reservation", class: "held" }, h("p", { tabindex: "-1" }, "A pair is held for you: ", countdown(reservation, time_is_up), " left. Nobody else can buy it."),
			h("button", { type: "button", class: "quiet", onclick: () => act(() => cancel_reservation(reservation), "Others can buy it again.") }, "Let it go", name));
	if (!listing.available)
		return null;
	return h("div", { id: "reservation", class: "held none" }, h("p", { tabindex: "-1" }, "Not sure yet? Nobody else can buy a pair that is held for you, for a few minutes."),
		h("button", { type: "button", class: "quiet", onclick: () => hold(listing) }, "Hold one for me", name));
}

async function time_is_up() {
	say("The time is over: the pair is no longer held for you.");
	await look_again();
}

function buy_form(listing, account, reservation) {
	const most = listing.available + (reservation ? 1 : 0);

	if (account && account.shop_id === listing.shop_id)
		return h("p", { class: "row" }, "This is your own pair. ", h("a", { href: "/desk-shelf.html" }, "Change it in your shop"));
	if (!most)
		return h("p", { class: "notice" }, h("strong", {}, "This pair has found its owner."), " It is sold out here, or held for somebody for a few minutes. Put the shoe on your wishlist, or look at what comes nearest, below.");
	const form = h("form", { id: "buy", class: "row-form" },
		field("Pairs", h("input", { id: "quantity", name: "quantity", type: "number", inputmode: "numeric", min: "1", max: String(Math.min(most, 100)), value: "1", required: true, "data-kind": "integer" })),
		h("button", {}, "Add to cart"));

	on_submit(form, (values) => add_to_cart(listing, values));
	return form;
}

/* What is redrawn after an action: stock, form, reservation. */
const take = (listing, account, reservation) => h("div", { id: "take" }, facts(listing, reservation), buy_form(listing, account, reservation), reservation_box(listing, account, reservation));

const reservation_of = async (account) => (account ? (await my_reservations()).find((one) => String(one.listing_id) === id) : undefined);

/* Calls redrawn() as soon as the part is replaced, before the other offers are read: the focus was in it. */
async function look_again(redrawn = () => {}) {
	try {
		const account = await me;
		const [listing, reservation] = await Promise.all([get(`/listings/${id}`), reservation_of(account)]);

		$("#take").replaceWith(take(listing, account, reservation));
		redrawn();
		await show_others(listing, reservation);
	} catch (error) {
		if (error.status === 404)
			gone();
		else
			$("#take").replaceChildren(failed(error, () => look_again()));
	}
}

/* What a pair costs with its shipping. */
function whole_price(listing) {
	const { shipping_cents } = listing;

	if (!shipping_cents)
		return h("p", { id: "whole", class: "hint" }, shipping_cents === 0 ? "Free shipping" : "Pick-up only");
	return h("p", { id: "whole" }, h("strong", {}, money((listing.sale_price_cents ?? listing.price_cents) + shipping_cents)), ` with ${money(shipping_cents)} shipping`);
}

function show(listing, account, reservation, running) {
	document.title = `${title(listing)}, US ${listing.size} · Shoetopia`;
	const cost = price(listing);
	const sale = sale_box();

	sale.hidden = !running;
	if (running)
		sale.update(running);
	page.replaceChildren(
		h("p", { id: "up" }, h("a", { href: shoe_path(listing, { audience: listing.audience, size: listing.size }) }, "All offers of this shoe")),
		h("div", { class: "pair" },
			listing.photos.length ? gallery(listing) : silhouette(listing),
			h("div", {},
				h("h1", {}, h("span", { class: "brand" }, typed(listing.brand)), " ", typed(listing.style)),
				cost, whole_price(listing), sale, listing.description ? h("p", { id: "description" }, typed_lines(listing.description)) : null, take(listing, account, reservation), h("p", { class: "row" }, heart(listing, { words: true }), listing.available ? compare_box(listing) : null),
				h("p", { id: "seller" }, "Sold by ", h("a", { href: shop_path(listing) }, typed(listing.shop_name)), " ", verified_badge(listing)))),
		...account && account.shop_id === listing.shop_id ? [photo_editor(listing, (now) => $(".pair", page).firstElementChild.replaceWith(now.photos.length ? gallery({ ...listing, photos: now.photos }) : silhouette({ ...listing, photos: [] })))] : [],
		h("section", { id: "offers" }));
	draw_tray();
	stop();
	if (listing.sale_price_cents !== null)
		stop = watch_sale(listing.shop_id, (now) => {
			sale.hidden = false;
			sale.update(now);
			if (!now || now.discounts_left === 0) {
				const full = { ...listing, sale_price_cents: null };

				$(".price", page).replaceWith(price(full));
				$("#whole", page).replaceWith(whole_price(full));
			}
		});
	get(`/shops/${listing.shop_id}`).then((shop) => {
		$("#seller").append(h("br"), rating(shop.rating, shop.reviews));
		if (shop.pickup_address)
			$("#seller").after(h("p", { id: "pickup" }, "Pick-up: ", typed_lines(shop.pickup_address), shop.pickup_hours ? [h("br"), typed_lines(shop.pickup_hours)] : null));
	}, () => {});
	show_others(listing, reservation).catch((error) => $("#offers").replaceChildren(failed(error)));
}

/* If it can be bought, its other sizes and shops; if it is sold out, the nearest listings. */
async function show_others(listing, reservation) {
	if (listing.available || reservation)
		await show_offers(listing);
	else
		$("#offers").replaceChildren(...await nearest(listing));
}

const SHOWN = 6;

/* What else there is: the shoe in other sizes, this size of other shops, and other shoes in this size. */
async function show_offers(listing) {
	const like_it = new URLSearchParams({ size: listing.size, audience: listing.audience });
	const [shoe, { listings, next }, same_size] = await Promise.all([get(`/shoes/${listing.shoe_id}`),
		get(`/listings?shoe_id=${listing.shoe_id}&${like_it}&sort=price&limit=20`), get(`/listings?${like_it}&limit=20`)]);
	const others = listings.filter((other) => other.listing_id !== listing.listing_id);
	const more = same_size.listings.filter((other) => other.shoe_id !== listing.shoe_id).slice(0, SHOWN);

	$("#offers").replaceChildren(...shoe.offers.length > 1 ? sizes(listing, shoe.offers) : [], ...others.length ? same_size_offers(listing, others, next) : [],
		...more.length ? [h("h2", {}, `Other shoes in US ${listing.size}`), h("ul", { class: "tiles strip" }, more.map((other) => tile(other, { compares: false }))), h("p", { class: "row" }, h("a", { class: "button quiet", href: `/?${like_it}` }, `All shoes in US ${listing.size}`))] : []);
}

const cost = (offer) => money(offer.sale_price_cents ?? offer.price_cents);

const sizes = (listing, offers) => [h("h2", {}, "Other sizes"), h("ul", { class: "sizes" }, offers.map((offer) => h("li", {},
	h("a", { href: shoe_path(offer, { audience: offer.audience, size: offer.size }), "aria-current": offer.size === listing.size && offer.audience === listing.audience ? "true" : null },
		h("span", { class: "size" }, h("span", { class: "us" }, "US "), String(offer.size)), h("span", {}, `${offer.audience === listing.audience ? "" : `${capital(offer.audience)}, `}from ${cost(offer)}`)))))];

const same_size_offers = (listing, others, next) => [h("h2", {}, `Who else has US ${listing.size}`),
	h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Other offers" }, h("table", {},
		h("thead", {}, h("tr", {}, ["Shop", "Condition", "Delivery", "Price", ""].map((name) => h(name ? "th" : "td", name ? { scope: "col" } : {}, name)))),
		h("tbody", {}, others.map((offer) => h("tr", {}, h("td", {}, h("a", { href: shop_path(offer) }, typed(offer.shop_name)), " ", verified_badge(offer)), h("td", {}, capital(offer.condition)),
			h("td", {}, shipping_words(offer)), h("td", {}, cost(offer)), h("td", {}, h("a", { href: listing_path(offer) }, "Look", h("span", { class: "unseen" }, phrase` at the pair of ${offer.shop_name}`)))))))),
	next ? h("p", {}, h("a", { href: shoe_path(listing, { audience: listing.audience, size: listing.size }) }, `All offers in US ${listing.size}`)) : ""];

async function load() {
	if (!/^\d+$/.test(id || "")) {
		gone();
		return;
	}
	try {
		const account = await me;
		const [listing, reservation] = await Promise.all([get(`/listings/${id}`), reservation_of(account)]);

		const running = listing.sale_price_cents === null ? null : await get(`/shops/${listing.shop_id}/sale`).catch(() => null);

		show(listing, account, reservation, running);
	} catch (error) {
		if (error.status === 404)
			gone();
		else
			page.replaceChildren(failed(error, load));
	}
}

function gone() {
	page.replaceChildren(missing("This pair is gone", "Its shop has taken it off the shelf. There are others.", h("a", { class: "button", href: "/" }, "See what there is")));
}

load();
