/*
 * The frame of the desk, where a seller runs a shop: the links to its pages, the shop's name, and its sale in a line.
 * A page of the desk has <div class="desk"><div id="desk"></div><div id="page" hidden>, and shows #page once it is filled.
 */

import { get } from "./api.js";
import { $, failed, h, plural, time, typed } from "./dom.js";
import { need_me } from "./frame.js";
import { is_planned, watch_sale } from "./sale.js";
import { verified_badge } from "./shoe.js";

const PAGES = [["/desk.html", "Today"], ["/desk-orders.html", "Orders"], ["/desk-shelf.html", "Shelf"], ["/desk-list.html", "List shoes"], ["/desk-sale.html", "Sale"],
	["/desk-money.html", "Money"], ["/desk-events.html", "Events and slots"], ["/desk-standing.html", "Profile"], ["/desk-import.html", "Import, export"]];

const name = h("p", { class: "desk-name" });
const sale_line = h("p", { class: "desk-sale" });
const sale_seen = [];
let stop_watching = () => {};

/* Without an account and a shop yet: so the links are there from the start, and nothing moves. */
function draw() {
	const links = PAGES.map(([href, text]) => h("li", {}, h("a", { href, "aria-current": href === location.pathname ? "page" : null }, text)));
	const list = h("ul", {}, links);

	$("#desk").replaceChildren(h("div", { class: "desk-head" }, name, sale_line), h("nav", { "aria-label": "Desk" }, list));
	const here = $("[aria-current]", list);

	if (here) /* on phones the links are scrolled sideways */
		list.scrollLeft = here.offsetLeft - (list.clientWidth - here.offsetWidth) / 2;
}

/* Shows the shop's name; again after it has changed. */
export function show_shop(shop) {
	name.replaceChildren(h("a", { href: `/shop.html?id=${shop.shop_id}` }, typed(shop.name), h("span", { class: "unseen" }, ", as buyers see it")), " ", verified_badge(shop) || "", shop.suspension ? h("span", { class: "badge cancelled" }, "Suspended") : "");
}

const plan = (text) => h("a", { href: "/desk-sale.html" }, text);

function show_sale(sale) {
	sale_seen.forEach((seen) => seen(sale));
	if (!sale)
		sale_line.replaceChildren("No sale is on. ", plan("Plan one"));
	else if (is_planned(sale))
		sale_line.replaceChildren(plan(`Sale planned: ${sale.percent_off}% off ${plural(sale.discounts, "pair")}`), ", from ", time(sale.starts_at));
	else if (sale.discounts_left === 0)
		sale_line.replaceChildren(plan("Sale: all discounts are gone"));
	else
		sale_line.replaceChildren(plan(`Sale: ${sale.percent_off}% off`), `, ${sale.discounts_left.toLocaleString("en-US")} of ${plural(sale.discounts, "pair")} left`, sale.ends_at ? [", until ", time(sale.ends_at)] : "");
}

/* From now on calls seen(sale) too whenever the line changes, with null without a sale. */
export const on_sale = (seen) => sale_seen.push(seen);

/* Follows the shop's sale in the line; again after a sale was started or ended. Read from the list of sales: /sale answers 404 without one. */
export async function follow_sale(shop) {
	const { sales } = await get(`/sales?shop_id=${shop.shop_id}`);

	stop_watching();
	show_sale(sales[0] ?? null);
	stop_watching = sales.length ? watch_sale(shop.shop_id, show_sale) : () => {};
}

/* Resolves to the shop of who is signed in, or to null without one. Without an account it leads to the sign-in page. */
export async function find_shop() {
	const { shop_id } = await need_me();

	if (!shop_id)
		return null;
	try {
		const shop = await get(`/shops/${shop_id}`);

		show_shop(shop);
		follow_sale(shop).catch((error) => console.warn(error.message));
		return shop;
	} catch (error) {
		$("#page").hidden = false;
		$("#page").replaceChildren(failed(error, () => location.reload()));
		return new Promise(() => {});
	}
}

/* The same for a page that needs a shop: without one it leads to the desk's first page, where one is opened. */
export async function need_shop() {
	const shop = await find_shop();

	if (shop)
		return shop;
	location.replace("/desk.html");
	return new Promise(() => {});
}

draw();
