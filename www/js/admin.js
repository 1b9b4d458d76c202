/* The admin's page: what people tell of, shops that ask to be verified, payouts, the audit, and what admins did. */

import { get } from "./api.js";
import { $, empty, failed, h, own, time, typed } from "./dom.js";
import { need_me } from "./frame.js";
import { fill_paged_list } from "./paged_list.js";
import { listen_to_lookup } from "./lookup.js";
import { draw_payouts } from "./payout.js";
import { rating } from "./shoe.js";
import { decision_form } from "./verification_decision.js";

const ACT = { verify_shop: "Verified", refuse_shop: "Refused", take_back_verification: "Took back the verification of", grant_admin: "Made an admin of", pay_payout: "Paid", refuse_payout: "Refused", suspend_shop: "Suspended", suspend_listing: "Suspended",
	readmit_shop: "Let in again", readmit_listing: "Let in again" };

function draw_shop(shop) {
	const row = h("li", { class: "card", id: `shop-${shop.shop_id}` },
		h("h3", {}, h("a", { href: `/shop.html?id=${shop.shop_id}` }, typed(shop.name))),
		h("p", {}, rating(shop.rating, shop.reviews), ` · ${shop.sold} sold · ${shop.eligible ? "eligible" : "not eligible yet"}`),
		decision_form(shop, shop, (answer, words) => {
			row.replaceChildren(h("p", { class: "done", role: "status", tabindex: "-1" }, words));
			$("p", row).focus();
			draw_log();
		}));

	return row;
}

const draw_verifications = () => fill_paged_list($("#waiting"), "/admin/verifications", "limit=20",
	{ items: "shops", draw: draw_shop, none: empty("Nobody waits", "Shops that apply are listed here.") });

async function draw_audit() {
	const audit = await get("/admin/audit");
	const rows = audit.checks;
	const wrong = rows.filter((row) => row.violations > 0).length;

	$("#audit").replaceChildren(h("p", { class: wrong ? "problem" : "done", role: "status" }, wrong ? `${wrong} of ${rows.length} checks found something.` : `All ${rows.length} checks found nothing wrong.`),
		h("p", {}, audit.checked_at ? `As of ${new Date(audit.checked_at).toLocaleString("en-US")}.` : "The first check is not through yet."),
		h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Each check" }, h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Check"), h("th", { scope: "col" }, "Violations"))),
			h("tbody", {}, rows.map((row) => h("tr", {}, h("td", {}, row.name), h("td", {}, String(row.violations))))))));
}

/* "shop 5 (Gum & Lace)" as a link to the shop; what it was done to otherwise. */
function subject_link(subject) {
	const shop = /^shop (\d+) \(([^]*)\)$/.exec(subject);

	return shop ? h("a", { href: `/shop.html?id=${shop[1]}` }, h("bdi", {}, shop[2])) : h("bdi", {}, subject);
}

const draw_act = (act) => h("tr", {}, h("td", {}, time(act.created_at)), h("td", {}, typed(act.name)),
	h("td", {}, own(ACT, act.act) || act.act, " ", subject_link(act.subject)), h("td", {}, typed(act.reason || "")));

async function draw_log() {
	const rows = h("tbody", {});
	const table = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Each act" }, h("table", {},
		h("thead", {}, h("tr", {}, ["When", "Who", "What", "Why"].map((name) => h("th", { scope: "col" }, name)))), rows));

	$("#log").replaceChildren(table);
	const page = await fill_paged_list(rows, "/admin/log", "limit=20", { items: "acts", draw: draw_act, behind: table, none: "Nothing yet." });

	table.hidden = !page?.acts.length;
}

const account = await need_me();

$("#page").hidden = false;
if (account.role !== "admin") {
	$("#page").replaceChildren(empty("This page is for admins", "Your account is not an admin's.", h("a", { class: "button", href: "/" }, "To the shoes")));
} else {
	listen_to_lookup($("#lookup"), $("#found"), draw_log);
	draw_verifications();
	draw_payouts($("#payouts"), draw_log);
	draw_log();
	draw_audit().catch((error) => $("#audit").replaceChildren(failed(error)));
	$("#again").addEventListener("click", () => draw_audit().catch((error) => $("#audit").replaceChildren(failed(error))));
}
