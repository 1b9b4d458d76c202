/* The desk's first page: what is to be done today. Who has no shop yet opens one here. */

import { get } from "./api.js";
import { $, failed, h, money, parts_are_there, phrase, plural } from "./dom.js";
import { learn_terms } from "./balance.js";
import { event_path } from "./bookings.js";
import { find_shop, on_sale } from "./desk.js";
import { on_submit } from "./form.js";
import { sale_box } from "./sale.js";
import { draw_to_do } from "./shipments.js";
import { fill_listings } from "./shop_listings.js";
import { watch } from "./watch.js";

const PACE = 3000; /* ms between two looks for new sales */
const MOST = 1000; /* the desk counts no further */

const amount = (n) => (n < MOST ? n.toLocaleString("en-US") : `${MOST.toLocaleString("en-US")}+`);
const link = (href, ...text) => h("a", { href }, ...text);

/* What a new shop does first, until it has something to sell and says how it delivers. */
function draw_steps(shop, desk) {
	const steps = [
		[desk.has_listings, link("/desk-list.html", "List your shoes"), " one by one, or ", link("/desk-import.html", "import a file"), "."],
		[shop.offers_shipping || Boolean(shop.pickup_address), link("/desk-standing.html#profile", "Say how you deliver"), ": what shipping costs, or where pairs are picked up."],
		[desk.has_had_sale, link("/desk-sale.html", "Plan a sale"), ": the first pairs get a discount. Buyers watch these."],
	];

	$("#first").hidden = steps[0][0] && steps[1][0];
	$("#first ol").replaceChildren(...steps.map(([is_done, ...text]) => h("li", { class: is_done ? "is-done" : null }, is_done ? h("span", { class: "badge good" }, "Done") : null, h("span", {}, text))));
}

function draw_figures(desk, balance) {
	const figures = [
		[amount(desk.to_send), "to send", "/desk-orders.html"],
		[amount(desk.to_pick_up), desk.to_pick_up === 1 ? "pick-up" : "pick-ups", "/desk-orders.html?state=pick-up"],
		[amount(desk.visits), `${desk.visits === 1 ? "appointment" : "appointments"} in 24 hours`, "/desk-events.html#slots"],
		balance.fee_bps === null ? [money(balance.balance_cents), "earned", "/desk-money.html"] : [money(balance.available_cents), "you can have now", "/desk-money.html"],
	];

	$("#figures").replaceChildren(...figures.map(([figure, words, href]) => h("li", {}, h("a", { href }, h("strong", {}, figure), " ", h("span", {}, words)))));
}

/* What a shop needs until it is eligible for verification, as the end of a sentence. */
function still_needed({ sold, reviews }) {
	const needed = [[5 - sold, "pair"], [5 - reviews, "review"]].filter(([n]) => n > 0).map(([n, word]) => plural(n, word));

	return needed.length ? `: ${needed.join(" and ")} to go` : ", and need better reviews";
}

/* What the shop's owner alone can answer, the most urgent first. */
function matters(shop, { suspended, disputes, verification, waiting_lists, low_stock, sold_out }) {
	return [
		shop.suspension ? phrase`Your shop is suspended: nothing of it is shown or sold. The reason: “${shop.suspension.reason}”` : null,
		suspended && !shop.suspension ? [`${amount(suspended)} ${suspended === 1 ? "listing is" : "listings are"} suspended. `, link("/desk-shelf.html?stock=suspended", "See why")] : null,
		...disputes.map(({ order_id, shipment_id, status }) => ["The payment of ", link(`/api/shops/${shop.shop_id}/shipments/${shipment_id}`, `order ${order_id}`), status === "pending" ? " is looked into: do not send it yet." : " is looked into. We pay it out once that is settled."]),
		verification.status === "refused" ? ["Your verification was refused", ...(verification.reason ? phrase`: “${verification.reason}”` : ["."]), " ", link("/desk-standing.html#standing", "Apply again")] : null,
		verification.status === "none" && verification.eligible ? ["Your shop can be verified: buyers trust it more. ", link("/desk-standing.html#standing", "Apply")] : null,
		verification.status === "pending" && !verification.eligible ? [`You have applied for verification${still_needed(verification)}. `, link("/desk-standing.html#standing", "See how far you are")] : null,
		...waiting_lists.map((event) => [...phrase`${plural(event.waiting, "person waits", "people wait")} for a place at `, link(event_path(event), phrase`${event.title}`), ". ", link("/desk-events.html", "Add places")]),
		low_stock ? [`${amount(low_stock)} of your new shoes ${low_stock === 1 ? "has" : "have"} two pairs or fewer. `, link("/desk-shelf.html?stock=low", "Restock")] : null,
		sold_out ? [`${amount(sold_out)} ${sold_out === 1 ? "listing is" : "listings are"} sold out. `, link("/desk-shelf.html?stock=out", "Restock or withdraw")] : null,
	].filter(Boolean);
}

function draw_matters(shop, desk) {
	const found = matters(shop, desk);

	$("#attention").hidden = found.length === 0;
	$("#attention ul").replaceChildren(...found.map((words) => h("li", {}, words)));
}

async function draw_low(shop) {
	const page = await fill_listings(shop, $("#low-listings"), "stock=low&limit=5", {});

	$("#low-listings").nextElementSibling.hidden = true; /* the link to all of them stands below */
	if (page)
		$("#low").hidden = page.listings.length === 0;
}

async function draw_desk(shop, balance) {
	const desk = await get(`/shops/${shop.shop_id}/desk`);

	draw_steps(shop, desk);
	draw_figures(desk, balance);
	draw_matters(shop, desk);
}

/* Whenever something is sold or cancelled all is read again, without touching what is typed; what was sent changes the figures. */
function follow(shop, first) {
	let balance = first;
	let last = JSON.stringify(first);

	watch(`/shops/${shop.shop_id}/balance?limit=1`, (now) => {
		if (!now || JSON.stringify(now) === last)
			return;
		balance = now;
		last = JSON.stringify(now);
		Promise.all([draw_desk(shop, now), draw_to_do(shop), draw_low(shop)]).catch((error) => console.warn(error.message));
	}, () => PACE);
	$("#page").addEventListener("moved", () => draw_desk(shop, balance).catch((error) => console.warn(error.message)));
}

async function run(shop) {
	const terms = learn_terms(shop);
	const parts = [["#figures", terms.then((balance) => draw_desk(shop, balance))], ["#shipments", draw_to_do(shop)], ["#low-listings", draw_low(shop)]];

	for (const [place, part] of parts)
		part.catch((error) => $(place).replaceChildren(failed(error, () => location.reload())));
	await parts_are_there(parts.map(([, part]) => part));
	$("#page").hidden = false;
	follow(shop, await terms);
}

let box = null;

on_sale((sale) => {
	if (!sale && !box)
		return;
	if (!box) {
		box = sale_box();
		$("#sale").replaceChildren(box, h("p", {}, link("/desk-sale.html", "Watch it or end it")));
	}
	box.update(sale);
	$("#sale").hidden = false;
});

const shop = await find_shop();

if (shop) {
	await run(shop);
} else {
	$(".desk").hidden = true;
	$("#open").hidden = false;
	on_submit($("#open form"), async (values, attempt) => {
		await attempt.post("/shops", values);
		location.reload();
	});
}
