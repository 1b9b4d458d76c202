/* The profile of my shop and its promotion: how it delivers, what it says of itself, which tier it has. */

import { write } from "./api.js";
import { $, money, own } from "./dom.js";
import { on_submit } from "./form.js";

export function fill_profile(shop) {
	for (const control of $("#profile-form").elements)
		if (control.name)
			control.value = control.name === "shipping_cents" ? (shop.shipping_cents === null ? "" : money(shop.shipping_cents).slice(1)) : own(shop, control.name) ?? "";
}

/* tiers: what they cost, or null. */
export function draw_promotion(shop, tiers) {
	$("#tier-now").textContent = shop.promotion_tier ? `You are promoted at tier ${shop.promotion_tier}.` : "You are not promoted yet.";
	for (const option of $("#tier").options) {
		const priced = tiers?.find(({ tier }) => String(tier) === option.value);

		option.disabled = Number(option.value) < shop.promotion_tier;
		if (priced && !option.dataset.priced) {
			option.dataset.priced = "yes";
			option.textContent += `, ${money(priced.price_cents)}`;
		}
	}
	$("#tier").value = String(Math.max(shop.promotion_tier, 1));
	$("#tier-cost").hidden = !tiers;
}

/* changed(shop) is called with the shop as it is after a form was sent. */
export function listen_to_profile(shop_id, changed) {
	on_submit($("#promotion"), async (values) => {
		changed(await write("PUT", `/shops/${shop_id}/promotion`, values));
		return "Done.";
	});
	on_submit($("#profile-form"), async (values) => {
		const shop = await write("PUT", `/shops/${shop_id}/profile`, values);

		changed(shop);
		fill_profile(shop);
		return "Your profile is saved.";
	});
}
