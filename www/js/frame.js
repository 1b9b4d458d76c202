/* The frame of every page: the account that is signed in, the links in the header, and the way to the sign-in page and back. */

import { first_answer_has_session, get, head, is_attempt, write } from "./api.js";
import { $, failed, h, say } from "./dom.js";

const HINT = "shoetopia.name";     /* localStorage: the name of who was signed in last; the session itself is an HttpOnly cookie */
const OWNER = "shoetopia.owner";   /* sessionStorage: the account that the open attempts there belong to */
const OVER = "shoetopia.over";     /* sessionStorage: the session ended by itself, and there is none since */

const SAID = "shoetopia.said";     /* sessionStorage: what is to be said on the next page */

/* Whether a session cookie is sent: then this answer is no-store. Asking for the account would log an error 401 for each guest. The home page asks for lists anyway. */
const has_cookie = async () => (location.pathname === "/" ? first_answer_has_session : Boolean((await head("/listings?limit=1")).get("Cache-Control")?.includes("no-store")));

/* The account that is signed in, or null. Asked anew by each page: one may sign in or out on the plain pages and in other tabs. */
async function find_me() {
	if (localStorage.getItem(HINT) === null && !(await has_cookie()))
		return null;
	try {
		const account = await get("/account");

		remember(account);
		return account;
	} catch (error) {
		if (error.status !== 401)
			throw error;
		return null;
	}
}

/* Somebody is signed in. Open attempts of another account must not be repeated by this one. */
export function remember(account) {
	localStorage.setItem(HINT, account.name);
	sessionStorage.removeItem(OVER);
	if (sessionStorage.getItem(OWNER) !== String(account.account_id))
		Object.keys(sessionStorage).filter(is_attempt).forEach((slot) => sessionStorage.removeItem(slot));
	sessionStorage.setItem(OWNER, account.account_id);
}

/* The session was ended by its owner. */
export function forget() {
	localStorage.removeItem(HINT);
	sessionStorage.clear();
}

/* The session has ended by itself or elsewhere: the header says so until somebody signs in. Open attempts are kept for their owner. */
function end_session() {
	const was_known = account_now !== null;

	localStorage.removeItem(HINT);
	sessionStorage.setItem(OVER, "1");
	show_account(null);
	if (was_known)
		say("Your session is over. Sign in again, and you are back here.", { bad: true });
}

const all = (selector) => document.querySelectorAll(selector);

/* The header of parts/head.html, for a guest or for who is signed in. Its links stay where they are: nothing moves when the account is known. */
function draw(name, account) {
	const is_member = name !== null;
	const over = !is_member && sessionStorage.getItem(OVER) !== null;

	all("#nav-menu .for-guests").forEach((item) => { item.hidden = is_member; });
	all("#nav-menu .for-members").forEach((item) => { item.hidden = !is_member; });
	all("#nav-menu .for-admins").forEach((item) => { item.hidden = account?.role !== "admin"; });
	$("#nav-sign-in").classList.toggle("gone", is_member);
	all("#nav .way-in").forEach((link) => { link.href = sign_in_path(link.pathname); });
	$("#nav-sign-in").textContent = over ? "Sign in again" : "Sign in";
	$("#session-over")?.remove();
	if (over)
		$("#nav-sign-in").before(h("span", { id: "session-over" }, "Your session is over."));
	if (!is_member)
		$("#cart-count")?.remove();
}

function prepare() {
	all("#nav a").forEach((link) => {
		if (link.pathname === location.pathname)
			link.setAttribute("aria-current", "page");
	});
	$("#nav-sign-out").hidden = false;
	$("#nav-sign-out").addEventListener("click", sign_out);
	$(".find").action = "/";
	$("#find").addEventListener("focus", async () => (await import("./suggestion.js")).suggest_in($("#find")), { once: true });
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

	$("#cart-count")?.remove();
	if (pairs)
		$('#nav a[href="/cart.html"]').append(h("span", { class: "count", id: "cart-count" }, String(pairs), h("span", { class: "unseen" }, " in it")));
}

/* The path to go back to after signing in, of this origin only; by default the home page. */
export function next_path() {
	const next = new URL(new URLSearchParams(location.search).get("next") || "/", location.origin);

	return next.origin === location.origin ? next.pathname + next.search + next.hash : "/";
}

/* The page to sign in or up, from which one comes back to this one; from there to each other, with the same way back. */
export function sign_in_path(page = "/signin.html") {
	if (["/signin.html", "/signup.html"].includes(location.pathname))
		return page + location.search;
	const here = location.pathname + location.search + location.hash;

	return here === "/" ? page : `${page}?next=${encodeURIComponent(here)}`;
}

/* Says a text on the next page. */
export function say_there(text, how = {}) {
	sessionStorage.setItem(SAID, JSON.stringify({ text, how }));
}

function say_left() {
	const left = JSON.parse(sessionStorage.getItem(SAID));

	sessionStorage.removeItem(SAID);
	if (left)
		say(left.text, left.how);
}

let account_now = null;

function show_account(account) {
	account_now = account;
	draw(account ? account.name : null, account);
	if (account && location.pathname !== "/cart.html")
		get("/cart").then(show_cart, () => {});
}

prepare();
draw(localStorage.getItem(HINT), null);

const found = find_me().then((account) => {
	show_account(account);
	if (!["/signin.html", "/signup.html"].includes(location.pathname))
		say_left();
	return account;
});

/* A page that the browser kept for Back is asked anew: its account may have signed out, its cart may be an order. Until then it is not seen. */
addEventListener("pageshow", (event) => {
	if (event.persisted) {
		document.documentElement.hidden = true;
		location.reload();
	}
});

addEventListener("session-over", end_session); /* of api.js */
/* Another tab: its session is over, or somebody signed in there. */
addEventListener("storage", (event) => {
	if (event.key === HINT && event.newValue === null && account_now)
		end_session();
	else if (event.key === HINT && event.newValue !== null)
		find_me().then(show_account, () => {});
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
