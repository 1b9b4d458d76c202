/* The desk's page to list shoes: one shoe in many sizes at once, each its own listing. */

import { Attempt, Problem, get } from "./api.js";
import { $, cents_of, failed, h, money, own, parts_are_there, phrase, plural } from "./dom.js";
import { need_shop } from "./desk.js";
import { find_brands, find_styles, folded } from "./desk_completion.js";
import { clear_photos, listen_to_photos, photos_chosen, send_photos } from "./desk_photos.js";
import { chosen, clear_size, clear_sizes, focus_sizes, listen_to_sizes, order_sizes, price_each } from "./desk_sizes.js";
import { field_error, on_submit } from "./form.js";
import { AUDIENCES, BOXES, COLORS, CONDITIONS, capital, listing_path } from "./shoe.js";
import { complete } from "./suggestion.js";

const AT_ONCE = 8; /* listings that are created at the same time */

const form = $("#list");
let shop = null;
let fee_bps = null;    /* of the marketplace, in hundredths of a percent; null: there is none */
let shoes = [];        /* what the shop listed last: what it lists again is found there first */

const radio = (name, value, ...text) => h("label", { class: "chip" }, h("input", { type: "radio", name, value, required: name !== "box" }), ...text);
const radios = (name) => [...form.elements].filter((control) => control.name === name);
const picked = (name) => radios(name).find((input) => input.checked)?.value;

function pick(name, value) {
	const input = radios(name).find((one) => one.value === value);

	if (input && !input.checked) {
		input.checked = true;
		input.dispatchEvent(new Event("change", { bubbles: true }));
	}
}

function unpick(name) {
	radios(name).forEach((input) => { input.checked = false; });
}

/* A letter goes to the next choice that begins with it, as in a list of options. */
function listen_to_letters(group) {
	group.addEventListener("keydown", (event) => {
		const inputs = [...group.querySelectorAll("input")];
		const at = inputs.indexOf(document.activeElement);
		const from = document.activeElement.checked ? at + 1 : at;
		const next = [...inputs.slice(from), ...inputs.slice(0, from)].find((input) => input.value.startsWith(event.key.toLowerCase()));

		if (!/^[a-z]$/i.test(event.key) || event.ctrlKey || event.metaKey || event.altKey || !next)
			return;
		event.preventDefault();
		next.focus();
		pick(next.name, next.value);
	});
}

/* What used pairs alone are asked for. */
function show_worn() {
	const is_used = picked("condition") === "used";

	$("#worn").hidden = !is_used;
	for (const control of $("#worn").querySelectorAll("input, textarea"))
		control.disabled = !is_used;
}

const net = (cents) => cents - Math.floor(cents * (fee_bps ?? 0) / 10000);

/* What is about to be listed, at the button, and what the seller gets for it. */
function show_sums() {
	const sizes = chosen().filter(({ quantity }) => quantity > 0);
	const pairs = sizes.reduce((sum, { quantity }) => sum + quantity, 0);
	const one = cents_of($("#price").value);
	const prices = sizes.map(({ price_cents }) => price_cents ?? one);
	const all = sizes.reduce((sum, { quantity, price_cents }) => sum + quantity * net(price_cents ?? one), 0);
	const fee = fee_bps ? `: the marketplace keeps ${fee_bps / 100}%` : ": there is no fee";
	const each = new Set(prices).size > 1 ? "" : `${money(net(prices.at(0) ?? one))} a pair`;

	$("#submit").textContent = pairs ? `List ${plural(pairs, "pair")}${sizes.length > 1 ? ` in ${plural(sizes.length, "size")}` : ""}` : "List them";
	if (prices.some(Number.isNaN) || (!prices.length && Number.isNaN(one)))
		$("#net").textContent = "";
	else
		$("#net").textContent = `You get ${[each, pairs > 1 ? `${money(all)} for all ${pairs.toLocaleString("en-US")}` : ""].filter(Boolean).join(", ")}${fee}.`;
}

/* A shoe that the shop has listed: what is the same of it, unless that is picked already. */
function take_style(style) {
	const shoe = shoes.find((one) => folded(one.brand) === folded($("#brand").value) && folded(one.style) === folded(style));

	for (const name of ["color", "audience", "condition"])
		if (shoe && !picked(name))
			pick(name, own(shoe, name));
}

function problem(field, message) {
	return new Problem(422, { detail: "Please look at what is marked.", errors: [{ field, message }] });
}

/* What cannot be sent as it is. Errors of sizes are shown at once. */
function check(values) {
	const missing = [["color", "Choose a colour."], ["audience", "Choose whom they are for."], ["condition", "Choose new or used."]].find(([name]) => own(values, name) === undefined);
	const sizes = chosen();
	const bad = sizes.find(({ quantity }) => !(quantity >= 1 && quantity <= 100000));
	const unpriced = $("#each-price").checked && sizes.find(({ price_cents }) => Number.isNaN(price_cents));
	const wrong = [bad && [bad.control, "Enter a whole number of pairs, up to 100,000."], unpriced && [unpriced.price_control, "Enter an amount like 19.99."],
		!sizes.length && [$("#usual .pairs"), "How many pairs, and in which sizes?"]].find(Boolean);

	if (missing)
		throw problem(...missing);
	if (wrong) {
		field_error(...wrong);
		wrong.at(0).focus();
		return null;
	}
	return sizes;
}

