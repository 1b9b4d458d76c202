/* The form that starts or plans a sale, with what it would do to the prices of the shop. */

import { get } from "./api.js";
import { $, h, money, plural, typed } from "./dom.js";
import { on_submit } from "./form.js";
import { title } from "./shoe.js";

const ROWS = 6; /* of the preview */

let listings = [];  /* the newest ones of the shop that are in stock */
let has_more = false;
let fee_bps = null; /* of the marketplace; null: there is none */

/* A pair in the sale costs this, rounded down to the cent, as at checkout. */
const sale_price = (cents, percent) => Math.floor(cents * (100 - percent) / 100);

const whole = (input) => (/^\d{1,7}$/.test(input.value.trim()) ? Number(input.value.trim()) : NaN);

/* The most that a number of discounts can cost: as if the dearest pairs went first. */
function most_given(discounts, percent) {
	let left = discounts, cents = 0;

	for (const { price_cents, available } of listings.toSorted((a, b) => b.price_cents - a.price_cents)) {
		const pairs = Math.min(left, available);

		cents += pairs * (price_cents - sale_price(price_cents, percent));
		left -= pairs;
	}
	return { cents, left };
}

function preview() {
	const percent = whole($("#percent")), discounts = whole($("#discounts"));
	const is_known = percent >= 1 && percent <= 99 && listings.length > 0;

	$("#preview").hidden = !is_known;
	$("#plan-button").textContent = $("#starts").value ? "Plan the sale" : "Start the sale";
	if (!is_known)
		return;
	$("#preview thead").replaceChildren(h("tr", {}, ["Shoe", "Now", "In the sale", fee_bps === null ? [] : "You get"].flat().map((name) => h("th", { scope: "col" }, name))));
	$("#preview tbody").replaceChildren(...listings.slice(0, ROWS).map((listing) => {
		const cents = sale_price(listing.price_cents, percent);

		return h("tr", {}, h("th", { scope: "row" }, typed(title(listing)), `, US ${listing.size}`), h("td", {}, money(listing.price_cents)), h("td", { class: "in-sale" }, money(cents)),
			fee_bps === null ? null : h("td", {}, money(cents - Math.floor(cents * fee_bps / 10000))));
	}));
	const { cents, left } = most_given(discounts || 0, percent);

	$("#preview-sum").textContent = !(discounts >= 1) ? "" : [`${plural(discounts, "pair")} at ${percent}% off cost you at most ${money(cents)}${has_more ? ", as far as your newest 100 listings go" : ""}.`,
		left > 0 && !has_more ? `You have ${plural(discounts - left, "pair")} in stock: the others' discounts wait for more.` : ""].filter(Boolean).join(" ");
}

/* Reads what the preview needs. */
export async function load_preview(shop, fee) {
	const page = await get(`/shops/${shop.shop_id}/listings?stock=in&limit=100`);

	fee_bps = fee;
	listings = page.listings;
	has_more = page.next !== null;
	preview();
}

/* shop(): the shop. started(sale) is called with the sale that was started or planned. */
export function listen_to_plan(shop, started) {
	$("#plan-form").addEventListener("input", preview);
	on_submit($("#plan-form"), async (values, attempt) => {
		const sale = await attempt.post(`/shops/${shop().shop_id}/sales`, values);

		$("#plan-form").reset();
		preview();
		await started(sale);
	});
}
