/* The frame of every page: the account that is signed in, the links in the header, and the way to the sign-in page and back. */

import { get, head, write } from "./api.js";
import { $, failed, h } from "./dom.js";

const HINT = "shoetopia.name";     /* localStorage: the name of who was signed in last; the session itself is an HttpOnly cookie */
const ASKED = "shoetopia.asked";   /* sessionStorage: the server was asked, and there is no session */

async function find_me() {
	if (localStorage.getItem(HINT) === null) {
		if (sessionStorage.getItem(ASKED))
			return null;
		/* With a session this answer is no-store: detects a sign-in on the plain pages without an error 401 in the console. */
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

/* The session has ended. Open attempts belong to its account and must not be repeated by another one. */
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

/* Shows the number of pairs in the cart at its link in the header. */
export function show_cart(cart) {
	const pairs = cart.items.reduce((sum, item) => sum + item.quantity, 0);
	const node = $('#nav a[href="/cart.html"]');

	node.replaceChildren("Cart", pairs ? h("span", { class: "count" }, String(pairs), h("span", { class: "unseen" }, " in it")) : "");
}

/* The path to go back to after signing in, of this origin only; by default the home page. */
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

/* Resolves to the account that is signed in, or null; null too if the server did not answer. */
export const me = found.catch(() => null);

/* Resolves to the account, for a page that needs one: without a session it leads to the sign-in page. */
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
