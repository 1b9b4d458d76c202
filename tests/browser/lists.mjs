/* Every list can be read to its end: on the pages with script by its button, on the plain pages by their link. */
import assert from "node:assert/strict";
import { PASSWORD, admin, asks, buys, fresh, listing, seller, slot } from "./fixtures.mjs";
import { url } from "./person.mjs";

const times = (n, make) => Promise.all(Array.from({ length: n }, (_, i) => make(i)));

/* An account without a browser. */
async function account() {
	const name = fresh("Lister");
	const one = { name, email: `${name.replace(" ", "")}@walk.example`, token: null };

	one.token = (await ask(one, "POST", "/accounts", { name, email: one.email, password: PASSWORD })).token;
	return one;
}

let keys = 0;

/* A request with the token of such an account. */
async function ask({ token }, method, path, data) {
	const answer = await fetch(`${url}/api${path}`, { method, body: data && JSON.stringify(data),
		headers: { Accept: "application/json", "Content-Type": "application/json", "Idempotency-Key": `list-key-${Date.now()}-${++keys}`, ...(token && { Authorization: `Bearer ${token}` }) } });
	const text = await answer.text();

	if (!answer.ok)
		throw new Error(`${method} ${path}: ${answer.status} ${text}`);
	return text ? JSON.parse(text) : null;
}

const order = (buyer, listing_id) => ask(buyer, "POST", "/checkout", { items: [{ listing_id, quantity: 1 }] });

/* Presses the button of a list until there is none; resolves to the rows. The list had less than all of them at first. */
async function read_to_end(person, rows, least) {
	const more = rows.locator("xpath=ancestor::*[following-sibling::*[1][contains(@class,'more')]][1]/following-sibling::*[1]").first();

	await rows.first().waitFor();
	for (let before = await rows.count(); await more.getByRole("button").count(); before = await rows.count()) {
		await more.getByRole("button", { name: "Show more" }).click();
		await rows.nth(before).waitFor();
		await rows.nth(before).and(person.page.locator(":focus-within")).waitFor();
	}
	const texts = await rows.allTextContents();

	assert.ok(texts.length >= least, `${texts.length} rows, not ${least}: ${texts[0]}`);
	return texts;
}

/* The desk: what is to be picked up and what is on its way, the oldest first, and all listings and entries. */
export async function a_desk_shows_every_shipment(people) {
	const shop = await seller(people);
	const pair = await listing(shop, { quantity: 100 });
	const buyers = await times(3, account);
	const orders = [];

	for (let n = 0; n < 45; n++)
		orders.push(await order(buyers[n % 3], pair.listing_id));
	for (const { shipments: [{ shipment_id }] } of orders.slice(0, 22))
		await asks(shop, "PATCH", `/shops/${shop.shop.shop_id}/shipments/${shipment_id}`, { status: "shipped" });
	await times(60, () => listing(shop));
	await shop.visits("/desk.html");
	await shop.sees("More than 10 orders to be picked up");
	await shop.visits("/desk-orders.html?state=pick-up");
	const numbers = (texts) => texts.map((text) => Number(/Order (\d+)/.exec(text)[1]));
	const ids = orders.map(({ order_id }) => order_id);

	assert.deepEqual(numbers(await read_to_end(shop, shop.page.locator("#shipments > li"), 23)), ids.slice(22));
	assert.deepEqual(await shop.inspects(), []);
	await shop.visits("/desk-orders.html?state=way");
	assert.deepEqual(numbers(await read_to_end(shop, shop.page.locator("#shipments > li"), 22)), ids.slice(0, 22));
	await shop.visits("/desk-shelf.html");
	await read_to_end(shop, shop.page.locator("#listings > li"), 61);
	await shop.visits("/desk-money.html");
	await read_to_end(shop, shop.page.locator("#entries tbody tr"), 45);
	assert.deepEqual(await shop.inspects(), []);
}

/* The lists of a shop and of an account. */
export async function lists_have_a_button_for_more(people) {
	const shop = await seller(people);
	const id = shop.shop.shop_id;
	const pair = await listing(shop, { quantity: 100 });
	const buyers = await times(26, account);

	await Promise.all(buyers.map(async (buyer, n) => {
		await order(buyer, pair.listing_id);
		await ask(buyer, "PUT", `/shops/${id}/review`, { rating: 4, comment: `Fine, says ${n}.` });
		await ask(buyer, "POST", "/friends", { email: shop.email });
		await asks(shop, "POST", "/friends", { email: buyer.email });
		await ask(buyer, "POST", "/sessions", { email: shop.email, password: PASSWORD });
	}));
	await times(26, async () => asks(shop, "PUT", `/wishlist/${(await listing(shop)).shoe_id}`));
	await times(52, (n) => slot(shop, 60 + 30 * n));
	await times(21, (n) => asks(shop, "POST", `/shops/${id}/events`, { title: `Release ${n}`, starts_at: "2100-01-01T12:00:00Z", capacity: 1 }));
	await shop.visits("/desk-standing.html");
	assert.equal(new Set(await read_to_end(shop, shop.page.locator("#reviews > li"), 26)).size, 26);
	await shop.visits("/desk-events.html");
	assert.equal(new Set(await read_to_end(shop, shop.page.locator("#slot-days li"), 52)).size, 52);
	assert.equal(new Set(await read_to_end(shop, shop.page.locator("#my-events > li"), 21)).size, 21);
	await shop.visits(`/shop.html?id=${id}`);
	assert.equal(new Set(await read_to_end(shop, shop.page.locator("#reviews > li"), 26)).size, 26);
	await read_to_end(shop, shop.page.locator("#listings > li"), 27);
	await shop.visits("/friends.html");
	assert.equal(new Set(await read_to_end(shop, shop.page.locator("#friends li"), 26)).size, 26);
	await shop.visits("/account.html");
	await read_to_end(shop, shop.page.locator("#sessions li"), 27);
	await shop.visits("/wishlist.html");
	await read_to_end(shop, shop.page.locator("#wishes > li"), 26);
}

