/* The desk's page of orders: what a shop has sold by its state, with the next step of each, or of several at once. */

import { write } from "./api.js";
import { $, empty, failed, h, plural, say } from "./dom.js";
import { need_shop } from "./desk.js";
import { clear_errors, show_problem } from "./form.js";
import { fill_shipments } from "./shipments.js";
import { watch } from "./watch.js";

const PACE = 5000;   /* ms between two looks for new orders */
const AT_ONCE = 4;   /* requests of several steps */

const button_class = (next) => (next ? "" : "quiet");
/* The states by their name in the address: the words, the query, what several of them become, and what is said when there is none. */
const STATES = [
	["send", "To send", "status=pending&delivery=ship", ["shipped", "as sent"], ["All is sent", "When somebody buys from you, it is listed here."]],
	["pick-up", "Pick-ups", "status=pending&delivery=pickup", ["delivered", "as picked up"], ["Nobody is to come", "Orders that are picked up in your shop are listed here."]],
	["way", "On their way", "status=shipped", ["delivered", "as arrived"], ["Nothing is on its way", "What you have sent is listed here until it has arrived."]],
	["done", "Delivered", "status=delivered", null, ["Nothing was delivered yet", "Orders that have arrived are listed here."]],
	["cancelled", "Cancelled", "status=cancelled", null, ["Nothing was cancelled", "Orders that were called off are listed here."]],
	["all", "All", "", null, ["No orders yet", "When somebody buys from you, it is listed here."]],
];

const asked = new URLSearchParams(location.search).get("state");
const [name, words, query, several, [none_title, none_text]] = STATES.find(([each]) => each === asked) || STATES[0];
const form = $("#several");
const button = $("#several button");
const shop = await need_shop();

const boxes = () => [...document.querySelectorAll("#shipments .head input")];

/* The button, the link to the slips and the box above say what is chosen. */
function count() {
	const all = boxes(), chosen = all.filter((box) => box.checked);

	form.hidden = !several || all.length === 0;
	button.disabled = chosen.length === 0;
	button.textContent = chosen.length ? `Mark ${plural(chosen.length, "order")} ${several?.[1]}` : `Mark ${several?.[1]}`;
	$("#all-shown").checked = all.length > 0 && chosen.length === all.length;
	$("#slips").hidden = chosen.length === 0;
	$("#slips").href = `/slip.html?shop=${shop.shop_id}${chosen.map((box) => `&shipment=${box.value}`).join("")}`;
}

async function show() {
	const place = empty(none_title, none_text, name === "send" || name === "all" ? h("a", { class: "button quiet", href: "/desk-list.html" }, "List shoes") : "");

	await fill_shipments(shop, $("#shipments"), new URLSearchParams(`${query}&limit=20`), { none: place, is_chosen: Boolean(several) });
	count();
}

/* One step of one of several orders, with the tracking that is typed in its card. */
function step(box) {
	const tracking = $(`#tracking-${box.value}`)?.value.trim();

	return write("PATCH", `/shops/${shop.shop_id}/shipments/${box.value}`, { status: several[0], ...(tracking && { tracking }) });
}

/* Sends the steps, a few at the same time. Resolves to the orders that were refused, each with the reason. */
async function step_all(chosen) {
	const queue = [...chosen], refused = [];

	await Promise.all(Array.from({ length: AT_ONCE }, async () => {
		for (let box = queue.shift(); box; box = queue.shift()) {
			const order = box.dataset.order;

			await step(box).then(() => { $(`#shipment-${box.value}`)?.remove(); }, (error) => refused.push(`Order ${order}: ${error.message}`));
		}
	}));
	return refused;
}

form.addEventListener("submit", async (event) => {
	event.preventDefault();
	const chosen = boxes().filter((box) => box.checked);

	if (form.getAttribute("aria-busy") || !chosen.length)
		return;
	form.setAttribute("aria-busy", "true");
	button.disabled = true;
	clear_errors(form);
	const refused = await step_all(chosen);
	const done = chosen.length - refused.length;

	form.removeAttribute("aria-busy");
	await show().catch((error) => console.warn(error.message));
	if (refused.length) {
		form.hidden = false;
		show_problem(form, { message: [done ? `${plural(done, "order")} marked ${several[1]}.` : "", ...refused].join(" ") });
	} else {
		say(`${plural(done, "order")} marked ${several[1]}.`);
		$("#orders-title").focus();
	}
});
$("#all-shown").addEventListener("change", (event) => {
	boxes().forEach((box) => { box.checked = event.target.checked; });
	count();
});
$("#shipments").addEventListener("change", count);
$("#shipments").addEventListener("grown", count);
$("#shipments").addEventListener("moved", count);
$("#states").replaceChildren(...STATES.map(([each, text]) => h("li", {}, h("a", { href: `?state=${each}`, "aria-current": each === name ? "page" : null }, text))));
$("#state-title").textContent = words;
document.title = `${words} · Orders · My shop · Shoetopia`;
$("#plain-shipments").href = `/api/shops/${shop.shop_id}/shipments`;
button.className = button_class(several);

await show().catch((error) => $("#shipments").replaceChildren(failed(error, () => location.reload())));
$("#page").hidden = false;
let last = null;

watch(`/shops/${shop.shop_id}/balance?limit=1`, (balance) => {
	if (balance && last !== null)
		show().catch((error) => console.warn(error.message));
	last = balance;
}, () => PACE);
