/* Shoes that friends wish for or bought, on the home page. */

import { $ } from "./dom.js";
import { fill_paged_list } from "./paged_list.js";
import { shoe_tile } from "./shoe.js";

export async function draw_recommendations() {
	const page = await fill_paged_list($("#friends-want ul"), "/recommendations", "limit=12", { items: "recommendations", draw: shoe_tile });

	$("#friends-want .none").hidden = !page || page.recommendations.length > 0;
}
