/* The desk's page for files of CSV: listings come in after a look at what a file says, listings and orders go out. */

import { new_key, write } from "./api.js";
import { $, h, own, plural } from "./dom.js";
import { need_shop } from "./desk.js";
import { clear_errors, field_error } from "./form.js";

const FILE_MAX = 4 * 1024 * 1024;
const SHOWN = 100; /* faults */

const input = $("#file");
const drop = $("#drop");
const checked = $("#checked");
const shop = await need_shop();
const path = `/shops/${shop.shop_id}/listings/import`;
let file = null; /* as it was checked */
let turn = 0;    /* of the last file that was chosen */

const fault_row = ({ line, field, message }) => h("tr", {}, h("td", {}, String(line)), h("td", {}, field === "file" ? "" : field), h("td", {}, message));

/* What is wrong, line by line. */
function show_faults(error) {
	const lines = own(error.body, "lines") ?? 0;
	const bad = new Set(error.errors.map(({ line }) => line)).size;
	const fine = Math.max(0, lines - bad);

	checked.replaceChildren(h("p", { class: "problem" }, `${plural(bad, "line")} must be mended first. ${fine ? `${plural(fine, "line is", "lines are")} fine. ` : ""}Nothing was listed.`),
		h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What must be mended" }, h("table", {},
			h("thead", {}, h("tr", {}, ["Line", "Column", "What to mend"].map((name) => h("th", { scope: "col" }, name)))),
			h("tbody", {}, error.errors.slice(0, SHOWN).map(fault_row)))),
		error.errors.length > SHOWN ? h("p", { class: "hint" }, `And ${plural(error.errors.length - SHOWN, "more", "more")}.`) : "");
}

function show_problem(error) {
	if (error.status === 422 && error.errors.some(({ line }) => line))
		show_faults(error);
	else
		checked.replaceChildren(h("p", { class: "problem" }, error.message));
	checked.focus();
}

/* What was checked once is listed once: sent again after a lost answer, it has the same key. */
function offer(lines, key) {
	const button = h("button", { type: "button", onclick: () => list_them(button, lines, key) }, `Import ${plural(lines, "listing")}`);

	return [h("p", {}, button), button];
}

function show_lost(error, lines, key) {
	const [row, button] = offer(lines, key);

	checked.replaceChildren(h("p", { class: "problem" }, error.message, " Whether the file was listed is not known. Import it again from here: it is not listed twice."), row);
	button.focus();
}

async function list_them(button, lines, key) {
	button.disabled = true;
	button.textContent = "Listing them…";
	try {
		const { created } = await write("POST", path, undefined, { file, key });

		checked.replaceChildren(h("p", { class: "done" }, `${plural(created, "listing is", "listings are")} on your shelf. `, h("a", { href: "/desk-shelf.html" }, "See the shelf")));
		input.value = "";
		checked.focus();
	} catch (error) {
		if (error.settled)
			show_problem(error);
		else
			show_lost(error, lines, key);
	}
}

async function check(chosen) {
	const mine = ++turn;

	clear_errors($("#import"));
	checked.replaceChildren();
	if (chosen.size > FILE_MAX) {
		field_error(input, "This file is longer than 4 MB. Divide it.");
		return;
	}
	file = new Blob([chosen], { type: "text/csv" });
	checked.replaceChildren(h("p", {}, "Reading the file…"));
	try {
		const { lines } = await write("POST", `${path}?dry_run=1`, undefined, { file });

		if (mine !== turn)
			return;
		const [row, button] = offer(lines, new_key());

		checked.replaceChildren(h("p", { class: "done" }, `${plural(lines, "line is", "lines are")} fine.`), row);
		button.focus();
	} catch (error) {
		if (mine === turn)
			show_problem(error);
	}
}

const export_link = (text, where, hint) => h("li", {}, h("a", { href: `/api/shops/${shop.shop_id}/${where}/export`, download: "" }, text), h("span", { class: "hint" }, ` ${hint}`));

input.addEventListener("click", () => { input.value = ""; }); /* else the same file, mended, is no change */
input.addEventListener("change", () => {
	if (input.files.length)
		check(input.files.item(0));
});
$("#import").addEventListener("submit", (event) => event.preventDefault());
for (const [name, is_over] of [["dragover", true], ["dragleave", false], ["drop", false]])
	drop.addEventListener(name, (event) => {
		event.preventDefault();
		drop.classList.toggle("over", is_over);
	});
drop.addEventListener("drop", (event) => {
	const dropped = event.dataTransfer.files.item(0);

	if (dropped)
		check(dropped);
});
$("#exports").replaceChildren(export_link("Listings as CSV", "listings", "the same columns: change it and list it anew"), export_link("Orders as CSV", "orders", "each pair that was sold"));
$("#page").hidden = false;
