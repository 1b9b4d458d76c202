/*
 * What people typed, on every page: words without a blank never make a page wider than a phone, and names from right to left stand apart from the text
 * beside them. The pages are the files in www/ and all that the OpenAPI document reads.
 */
import assert from "node:assert/strict";
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { PASSWORD, admin, asks, buys, fresh, seller, slot } from "./fixtures.mjs";

const WWW = fileURLToPath(new URL("../../www", import.meta.url));
const PHONE = { viewport: { width: 320, height: 700 } };
const NO_PAGES = ["/api/health", "/api/metrics", "/api/openapi.json", "/api/suggestions", "/api/admin/accounts/{account_id}"]; /* and what is a file */
const is_file = (path) => /(listings|orders)\/export$|^\/api\/photos\//.test(path);

let keys = 0;
const key = () => ({ "Idempotency-Key": `text-key-${Date.now()}-${++keys}` });

/* A seller, whose shop asks for verification, and an admin with a shop, with at least one row in every list. word(n) makes a new text of n characters. */
async function with_texts(people, word, email) {
	const one = await admin(people, PHONE);
	const other = await seller(people);
	const pair = (person) => asks(person, "POST", `/shops/${person.shop.shop_id}/listings`, { brand: word(80), style: word(80), color: "burgundy", size: 10.5,
		condition: "used", audience: "unisex", price_cents: 1250, quantity: 9 });

	await asks(one, "PUT", "/account/email", { password: PASSWORD, new_email: email(one) });
	one.shop = await asks(one, "POST", "/shops", { name: word(80) });
	await asks(one, "PUT", "/account/address", { name: word(80), line1: word(120), line2: word(120), city: word(80), region: word(80), postcode: word(20), country: "US" });
	const [mine, theirs, held] = [await pair(one), await pair(other), await pair(other)];
	const order = await asks(one, "POST", "/checkout", { items: [{ listing_id: theirs.listing_id, quantity: 2 }], delivery: "ship" }, key());
	const shipment = (await buys(other, mine.listing_id)).shipments[0];

	await asks(one, "PUT", `/shops/${other.shop.shop_id}/review`, { rating: 4, comment: word(2000) });
	await asks(other, "PUT", `/shops/${one.shop.shop_id}/review`, { rating: 4, comment: word(2000) });
	await asks(one, "PATCH", `/shops/${one.shop.shop_id}/shipments/${shipment.shipment_id}`, { status: "shipped", tracking: word(80) });
	await asks(other, "PATCH", `/shops/${other.shop.shop_id}/shipments/${order.shipments[0].shipment_id}`, { status: "shipped", tracking: word(80) });
	for (const person of [one, other]) {
		await asks(person, "POST", `/shops/${person.shop.shop_id}/sales`, { discounts: 10, percent_off: 25 });
		await asks(person, "POST", `/shops/${person.shop.shop_id}/verification`, {});
		await slot(person, 30 + 60 * Math.random(), { station: word(80) });
	}
	await asks(one, "PUT", `/shops/${other.shop.shop_id}/verification`, { verified: true, reason: word(80) });
	await asks(one, "PUT", `/shops/${one.shop.shop_id}/verification`, { verified: false, reason: word(80) });
	await asks(one, "POST", `/shops/${one.shop.shop_id}/verification`, {});
	const event = await asks(one, "POST", `/shops/${one.shop.shop_id}/events`, { title: word(80), starts_at: "2100-01-01T12:00:00Z", capacity: 1 });
	const place = await slot(other, 600, { station: word(80) });
	const own = await slot(one, 700, { station: word(80) });

	await asks(other, "POST", `/slots/${own.slot_id}/appointment`, {});
	await asks(one, "POST", `/slots/${place.slot_id}/appointment`, {});
	await asks(one, "POST", `/events/${event.event_id}/booking`);
	await asks(one, "PUT", `/cart/items/${theirs.listing_id}`, { quantity: 2 });
	await asks(one, "POST", "/reservations", { listing_ids: [held.listing_id] });
	await asks(one, "PUT", `/wishlist/${theirs.shoe_id}`);
	await asks(other, "PUT", `/wishlist/${held.shoe_id}`);
	await make_friends(people, one, other, word, email);
	return { one, ids: { shop_id: one.shop.shop_id, listing_id: theirs.listing_id, shoe_id: theirs.shoe_id, order_id: order.order_id, shipment_id: shipment.shipment_id, event_id: event.event_id }, mine, theirs, held };
}

/* A friend, a request received and one sent, and a friend of the friend; all have names that are new. */
async function make_friends(people, one, other, word, email) {
	const [asker, asked, stranger] = await Promise.all([1, 2, 3].map(async () => {
		const person = await people.guest();

		person.email = email(person);
		await asks(person, "POST", "/accounts", { name: word(80), email: person.email, password: PASSWORD });
		return person;
	}));

	one.email = email(one);
	for (const [who, whom] of [[one, other], [other, one], [asker, one], [one, asked], [other, stranger], [stranger, other]])
		await asks(who, "POST", "/friends", { email: whom.email });
}

