/* The wishlist buttons (hearts) on shoes. The wishlist is read once for a page; all hearts of a shoe change together. */

import { get, write } from "./api.js";
import { h, phrase, say, svg } from "./dom.js";
import { me } from "./frame.js";

const HEART = "M10 17.5 3.2 10.6a4.3 4.3 0 0 1 0-6.1 4.3 4.3 0 0 1 6.1 0l.7.7.7-.7a4.3 4.3 0 0 1 6.1 0 4.3 4.3 0 0 1 0 6.1z";

const wished = new Set();
const under_way = new Set();
let loaded = null;

async function load() {
	let cursor = null;

	if (!(await me))
		return;
	do {
		const page = await get(`/wishlist?limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);

		page.shoes.forEach((shoe) => wished.add(shoe.shoe_id));
		cursor = page.next;
	} while (cursor);
	draw();
}

function draw() {
	document.querySelectorAll("[data-wish]").forEach((button) => button.setAttribute("aria-pressed", String(wished.has(Number(button.dataset.wish)))));
}

async function toggle(shoe) {
	const id = shoe.shoe_id;
	const name = `${shoe.brand} ${shoe.style}`;

	if (!(await me)) {
		const { sign_in_first } = await import("./guest.js");

		sign_in_first({ method: "PUT", path: `/wishlist/${id}` }, "The shoe is on your wishlist.");
		return;
	}
	if (under_way.has(id))
		return;
	under_way.add(id);
	try {
		await loaded;
		await write(wished.has(id) ? "DELETE" : "PUT", `/wishlist/${id}`);
		if (!wished.delete(id))
			wished.add(id);
		say(wished.has(id) ? phrase`${name} is on your wishlist.` : phrase`${name} is off your wishlist.`);
	} catch (error) {
		say(error.errors?.[0]?.message || error.message, { bad: true });
	} finally {
		under_way.delete(id);
		draw();
	}
}

/* The heart of a shoe, pressed if it is on the wishlist; with words where there is space for them. */
export function heart(shoe, { words = false } = {}) {
	const name = `${shoe.brand} ${shoe.style}, ${shoe.color}`;

	loaded ||= load().catch((error) => say(error.message, { bad: true }));
	return h("button", { type: "button", class: words ? "heart quiet" : "heart alone", "data-wish": shoe.shoe_id, "aria-pressed": String(wished.has(shoe.shoe_id)), onclick: () => toggle(shoe) },
		svg("svg", { viewBox: "0 0 20 20", width: "22", height: "22", "aria-hidden": "true", focusable: "false" }, svg("path", { d: HEART })),
		words ? h("span", {}, "Wishlist", h("span", { class: "unseen" }, phrase` with ${name}`)) : h("span", { class: "unseen" }, phrase`Wish for ${name}`));
}
