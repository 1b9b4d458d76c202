/* The admin's page: shops that ask to be verified, and the audit. */

import { get, write } from "./api.js";
import { $, empty, failed, h } from "./dom.js";
import { need_me } from "./frame.js";
import { rating } from "./shoe.js";

async function decide(shop, verified) {
	const row = $(`#shop-${shop.shop_id}`);

	try {
		await write("PUT", `/shops/${shop.shop_id}/verification`, { verified });
		row.replaceChildren(h("p", { class: "done", role: "status" }, `${shop.name} is ${verified ? "verified" : "refused"}.`));
	} catch (error) {
		row.append(h("p", { class: "problem", role: "alert" }, error.message));
	}
}

function draw_shop(shop) {
	const name = shop.name;

	return h("li", { class: "card", id: `shop-${shop.shop_id}` },
		h("h3", {}, h("a", { href: `/shop.html?id=${shop.shop_id}` }, name)),
		h("p", {}, rating(shop.rating, shop.reviews), shop.sold === undefined ? "" : ` · ${shop.sold} sold`, shop.eligible === undefined ? "" : ` · ${shop.eligible ? "eligible" : "not eligible yet"}`),
		h("p", { class: "row" }, h("button", { type: "button", onclick: () => decide(shop, true) }, "Verify", h("span", { class: "unseen" }, ` ${name}`)),
			h("button", { type: "button", class: "grave", onclick: () => decide(shop, false) }, "Refuse", h("span", { class: "unseen" }, ` ${name}`))));
}

async function draw_verifications() {
	const { shops } = await get("/admin/verifications?limit=100");

	$("#waiting").replaceChildren(...(shops.length ? shops.map(draw_shop) : [h("li", {}, empty("Nobody waits", "Shops that apply are listed here."))]));
}

async function draw_audit() {
	const audit = await get("/admin/audit");
	const rows = audit.checks;
	const wrong = rows.filter((row) => row.violations > 0).length;

	$("#audit").replaceChildren(h("p", { class: wrong ? "problem" : "done", role: "status" }, wrong ? `${wrong} of ${rows.length} checks found something.` : `All ${rows.length} checks found nothing wrong.`),
		h("p", {}, audit.checked_at ? `As of ${new Date(audit.checked_at).toLocaleString("en-US")}.` : "The first check is not through yet."),
		h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Each check" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Check"), h("th", { scope: "col" }, "Violations"))),
			h("tbody", {}, rows.map((row) => h("tr", {}, h("td", {}, row.name), h("td", {}, String(row.violations))))))));
}

const account = await need_me();

$("#page").hidden = false;
if (account.role !== "admin") {
	$("#page").replaceChildren(empty("This is for the house alone", "Your account is not an admin's.", h("a", { class: "button", href: "/" }, "To the shoes")));
} else {
	draw_verifications().catch((error) => $("#waiting").replaceChildren(failed(error)));
	draw_audit().catch((error) => $("#audit").replaceChildren(failed(error)));
	$("#again").addEventListener("click", () => draw_audit().catch((error) => $("#audit").replaceChildren(failed(error))));
}
