/* The desk's first page: what is to be done today. Who has no shop yet opens one here. */

import { $, failed } from "./dom.js";
import { find_shop } from "./desk.js";
import { on_submit } from "./form.js";
import { draw_to_send } from "./shipments.js";

async function run(shop) {
	await draw_to_send(shop).catch((error) => $("#shipments").replaceChildren(failed(error, () => location.reload())));
	$("#page").hidden = false;
}

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
