/* The desk's page of release events and of slots for appointments. */

import { $, failed, parts_are_there } from "./dom.js";
import { need_shop } from "./desk.js";
import { draw_events, listen_to_events } from "./shop_events.js";
import { draw_slots, listen_to_slots } from "./shop_slots.js";

const shop = await need_shop();
const parts = [["#my-events", draw_events(shop)], ["#slot-days", draw_slots(shop)]];

listen_to_events(() => shop);
listen_to_slots(() => shop);
for (const [place, part] of parts)
	part.catch((error) => $(place).replaceChildren(failed(error, () => location.reload())));
await parts_are_there(parts.map(([, part]) => part));
$("#page").hidden = false;
if (/^#[a-z-]+$/.test(location.hash)) /* it was hidden when the browser scrolled to the fragment */
	$(location.hash)?.scrollIntoView();
