/* The desk's page of the sale: plan one, see it live, and what was sold on the last days. */

import { get, write } from "./api.js";
import { $, ask, failed, money, parts_are_there, say } from "./dom.js";
import { follow_sale, need_shop } from "./desk.js";
import { dollars, follow } from "./desk_sale_live.js";
import { listen_to_plan, load_preview } from "./desk_sale_plan.js";
import { day_text, plot } from "./plot.js";
import { is_planned, sale_box } from "./sale.js";

const DAYS = 30, DAY = 24 * 3600000;

let shop = null;
let box = null;
let stop_following = () => {};
let seen_sale = null;

const day_plots = {
	cents: plot({ title: "Revenue by day", about: "What buyers paid or are to pay for what was sold on each day.", kind: "bars", x_text: day_text, y_text: dollars, columns: ["Day (UTC)", "Revenue"] }),
	pairs: plot({ title: "Pairs by day", about: "Pairs sold on each day.", kind: "bars", x_text: day_text, columns: ["Day (UTC)", "Pairs"] }),
};

/* Bars of all days, also of those without a sale. Noon in UTC is the same day almost everywhere. */
function draw_days(days) {
	const today = Math.floor(Date.now() / DAY) * DAY;
	const known = new Map(days.map((day) => [day.day, day]));
	const all = Array.from({ length: DAYS }, (_, n) => today - (DAYS - 1 - n) * DAY).map((at) => ({ x: at + DAY / 2, ...known.get(new Date(at).toISOString().slice(0, 10)) }));
	const points = (value) => (days.length ? all.map((day) => ({ x: day.x, y: value(day) ?? 0 })) : []);

	day_plots.cents.update(points(({ cents }) => cents), money(days.reduce((sum, { cents }) => sum + cents, 0)));
	day_plots.pairs.update(points(({ pairs }) => pairs), days.reduce((sum, { pairs }) => sum + pairs, 0).toLocaleString("en-US"));
	$("#day-plots").replaceChildren(day_plots.cents, day_plots.pairs);
}

/* What of the page belongs to a sale: whether it runs, is planned, has no discount left, or is over. */
function show(sale) {
	const before = seen_sale;

	seen_sale = sale;
	box.update(sale);
	$("#live").hidden = false;
	$("#end-sale").hidden = !sale;
	$("#plan").hidden = $("#to-plan").hidden = Boolean(sale && sale.discounts_left > 0);
	$("#live-plots").hidden = $(".live-lists").hidden = Boolean(sale && is_planned(sale));
	if (!sale)
		return;
	$("#end-sale").textContent = is_planned(sale) ? "Call it off" : "End it now";
	if (before && is_planned(before) !== is_planned(sale))
		say("The sale is on.");
}

function follow_from(sold) {
	box = sale_box();
	$("#sale-box").replaceChildren(box);
	seen_sale = null;
	stop_following();
	stop_following = follow(shop, sold, show);
}

async function follow_again() {
	const { sold } = await get(`/shops/${shop.shop_id}/balance?limit=1&sale=true`);

	if (sold.sale)
		follow_from(sold);
	follow_sale(shop).catch((error) => console.warn(error.message));
}

async function started(sale) {
	await follow_again();
	say(is_planned(sale) ? "The sale is planned." : "The sale is on.");
	$("#sale-title").focus();
}

async function end_sale() {
	const planned = is_planned(seen_sale);

	if (!(await (planned ? ask("Call the sale off?", "It does not start. You can plan another one.", "Call it off", { no: "Keep it", grave: true })
		: ask("End the sale now?", "Everybody pays the full price from this moment on.", "End the sale", { no: "Let it run", grave: true }))))
		return;
	stop_following();
	try {
		await write("DELETE", `/shops/${shop.shop_id}/sale`);
		show(null);
		$("#live").hidden = planned;
		follow_sale(shop).catch((error) => console.warn(error.message));
		say(planned ? "The sale is called off." : "The sale is over.");
		$("#discounts").focus();
	} catch (error) {
		say(error.message, { bad: true });
		await follow_again().catch((other) => console.warn(other.message));
	}
}

async function load() {
	const balance = await get(`/shops/${shop.shop_id}/balance?limit=1&days=${DAYS}&sale=true`);

	draw_days(balance.days);
	if (balance.sold.sale)
		follow_from(balance.sold);
	else
		$("#plan").hidden = false;
	await load_preview(shop, balance.fee_bps);
}

listen_to_plan(() => shop, started);
$("#end-sale").addEventListener("click", end_sale);
shop = await need_shop();
$("#as-buyers").href = `/shop.html?id=${shop.shop_id}`;
const loading = load();

loading.catch((error) => $("#page").prepend(failed(error, () => location.reload())));
await parts_are_there([loading]);
$("#page").hidden = false;