/* Lists one size. Its key is kept until its outcome is known, so sent again it is not listed twice. */
async function list_size(values, { size, quantity, price_cents }) {
	const body = { ...values, size, quantity, price_cents: price_cents ?? values.price_cents };

	try {
		return { size, quantity, listing: await new Attempt(`list-${size}`).post(`/shops/${shop.shop_id}/listings`, body) };
	} catch (error) {
		return { size, quantity, error };
	}
}

/* Lists all sizes, a few at the same time. Resolves to what came of each. */
async function list_sizes(values, sizes) {
	const left = [...sizes];
	const results = [];
	const work = async () => {
		for (let next = left.shift(); next; next = left.shift())
			results.push(await list_size(values, next));
	};

	await Promise.all(Array.from({ length: AT_ONCE }, work));
	return results.sort((a, b) => a.size - b.size);
}

function show_made({ brand, style }, made) {
	const pairs = made.reduce((sum, { quantity }) => sum + quantity, 0);

	$("#made-title").replaceChildren(...phrase`${plural(pairs, "pair")} of ${brand} ${style} on your shelf`);
	$("#made-sizes").replaceChildren(...made.map(({ size, quantity, listing }) => h("li", {}, h("a", { class: "chip", href: listing_path(listing) }, `US ${size}`, h("span", { class: "n" }, ` × ${quantity}`)))));
	$("#made").hidden = made.length === 0;
}

function show_refused(refused) {
	for (const { size, error } of refused) {
		const { control } = chosen().find((one) => one.size === size);

		field_error(control, `US ${size}: ${error.errors.at(0)?.message || error.message}`);
	}
	form.prepend(h("p", { class: "problem", role: "alert" }, `${plural(refused.length, "size")} ${refused.length === 1 ? "was" : "were"} not listed: see below. Press the button to try again; what is on your shelf is not listed twice.`));
}

async function submit(values) {
	const sizes = check(values);

	if (!sizes)
		return;
	const results = await list_sizes(values, sizes);
	const made = results.filter(({ listing }) => listing), refused = results.filter(({ error }) => error);

	if (!made.length && refused.every(({ error }) => error.errors.length))
		throw refused.at(0).error;
	made.forEach(({ size, listing }) => {
		clear_size(size);
		shoes.unshift(listing);
	});
	show_made(values, made);
	send_photos(made.map(({ listing }) => listing), photos_chosen());
	show_sums();
	if (refused.length) {
		show_refused(refused);
		refused.map(({ size }) => chosen().find((one) => one.size === size)).at(0).control.focus();
		return;
	}
	$("#again").focus();
	$("#made").scrollIntoView({ block: "nearest" });
}

/* The form anew. With `same`, brand, style and colour stay. */
function begin(same) {
	clear_sizes();
	$("#description").value = "";
	unpick("box");
	if (!same) {
		$("#brand").value = $("#style").value = $("#price").value = "";
		unpick("color");
		clear_photos();
	}
	show_sums();
	if (same)
		focus_sizes();
	else
		$("#brand").focus();
}

function listen() {
	$("#colors").append(...COLORS.map((color) => radio("color", color, h("span", { class: `dot c-${color}` }), capital(color))));
	$("#audiences").append(...AUDIENCES.map((audience) => radio("audience", audience, capital(audience))));
	$("#conditions").append(...CONDITIONS.map((condition) => radio("condition", condition, capital(condition))));
	$("#boxes").append(...Object.entries(BOXES).map(([box, text]) => radio("box", box, text)));
	for (const group of form.querySelectorAll(".chips"))
		listen_to_letters(group);
	pick("condition", "new");
	listen_to_sizes(show_sums);
	show_worn();
	complete($("#brand"), (text) => find_brands(text, shoes));
	complete($("#style"), (text) => find_styles(text, $("#brand").value.trim(), shoes), take_style);
	form.addEventListener("change", (event) => {
		if (event.target.name === "audience")
			order_sizes(event.target.value);
		if (event.target.name === "condition")
			show_worn();
	});
	$("#price").addEventListener("input", show_sums);
	$("#each-price").addEventListener("change", () => {
		$("#price").required = !$("#each-price").checked;
		price_each($("#each-price").checked, cents_of($("#price").value));
		show_sums();
	});
	$("#again").addEventListener("click", () => begin(true));
	$("#another").addEventListener("click", () => begin(false));
	listen_to_photos();
	on_submit(form, submit);
}

async function load() {
	const [balance, page] = await Promise.all([get(`/shops/${shop.shop_id}/balance?limit=1`), get(`/shops/${shop.shop_id}/listings?limit=100`)]);

	fee_bps = balance.fee_bps;
	shoes = page.listings;
	show_sums();
}

listen();
shop = await need_shop();
const loading = load();

loading.catch((error) => $("#page").prepend(failed(error, () => location.reload())));
await parts_are_there([loading]);
$("#page").hidden = false;
$("#brand").focus();