/* The places of all pages: those with scripts, and the plain ones with their ids. */
async function all_places({ one, ids, mine, theirs, held }, searched) {
	const { paths } = await asks(one, "GET", "/openapi.json");
	const plain = Object.keys(paths).filter((path) => paths[path].get && !NO_PAGES.includes(path) && !is_file(path))
		.map((path) => path.replace(/\{(\w+)\}/g, (_, name) => ids[name]));
	const query = { "listing.html": `?id=${theirs.listing_id}`, "shop.html": `?id=${ids.shop_id}`, "slots.html": `?id=${ids.shop_id}`, "event.html": `?id=${ids.event_id}`,
		"compare.html": `?id=${mine.listing_id}&id=${theirs.listing_id}&id=${held.listing_id}` };
	const files = fs.readdirSync(WWW).filter((name) => name.endsWith(".html") && name !== "operator.html"); /* which asks all the time: operator.mjs */
	const of_words = encodeURIComponent(searched);

	assert.ok(plain.length >= 30 && files.length >= 16);
	return [...files.map((name) => `/${name}${query[name] || ""}`), `/?q=${of_words}`, `/?brand=${encodeURIComponent(theirs.brand)}`, `/index.html?brand=${encodeURIComponent(mine.brand)}`,
		`/slots.html?id=${theirs.shop_id}`, `/shop.html?id=${theirs.shop_id}`,
		...plain.map((path) => (path === "/api/listings/compare" ? `${path}${query["compare.html"]}` : path)), `/api/listings?q=${of_words}`, `/api/shops/${theirs.shop_id}/slots`,
		"/api/friends?status=asks", "/api/friends?status=asked", `/api/listings?brand=${encodeURIComponent(theirs.brand)}`];
}

/* Runs judge in the page of each place; it gives what is wrong. */
async function judge_all(person, places, judge) {
	const found = [];

	for (const place of places) {
		await person.visits(place);
		await person.page.waitForLoadState("networkidle");
		found.push(...(await person.page.evaluate(judge)).map((what) => `${place.slice(0, 60)}: ${what}`));
	}
	assert.deepEqual(found, []);
}

/* What is wider than the window, and the innermost element that makes it so. */
function find_wide() {
	const wide = document.documentElement.scrollWidth;

	if (wide <= 320)
		return [];
	const widest = [...document.querySelectorAll("body *")].filter((node) => node.getBoundingClientRect().right > 321 && !node.closest(".table, .scroll"));

	return [`${wide} px wide: ${widest.slice(-2).map((node) => node.outerHTML.slice(0, 160)).join(" | ")}`];
}

export async function long_words_never_widen_a_page(people) {
	const long = (n) => fresh("").trim().padEnd(n, "W");
	const email = (person) => `${person.email ? person.email.split("@")[0] : fresh("e").replace(" ", "")}.${"w".repeat(40)}@${"w".repeat(60)}.${"w".repeat(60)}.example`;
	const world = await with_texts(people, long, email);
	const guest = await people.guest(PHONE);

	await judge_all(world.one, await all_places(world, "W".repeat(200)), find_wide);
	await judge_all(guest, ["/", `/?q=${"W".repeat(200)}`, "/signin.html", "/signup.html", "/events.html", `/event.html?id=${world.ids.event_id}`, `/listing.html?id=${world.ids.listing_id}`,
		`/shop.html?id=${world.ids.shop_id}`, "/api/listings", `/api/listings?q=${"W".repeat(200)}`], find_wide);
	guest.expects(422);
	await judge_all(guest, [`/api/listings?color=${"W".repeat(200)}`], find_wide);
}

/* Texts with Hebrew letters that stand in the page outside of <bdi>. */
function find_mixed() {
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const found = [];

	while (walker.nextNode()) {
		const { data, parentElement } = walker.currentNode;

		if (/[\u05d0-\u05ea]/.test(data) && !parentElement.closest("bdi, option, textarea, script"))
			found.push(`${parentElement.outerHTML.slice(0, 120)}`);
	}
	return found;
}

export async function names_stand_apart_on_every_page(people) {
	const hebrew = () => `${fresh("נעל")} שלום`;
	const world = await with_texts(people, (n) => (n === 20 ? "4001" : hebrew()), (person) => person.email || `${fresh("e").replace(" ", "")}@walk.example`);

	await judge_all(world.one, await all_places(world, "נעל"), find_mixed);
	await world.one.visits(`/listing.html?id=${world.ids.listing_id}`);
	await world.one.page.locator("h1 bdi").first().waitFor();
	assert.match(await world.one.page.locator("h1").innerText(), /[\u05d0-\u05ea]/);
}
