/* The frame of every page: who is here, the links in its head, and the way to sign in and back. */

import { get, head, write } from "./api.js";
import { $, failed, h } from "./dom.js";

const HINT = "shoetopia.name";     /* localStorage: somebody was signed in; the session itself is a cookie that no script reads */
const ASKED = "shoetopia.asked";   /* sessionStorage: we asked, and nobody is */

async function find_me() {
	if (localStorage.getItem(HINT) === null) {
		if (sessionStorage.getItem(ASKED))
			return null;
		/* With a session these answers are no-store: so one learns of a sign-in on the plain pages without provoking a 401. */
		if (!(await head("/listings?limit=1")).get("Cache-Control")?.includes("no-store")) {
			sessionStorage.setItem(ASKED, "1");
			return null;
		}
	}
	try {
		const account = await get("/account");

		remember(account);
		return account;
	} catch (error) {
		if (error.status !== 401)
			throw error;
		forget();
		return null;
	}
}

export function remember(account) {
	localStorage.setItem(HINT, account.name);
	sessionStorage.removeItem(ASKED);
}

/* Nobody is here any more; what was under way was theirs, and must not go on in another's name. */
export function forget() {
	localStorage.removeItem(HINT);
	sessionStorage.clear();
	sessionStorage.setItem(ASKED, "1");
}

const link = (href, text) => h("a", { href, "aria-current": href === location.pathname ? "page" : null }, text);

function draw(name, account) {
	const links = [link("/events.html", "Events"), link("/cart.html", "Cart")];

	if (name !== null) {
		links.push(link("/wishlist.html", "Wishlist"), link("/friends.html", "Friends"), link("/orders.html", "Orders"), link("/appointments.html", "Appointments"), link("/myshop.html", account && !account.shop_id ? "Sell" : "My shop"));
		if (account?.role === "admin")
			links.push(link("/admin.html", "Admin"));
		links.push(link("/account.html", "Account"), h("button", { type: "button", class: "text", onclick: sign_out }, "Sign out"));
	} else {
		links.push(link("/signin.html", "Sign in"), link("/signup.html", "Sign up"));
	}
	$("#nav").replaceChildren(...links);
}

export async function sign_out() {
	try {
		await write("DELETE", "/sessions/current");
	} catch (error) {
		if (error.status !== 401)
			throw error;
	}
	forget();
	location.assign("/");
}

/* Counts the pairs in the cart, in the head of the page. */
export function show_cart(cart) {
	const pairs = cart.items.reduce((sum, item) => sum + item.quantity, 0);
	const node = $('#nav a[href="/cart.html"]');

	node.replaceChildren("Cart", pairs ? h("span", { class: "count" }, String(pairs), h("span", { class: "unseen" }, " in it")) : "");
}

/* A path of our own to go back to, or the home page; never another site's. */
export function next_path() {
	const next = new URL(new URLSearchParams(location.search).get("next") || "/", location.origin);

	return next.origin === location.origin ? next.pathname + next.search : "/";
}

export const sign_in_path = () => "/signin.html?next=" + encodeURIComponent(location.pathname + location.search);

draw(localStorage.getItem(HINT), null);
$(".find").action = "/";

const found = find_me().then((account) => {
	draw(account ? account.name : null, account);
	if (account && location.pathname !== "/cart.html")
		get("/cart").then(show_cart, () => {});
	return account;
});

/* The account that is signed in, or null; null too when nobody could be asked. */
export const me = found.catch(() => null);

/* The account, for a page that is of no use without one: else the sign-in page comes first. */
export async function need_me() {
	try {
		const account = await found;

		if (account)
			return account;
		location.replace(sign_in_path());
	} catch (error) {
		$("main").append(failed(error, () => location.reload()));
	}
	return new Promise(() => {});
}
