/* The desk's page of profile and standing: delivery, verification, promotion, reviews. */

import { $, failed, parts_are_there } from "./dom.js";
import { learn_terms } from "./balance.js";
import { need_shop, show_shop } from "./desk.js";
import { show_reviews } from "./reviews.js";
import { rating } from "./shoe.js";
import { draw_promotion, fill_profile, listen_to_profile } from "./shop_profile.js";
import { draw_verification, listen_to_verification } from "./verification.js";

let shop = await need_shop();
let tiers = null;

function draw() {
	show_shop(shop);
	$("#rating").replaceChildren(rating(shop.rating, shop.reviews));
	draw_promotion(shop, tiers);
}

async function draw_terms() {
	({ tiers } = await learn_terms(shop));
	draw();
}

listen_to_profile(shop.shop_id, (after) => {
	shop = after;
	draw();
});
listen_to_verification(() => shop);
draw();
fill_profile(shop);

const parts = [["#verification", draw_verification(shop)], ["#reviews", show_reviews(shop.shop_id, $("#reviews"), "No reviews yet.")], ["#tier-now", draw_terms()]];

for (const [place, part] of parts)
	part.catch((error) => $(place).replaceChildren(failed(error, () => location.reload())));
await parts_are_there(parts.map(([, part]) => part));
$("#page").hidden = false;
if (/^#[a-z-]+$/.test(location.hash)) /* it was hidden when the browser scrolled to the fragment */
	$(location.hash)?.scrollIntoView();