/* All orders of an account, and the events of all shops. */
export async function orders_and_events_are_read_to_their_end(people) {
	const shop = await seller(people);
	const pair = await listing(await seller(people), { quantity: 100 });

	for (let n = 0; n < 21; n++)
		await buys(shop, pair.listing_id);
	await times(21, (n) => asks(shop, "POST", `/shops/${shop.shop.shop_id}/events`, { title: `Launch ${n}`, starts_at: "2100-01-02T12:00:00Z", capacity: 1 }));
	await shop.visits("/orders.html");
	assert.equal(new Set(await read_to_end(shop, shop.page.locator("li.order"), 21)).size, 21);
	await shop.visits("/events.html");
	await read_to_end(shop, shop.page.locator("#events > li"), 21);
}

/* An admin reads all shops that wait, and all that admins did. */
export async function an_admin_reads_all(people) {
	const chief = await admin(people);
	const owners = await times(22, account);
	const shops = await Promise.all(owners.map(async (owner) => {
		const shop = await ask(owner, "POST", "/shops", { name: fresh("Waiting") });

		await ask(owner, "POST", `/shops/${shop.shop_id}/verification`, {});
		return shop;
	}));

	await chief.visits("/admin.html");
	const waiting = await read_to_end(chief, chief.page.locator("#waiting > li"), 22);

	for (const shop of shops)
		assert.ok(waiting.some((text) => text.includes(shop.name)));
	await Promise.all(shops.map((shop) => asks(chief, "PUT", `/shops/${shop.shop_id}/verification`, { verified: true, reason: `Known for long: ${shop.name}` })));
	await chief.visits("/admin.html");
	const acts = await read_to_end(chief, chief.page.locator("#log tbody tr"), 22);

	for (const shop of shops)
		assert.equal(acts.filter((text) => text.includes(`Verified ${shop.name}`) && text.includes(`Known for long: ${shop.name}`)).length, 1);
}

/* The pages that a plain list has, one row to a page, by its links. */
async function plain_pages(person, path, most) {
	let pages = 0;
	let next = `/api${path}${path.includes("?") ? "&" : "?"}limit=1`;

	for (; next && pages <= most; pages++) {
		const answer = await person.context.request.get(url + next, { headers: { Accept: "text/html" } });

		assert.equal(answer.status(), 200, next);
		next = /<a rel="next" href="([^"]+)">/.exec(await answer.text())?.[1].replaceAll("&amp;", "&");
	}
	return pages;
}

/* Every route that takes a cursor, by its plain pages: as many as the list has rows. */
export async function plain_lists_have_a_link_for_more(people) {
	const chief = await admin(people);
	const shop = chief.shop = await asks(chief, "POST", "/shops", { name: fresh("Plain") });
	const other = await account();
	const paths = Object.entries((await asks(chief, "GET", "/openapi.json")).paths)
		.filter(([, methods]) => methods.get?.parameters?.some((parameter) => parameter.name === "cursor")).map(([path]) => path.replace("/api/", "/"));
	const pairs = await times(3, () => listing(chief, { brand: "Plainly" }));

	for (const pair of pairs) {
		await order(other, pair.listing_id);
		await asks(chief, "PUT", `/wishlist/${pair.shoe_id}`);
		await asks(chief, "PUT", `/shops/${shop.shop_id}/verification`, { verified: true, reason: "Known for long" });
		await asks(chief, "POST", `/shops/${shop.shop_id}/events`, { title: fresh("Release"), starts_at: "2100-01-01T12:00:00Z", capacity: 1 });
	}
	await ask(other, "PUT", `/shops/${shop.shop_id}/review`, { rating: 5 });
	await times(3, (n) => slot(chief, 60 + 30 * n));
	assert.ok(paths.length >= 17, paths.join(" "));
	for (const path of paths) {
		const whole = path.replace("{shop_id}", shop.shop_id) + (path === "/listings" ? "?brand=Plainly" : "");
		const answer = await asks(chief, "GET", `${whole}${whole.includes("?") ? "&" : "?"}limit=100`);
		const rows = Object.values(answer).find(Array.isArray).length;

		assert.doesNotMatch(whole, /\{/);
		if (answer.next === null)
			assert.equal(await plain_pages(chief, whole, rows), Math.max(rows, 1), path);
	}
}
