/* My shop: the form to open it; then shipments, listings, flash sale, slots, events, verification, promotion, reviews and balance. */

import { get, write } from "./api.js";
import { $, ask, failed, h, money, own, parts_are_there, phrase, plural, say, typed } from "./dom.js";
import { draw_balance, listen_to_balance } from "./balance.js";
import { on_submit } from "./form.js";
import { need_me } from "./frame.js";
import { show_net } from "./payment.js";
import { show_reviews } from "./reviews.js";
import { sale_box, watch_sale } from "./sale.js";
import { draw_shipments } from "./shipments.js";
import { AUDIENCES, BOXES, COLORS, CONDITIONS, capital, rating, verified_badge } from "./shoe.js";
import { draw_events, listen_to_events } from "./shop_events.js";
import { draw_listings } from "./shop_listings.js";
import { draw_slots, listen_to_slots } from "./shop_slots.js";
import { draw_verification, listen_to_verification } from "./verification.js";
import { watch } from "./watch.js";

const BALANCE_PACE = 3000; /* ms between two looks for new sales */

let shop = null;
let stop_watching = () => {};

function draw_head() {
	$("#shop-title").replaceChildren(typed(shop.name), " ", verified_badge(shop) || "");
	$("#see").replaceChildren(rating(shop.rating, shop.reviews), " · ", h("a", { href: `/shop.html?id=${shop.shop_id}` }, "See it as buyers do"));
	$("#tier-now").textContent = shop.promotion_tier ? `You are promoted at tier ${shop.promotion_tier}.` : "You are not promoted yet.";
	for (const option of $("#tier").options)
		option.disabled = Number(option.value) < shop.promotion_tier;
	$("#tier").value = String(Math.max(shop.promotion_tier, 1));
}

function fill_profile() {
	for (const control of $("#profile-form").elements)
		if (control.name)
			control.value = control.name === "shipping_cents" ? (shop.shipping_cents === null ? "" : money(shop.shipping_cents).slice(1)) : own(shop, control.name) ?? "";
}

/* The running sale, or the form to start one. Read from the list of sales: /sale would answer 404 without one. */
async function draw_sale() {
	const { sales } = await get(`/sales?shop_id=${shop.shop_id}`);

	stop_watching();
	if (sales.length)
		follow_sale();
	else
		show_sale(null);
}

function show_sale(sale) {
	$("#sale-now").hidden = !sale;
	$("#sale-form").hidden = Boolean(sale && sale.discounts_left > 0);
}

function follow_sale() {
	const box = sale_box({ heading: "h3" });

	$("#sale-box").replaceChildren(box);
	stop_watching = watch_sale(shop.shop_id, (sale) => {
		box.update(sale);
		show_sale(sale);
	});
}

/*
 * Sales and cancellations change the balance: then the shipments, the stock and the balance are read again, without touching what is typed. The first answer
 * is compared with what is shown already.
 */
function follow_balance() {
	const draws = [draw_shipments, draw_listings, draw_balance];
	let is_first = true;

	watch(`/shops/${shop.shop_id}/balance?limit=1`, (balance) => {
		if (balance && !(is_first && $("#balance-now").textContent === money(balance.balance_cents)))
			Promise.all(draws.map((draw) => draw(shop))).catch((error) => console.warn(error.message));
		is_first = false;
	}, () => BALANCE_PACE);
}

async function end_sale() {
	if (!(await ask("End the sale now?", "Everybody pays the full price from this moment on.", "End the sale", { no: "Let it run", grave: true })))
		return;
	stop_watching(); /* or a poll could get a 404 before DELETE is answered */
	try {
		await write("DELETE", `/shops/${shop.shop_id}/sale`);
		show_sale(null);
		say("The sale is over.");
		$("#sale-form input").focus();
	} catch (error) {
		say(error.message, { bad: true });
		draw_sale();
	}
}

const options = (words) => words.map((word) => h("option", { value: word }, capital(word)));

/* A used pair is described; what a hidden control holds is not sent. */
function ask_of_used() {
	const is_used = $("#condition").value === "used";

	$("#of-used").hidden = !is_used;
	$("#description").disabled = $("#box").disabled = !is_used;
}

function listen() {
	$("#color").replaceChildren(...options(COLORS));
	$("#audience").replaceChildren(...options(AUDIENCES));
	$("#condition").replaceChildren(...options(CONDITIONS));
	$("#size").replaceChildren(...Array.from({ length: 39 }, (_, n) => h("option", { value: String(1 + n / 2), selected: n === 16 }, `US ${1 + n / 2}`)));

	$("#box").replaceChildren(h("option", { value: "" }, "Not said"), ...Object.entries(BOXES).map(([box, words]) => h("option", { value: box }, words)));
	$("#condition").addEventListener("change", ask_of_used);
	ask_of_used();
	show_net($("#price"));
	on_submit($("#new"), async (values, attempt) => {
		const listing = await attempt.post(`/shops/${shop.shop_id}/listings`, values);

		await draw_listings(shop);
		$("#description").value = $("#box").value = "";
		$("#brand").focus();
		return phrase`${listing.brand} ${listing.style}, US ${listing.size}, is on your shelf: ${plural(listing.available, "pair")}.`;
	});
	on_submit($("#sale-form"), async (values, attempt) => {
		await attempt.post(`/shops/${shop.shop_id}/sales`, values);
		follow_sale();
		say("The sale is on.");
		$("#sale-title").focus();
	});
	$("#end-sale").addEventListener("click", end_sale);
	listen_to_slots(() => shop);
	listen_to_events(() => shop);
	on_submit($("#promotion"), async (values) => {
		shop = await write("PUT", `/shops/${shop.shop_id}/promotion`, values);
		draw_head();
		return "Done.";
	});
	on_submit($("#profile-form"), async (values) => {
		shop = await write("PUT", `/shops/${shop.shop_id}/profile`, values);
		draw_head();
		fill_profile();
		return "Your profile is saved.";
	});
	listen_to_balance(() => shop);
	listen_to_verification(() => shop);
}

async function run(shop_id) {
	shop = await get(`/shops/${shop_id}`);
	$("#open").hidden = true;
	draw_head();
	fill_profile();
	const parts = [
		["#shipments", draw_shipments(shop)],
		["#listings", draw_listings(shop)],
		["#sale-box", draw_sale()],
		["#my-events", draw_events(shop)],
		["#entries", draw_balance(shop)],
		["#verification", draw_verification(shop)],
		["#reviews", show_reviews(shop.shop_id, $("#reviews"), "No reviews yet.")],
		["#slot-days", draw_slots(shop)],
	];

	for (const [place, part] of parts)
		part.catch((error) => $(place).replaceChildren(failed(error, () => location.reload())));
	await parts_are_there(parts.map(([, part]) => part));
	$("#shop").hidden = false;
	follow_balance();
	if (/^#[a-z-]+$/.test(location.hash))
		$(location.hash)?.scrollIntoView();
}

listen();

const account = await need_me();

if (account.shop_id) {
	await run(account.shop_id).catch((error) => {
		$("#shop").hidden = false;
		$("#shop").replaceChildren(failed(error, () => location.reload()));
	});
} else {
	$("#open").hidden = false;
	on_submit($("#open form"), async (values, attempt) => {
		const { shop_id } = await attempt.post("/shops", values);

		await run(shop_id);
		$("#shop-title").focus();
	});
}
