/* The forms to list a pair and to start a sale. */

import { get, write } from "./api.js";
import { $, ask, failed, h, phrase, plural, say } from "./dom.js";
import { learn_terms } from "./balance.js";
import { need_shop } from "./desk.js";
import { on_submit } from "./form.js";
import { show_net } from "./payment.js";
import { sale_box, watch_sale } from "./sale.js";
import { AUDIENCES, BOXES, COLORS, CONDITIONS, capital } from "./shoe.js";

let shop = null;
let stop_watching = () => {};

/* The running sale, or the form to start one. Read from the list of sales: /sale would answer 404 without one. */
async function draw_sale() {
	const { sales } = await get(`/sales?shop_id=${shop.shop_id}`);

	stop_watching();
	if (sales.length)
		follow_sale();
	else
		show_sale(null);
}

function show_sale(sale) {
	$("#sale-now").hidden = !sale;
	$("#sale-form").hidden = Boolean(sale && sale.discounts_left > 0);
}

function follow_sale() {
	const box = sale_box({ heading: "h3" });

	$("#sale-box").replaceChildren(box);
	stop_watching = watch_sale(shop.shop_id, (sale) => {
		box.update(sale);
		show_sale(sale);
	});
}

async function end_sale() {
	if (!(await ask("End the sale now?", "Everybody pays the full price from this moment on.", "End the sale", { no: "Let it run", grave: true })))
		return;
	stop_watching(); /* or a poll could get a 404 before DELETE is answered */
	try {
		await write("DELETE", `/shops/${shop.shop_id}/sale`);
		show_sale(null);
		say("The sale is over.");
		$("#sale-form input").focus();
	} catch (error) {
		say(error.message, { bad: true });
		draw_sale();
	}
}

const options = (words) => words.map((word) => h("option", { value: word }, capital(word)));

/* A used pair is described; what a hidden control holds is not sent. */
function ask_of_used() {
	const is_used = $("#condition").value === "used";

	$("#of-used").hidden = !is_used;
	$("#description").disabled = $("#box").disabled = !is_used;
}

function listen() {
	$("#color").replaceChildren(...options(COLORS));
	$("#audience").replaceChildren(...options(AUDIENCES));
	$("#condition").replaceChildren(...options(CONDITIONS));
	$("#size").replaceChildren(...Array.from({ length: 39 }, (_, n) => h("option", { value: String(1 + n / 2), selected: n === 16 }, `US ${1 + n / 2}`)));

	$("#box").replaceChildren(h("option", { value: "" }, "Not said"), ...Object.entries(BOXES).map(([box, words]) => h("option", { value: box }, words)));
	$("#condition").addEventListener("change", ask_of_used);
	ask_of_used();
	show_net($("#price"));
	on_submit($("#new"), async (values, attempt) => {
		const listing = await attempt.post(`/shops/${shop.shop_id}/listings`, values);

		$("#description").value = $("#box").value = "";
		$("#brand").focus();
		return phrase`${listing.brand} ${listing.style}, US ${listing.size}, is on your shelf: ${plural(listing.available, "pair")}.`;
	});
	on_submit($("#sale-form"), async (values, attempt) => {
		await attempt.post(`/shops/${shop.shop_id}/sales`, values);
		follow_sale();
		say("The sale is on.");
		$("#sale-title").focus();
	});
	$("#end-sale").addEventListener("click", end_sale);
}

shop = await need_shop();
listen();
await Promise.all([draw_sale(), learn_terms(shop)]).catch((error) => $("#sale-box").replaceChildren(failed(error, () => location.reload())));
$("#page").hidden = false;
