/*
 * The page of a shoe, which the program has made (src/market/shoe_page.c). Here sizes and their system change without a new page: the parts that
 * depend on them are taken from the page that the link leads to. Beside that, the cart, the heart, friends, and what the shoe sold for.
 */

import { get, write } from "./api.js";
import { $, failed, h, plural } from "./dom.js";
import { me, show_cart } from "./frame.js";
import { sign_in_first } from "./guest.js";
import { silhouette } from "./shoe.js";
import { price_history } from "./shoe_prices.js";
import { forget_size, my_size, remember_size, same_foot, size_words } from "./sizes.js";
import { heart } from "./wishlist_heart.js";

const page = $("#shoe");
const { brand, style, color } = page.dataset;
const shoe = { shoe_id: Number(page.dataset.shoe), brand, style, color };
const parts = ["#best", "#pick", "#offers"];
const news = h("p", { class: "unseen", role: "status" });
let latest = 0;

page.append(news);

/* Shows the page of another choice. Of two that are asked for, the later one is shown, whichever comes first. */
async function show(path, { add = true } = {}) {
	const turn = ++latest;
	const answer = await fetch(path, { headers: { Accept: "text/html" }, credentials: "same-origin" }).catch(() => null);
	const fresh = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;

	if (turn !== latest)
		return;
	if (!fresh || !$("#shoe", fresh)) {
		location.assign(path);
		return;
	}
	parts.forEach((part) => $(part).replaceWith(document.adoptNode($(part, fresh))));
	Object.assign(page.dataset, $("#shoe", fresh).dataset);
	if (add)
		history.pushState(null, "", path);
	else
		history.replaceState(null, "", path);
	draw_mine();
	prices?.show(Number(page.dataset.size) || null);
}

/* The link that took the place of the one that was pressed: in the same list, since the chosen size and the chosen system lead to the same page. */
const focus_link = (list, path) => [...page.querySelectorAll(`${list} a`)].find((link) => link.getAttribute("href") === path)?.focus();

async function choose(link) {
	const path = link.getAttribute("href");
	const chosen = link.closest("li")?.dataset;
	const in_units = link.closest(".units");
	const in_offers = link.closest("#offers");

	if (chosen)
		remember_size({ audience: chosen.audience, size: chosen.size });
	if (in_units)
		remember_size({ unit: new URLSearchParams(path.split("?")[1]).get("unit") || "us" });
	await show(path);
	if (in_offers)
		$("#offers-title").focus();
	else
		focus_link(in_units ? ".units" : ".grid", path);
	if (!in_units)
		news.textContent = `${$("#offers-title").textContent}. ${$("#best").textContent}`;
}

/* Puts the size of who looks at it first, and says so. */
const grid_link = (mine) => {
	const rows = [...page.querySelectorAll("#pick li")];
	const is_same = ({ dataset }) => dataset.audience === mine.audience && dataset.size === mine.size;
	const fits = ({ dataset }) => same_foot(mine.audience, mine.size, dataset.audience) === dataset.size;

	return $("a", rows.find(is_same) || rows.find(fits) || document.createElement("li"));
};

function draw_mine() {
	const mine = my_size();
	const line = $("#mine");

	if (!line)
		return;
	line.hidden = !mine?.size;
	if (!mine?.size)
		return;
	line.replaceChildren(grid_link(mine) ? "Your size: " : "Nobody offers your size now: ", size_words(mine.unit, mine.audience, mine.size), ". ",
		h("button", { type: "button", class: "text", onclick: () => {
			forget_size();
			draw_mine();
			$("#pick a").focus();
		} }, "Forget it"));
}

async function start_with_mine() {
	const asked = new URLSearchParams(location.search);
	const mine = my_size();
	const link = mine?.size && !asked.has("size") ? grid_link(mine) : null;

	if (!mine || (!link && (mine.unit === "us" || asked.has("unit"))))
		return;
	const path = new URL(link ? link.href : location.href);

	if (mine.unit !== "us")
		path.searchParams.set("unit", mine.unit);
	if (path.pathname + path.search !== location.pathname + location.search)
		await show(path.pathname + path.search, { add: false });
}

async function add_to_cart(form) {
	const body = { listing_id: Number(form.elements.listing_id.value), quantity: 1 };
	const button = $("button", form);

	if (form.getAttribute("aria-busy"))
		return;
	if (!(await me)) {
		sign_in_first({ method: "POST", path: "/cart/items", body }, "1 pair added to your cart.");
		return;
	}
	form.setAttribute("aria-busy", "true");
	form.parentElement.querySelectorAll(".done, .problem").forEach((node) => node.remove());
	try {
		show_cart(await write("POST", "/cart/items", body));
		button.after(h("p", { class: "done", role: "status" }, "Added. ", h("a", { href: "/cart.html" }, "Go to your cart")));
	} catch (error) {
		button.after(h("p", { class: "problem", role: "alert" }, error.errors?.[0]?.message || error.message));
	} finally {
		form.removeAttribute("aria-busy");
	}
}

/* How many of one's friends want it; shoes that one wants oneself are not among the recommendations. */
async function show_friends() {
	if (!(await me))
		return;
	const { recommendations } = await get("/recommendations?limit=100");
	const { friends } = recommendations.find(({ shoe_id }) => shoe_id === shoe.shoe_id) || {};

	if (friends)
		$("#wanted").replaceChildren(h("a", { href: "/friends.html" }, `${plural(friends, "friend")} of yours ${friends === 1 ? "wants" : "want"} it`));
}

page.addEventListener("click", (event) => {
	const link = event.target.closest("a[href^='/shoes/']");

	if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
		return;
	event.preventDefault();
	choose(link);
});
page.addEventListener("submit", (event) => {
	event.preventDefault();
	add_to_cart(event.target);
});
addEventListener("popstate", () => show(location.pathname + location.search, { add: false }));

if ($(".stage", page))
	$(".stage", page).replaceWith(silhouette(shoe));
$("#wish a").replaceWith(heart(shoe, { words: true }));

let prices = null;

draw_mine();
start_with_mine();
show_friends().catch(() => {});
price_history(shoe.shoe_id).then((section) => {
	prices = section;
	if (section)
		$("#prices").replaceChildren(section);
	section?.show(Number(page.dataset.size) || null);
}, (error) => $("#prices").replaceChildren(failed(error)));
