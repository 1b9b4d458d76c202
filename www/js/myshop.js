/* My shop: open it; then what to send, the shelf, the flash sale, the standing, the money. */

import { get, write } from "./api.js";
import { $, ask, failed, h, money, plural, say, time } from "./dom.js";
import { on_submit } from "./form.js";
import { need_me } from "./frame.js";
import { draw_events, listen_to_events } from "./myevents.js";
import { draw_slots, listen_to_slots } from "./offer.js";
import { draw_parcels } from "./parcels.js";
import { sale_box, watch_sale } from "./sale.js";
import { draw_stock } from "./stock.js";
import { AUDIENCES, COLORS, CONDITIONS, capital, rating, verified_badge } from "./shoe.js";

let shop = null;
let stop_watching = () => {};

function draw_head() {
	$("#shop-title").replaceChildren(shop.name, " ", verified_badge(shop) || "");
	$("#see").replaceChildren(rating(shop.rating, shop.reviews), " · ", h("a", { href: `/shop.html?id=${shop.shop_id}` }, "See it as buyers do"));
	$("#tier-now").textContent = shop.promotion_tier ? `You are promoted at tier ${shop.promotion_tier}.` : "You are not promoted yet.";
	for (const option of $("#tier").options)
		option.disabled = Number(option.value) < shop.promotion_tier;
	$("#tier").value = String(Math.max(shop.promotion_tier, 1));
}

async function draw_balance() {
	const balance = await get(`/shops/${shop.shop_id}/balance?limit=50`);
	const REASON = { sold: "Sold", cancelled: "Cancelled" };

	$("#balance-now").textContent = money(balance.balance_cents);
	$("#entries").replaceChildren(balance.entries.length ? h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Entries" }, h("table", {},
		h("thead", {}, h("tr", {}, ["When", "What", "Amount"].map((name) => h("th", { scope: "col" }, name)))),
		h("tbody", {}, balance.entries.map((entry) => h("tr", {}, h("td", {}, time(entry.created_at)), h("td", {}, `${REASON[entry.reason] || capital(entry.reason || "entry")}${entry.order_id ? `, order ${entry.order_id}` : ""}`), h("td", {}, money(entry.amount_cents))))))) :
		h("p", {}, "Nothing has come in yet."), balance.next ? h("p", { class: "hint" }, "These are the newest 50.") : "");
}

async function draw_verification() {
	const now = await get(`/shops/${shop.shop_id}/verification`);
	const SAYS = { none: "You have not applied.", pending: "You have applied. The house looks at it once you are eligible.", verified: "Your shop is verified.", refused: "The house has refused it for now." };

	$("#verification").replaceChildren(SAYS[now.status] || now.status);
	$("#verification-facts").replaceChildren(h("dt", {}, "Pairs sold"), h("dd", {}, `${now.sold} of 5`), h("dt", {}, "Reviews"), h("dd", {}, `${now.reviews} of 5`),
		h("dt", {}, "Mean rating"), h("dd", {}, now.reviews ? `${Number(now.rating).toFixed(1)}, 3 is needed` : "none yet, 3 is needed"), h("dt", {}, "Eligible"), h("dd", {}, now.eligible ? "Yes" : "Not yet"));
	$("#verify").hidden = now.status === "verified";
}

/* The sale that is on, or the form to start one. Whether one is on is told by the list of sales, so that nothing is asked in vain. */
async function draw_sale() {
	const { sales } = await get("/sales?limit=100");

	stop_watching();
	if (sales.some((sale) => sale.shop_id === shop.shop_id))
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

async function end_sale() {
	if (!(await ask("End the sale now?", "Everybody pays the full price from this moment on.", "End the sale", { no: "Let it run", grave: true })))
		return;
	stop_watching(); /* or it might ask for what is over, before we hear that it is */
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

async function draw_reviews() {
	const { reviews } = await get(`/shops/${shop.shop_id}/reviews?limit=20`);

	$("#reviews").replaceChildren(...(reviews.length ? reviews.map((review) => h("li", {}, h("span", { class: "stars", "aria-hidden": "true" }, "★".repeat(review.rating) + "☆".repeat(5 - review.rating)), h("span", { class: "unseen" }, `${review.rating} of 5`), " ", review.comment || "")) :
		[h("li", {}, "No reviews yet.")]));
}

const options = (words) => words.map((word) => h("option", { value: word }, capital(word)));

function listen() {
	$("#color").replaceChildren(...options(COLORS));
	$("#audience").replaceChildren(...options(AUDIENCES));
	$("#condition").replaceChildren(...options(CONDITIONS));
	$("#size").replaceChildren(...Array.from({ length: 39 }, (_, n) => h("option", { value: String(1 + n / 2), selected: n === 16 }, `US ${1 + n / 2}`)));

	on_submit($("#new"), async (values, attempt) => {
		const listing = await attempt.post(`/shops/${shop.shop_id}/listings`, values);

		await draw_stock(shop);
		$("#brand").focus();
		return `${listing.brand} ${listing.style}, US ${listing.size}, is on your shelf: ${plural(listing.available, "pair")}.`;
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
	on_submit($("#verify-form"), async (values, attempt) => {
		await attempt.post(`/shops/${shop.shop_id}/verification`, {});
		await draw_verification();
		return "You have applied.";
	});
}

async function run(shop_id) {
	shop = await get(`/shops/${shop_id}`);
	$("#open").hidden = true;
	$("#shop").hidden = false;
	draw_head();
	const parts = [["#parcels", draw_parcels(shop)], ["#stock", draw_stock(shop)], ["#sale-box", draw_sale()], ["#my-events", draw_events(shop)], ["#entries", draw_balance()], ["#verification", draw_verification()], ["#reviews", draw_reviews()], ["#slot-days", draw_slots(shop)]];

	for (const [place, part] of parts)
		part.catch((error) => $(place).replaceChildren(failed(error, () => location.reload())));
	await Promise.allSettled(parts.map(([, part]) => part));
	if (/^#[a-z-]+$/.test(location.hash))
		$(location.hash)?.scrollIntoView();
}

listen();

const account = await need_me();

if (account.shop_id) {
	await run(account.shop_id).catch((error) => $("#shop").replaceChildren(failed(error, () => location.reload())));
} else {
	$("#open").hidden = false;
	on_submit($("#open form"), async (values, attempt) => {
		const { shop_id } = await attempt.post("/shops", values);

		await run(shop_id);
		$("#shop-title").focus();
	});
}
