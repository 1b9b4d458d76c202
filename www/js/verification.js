/* The verification of my shop: its status, what is still needed, and the form to apply. */

import { get } from "./api.js";
import { $, h, own, phrase } from "./dom.js";
import { on_submit } from "./form.js";

const STATUS = { none: "You have not applied.", pending: "You have applied. We look at it once you are eligible.", verified: "Your shop is verified.", refused: "We have refused it for now." };

export async function draw_verification(shop) {
	const now = await get(`/shops/${shop.shop_id}/verification`);

	$("#verification").replaceChildren(own(STATUS, now.status) || now.status, ...(now.reason ? phrase` Its reason: “${now.reason}”` : []));
	$("#verification-facts").replaceChildren(h("dt", {}, "Pairs sold"), h("dd", {}, `${now.sold} of 5`), h("dt", {}, "Reviews"), h("dd", {}, `${now.reviews} of 5`),
		h("dt", {}, "Mean rating"), h("dd", {}, now.reviews ? `${Number(now.rating).toFixed(1)}, 3 is needed` : "none yet, 3 is needed"), h("dt", {}, "Eligible"), h("dd", {}, now.eligible ? "Yes" : "Not yet"));
	$("#verify").hidden = now.status === "verified";
}

/* shop() returns the shop by the time that the form is submitted. */
export function listen_to_verification(shop) {
	on_submit($("#verify-form"), async (values, attempt) => {
		await attempt.post(`/shops/${shop().shop_id}/verification`, {});
		await draw_verification(shop());
		return "You have applied.";
	});
}
