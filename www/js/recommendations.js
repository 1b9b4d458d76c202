/* Shoes that friends wish for or bought, on the home page. */

import { get } from "./api.js";
import { $ } from "./dom.js";
import { shoe_tile } from "./shoe.js";

export async function draw_recommendations() {
	const { recommendations } = await get("/recommendations?limit=12");

	$("#friends-want ul").replaceChildren(...recommendations.map((shoe) => shoe_tile(shoe)));
	$("#friends-want .none").hidden = recommendations.length > 0;
}
