/* Every page, light and dark, wide and narrow: no finding of axe-core, nothing wider than the window. */
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { asks, buys, listing, member, seller, slot } from "./fixtures.mjs";
import { invalid_html, url } from "./person.mjs";

const WWW = fileURLToPath(new URL("../../www", import.meta.url));
const WIDE = { viewport: { width: 1280, height: 900 }, colorScheme: "light" };
const DESK = ["/desk.html", "/desk-orders.html", "/desk-shelf.html", "/desk-money.html", "/desk-events.html", "/desk-standing.html", "/desk-list.html", "/desk-sale.html"];
const NARROW = { viewport: { width: 375, height: 800 }, colorScheme: "dark" };

/* A seller who also buys, with at least one row in every list. */
async function with_content(people, options) {
	const one = await seller(people, options);
	const other = await seller(people);
	const mine = await listing(one);
	const theirs = await listing(other, { brand: mine.brand });
	const [{ shipments: [sent] }, bought] = await Promise.all([buys(other, mine.listing_id), buys(one, theirs.listing_id)]);

	await asks(one, "PATCH", `/shops/${one.shop.shop_id}/shipments/${sent.shipment_id}`, { status: "shipped", tracking: "1Z 999" });
	await asks(other, "PUT", `/shops/${one.shop.shop_id}/review`, { rating: 5, comment: "Quick and whole." });
	await asks(one, "POST", `/shops/${one.shop.shop_id}/sales`, { discounts: 10, percent_off: 25 });
	const event = await asks(one, "POST", `/shops/${one.shop.shop_id}/events`, { title: "First look", starts_at: "2100-01-01T12:00:00Z", capacity: 1 });
	const slots = await Promise.all([30, 60, 90].map((minutes) => slot(one, minutes)));

	await asks(other, "POST", `/events/${event.event_id}/booking`);
	await asks(one, "POST", `/events/${event.event_id}/booking`);
	await asks(one, "POST", `/slots/${slots[0].slot_id}/appointment`, {});
	await asks(other, "POST", `/slots/${slots[1].slot_id}/appointment`, {});
	await asks(one, "PUT", `/cart/items/${theirs.listing_id}`, { quantity: 3 });
	await asks(one, "POST", "/reservations", { listing_ids: [theirs.listing_id, (await listing(other)).listing_id] });
	await asks(one, "POST", `/shops/${one.shop.shop_id}/verification`, {});
	await make_friends(one, other, await member(people), await member(people), theirs);
	return { one, mine, theirs, event, sent, bought };
}

/* A friend with a wishlist, a received request, and a friend's friend. */
async function make_friends(one, friend, asker, stranger, pair) {
	for (const [who, whom] of [[one, friend], [friend, one], [asker, one], [friend, stranger], [stranger, friend]])
		await asks(who, "POST", "/friends", { email: whom.email });
	for (const who of [friend, stranger])
		await asks(who, "PUT", "/wishlist", { shoe_ids: [pair.shoe_id] });
	const other = await listing(friend, { color: "white" });

	await asks(one, "PUT", `/wishlist/${other.shoe_id}`);
}

/* Each place narrow and dark, as it was loaded, at 320 px, and then wide and light. */
async function inspect(person, places) {
	const { page } = person;
	const found = [];

	for (const place of places) {
		await person.looks_in(NARROW);
		await person.visits(place);
		await page.waitForLoadState("networkidle");
		found.push(...await person.inspects());
		await page.setViewportSize({ width: 320, height: 700 });
		if (await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth))
			found.push(`${place}: wider than 320 px`);
		if (await page.evaluate(() => [...document.querySelectorAll(".plain .table")].some((table) => table.scrollWidth > table.clientWidth)))
			found.push(`${place}: a table is scrolled sideways at 320 px`);
		await person.looks_in(WIDE);
		found.push(...await person.inspects());
	}
	assert.deepEqual(found, []);
}

export async function all_pages_look_right(people) {
	const { one, mine, theirs, event, sent, bought } = await with_content(people, NARROW);
	const guest = await people.guest(NARROW);
	const shop_id = one.shop.shop_id;

	await inspect(guest, ["/", "/?q=nothingofthiskind", "/signin.html", "/signup.html", "/events.html", `/event.html?id=${event.event_id}`, `/listing.html?id=${mine.listing_id}`, `/slots.html?id=${shop_id}`]);
	/* The home page before the comparison: afterwards the tray with the compared shoes covers a part of it. */
	await inspect(one, ["/", `/?brand=${encodeURIComponent(mine.brand)}`, `/listing.html?id=${theirs.listing_id}`, `/shop.html?id=${shop_id}`,
		`/compare.html?id=${mine.listing_id}&id=${theirs.listing_id}`, "/cart.html", "/orders.html", "/account.html", ...DESK, `/slots.html?id=${shop_id}`, "/appointments.html", "/wishlist.html", "/friends.html",
		"/events.html", `/event.html?id=${event.event_id}`, `/receipt.html?order=${bought.order_id}`, `/slip.html?shop=${shop_id}&shipment=${sent.shipment_id}`]);
}

export async function all_plain_pages_look_right(people) {
	const { one, theirs, event, sent, bought } = await with_content(people, NARROW);
	const guest = await people.guest(NARROW);
	const shop_id = one.shop.shop_id;

	await inspect(guest, ["/api/listings", `/api/shops/${shop_id}/slots`]);
	await inspect(one, ["/api/events", `/api/events/${event.event_id}`, `/api/events/${event.event_id}/booking`,
		"/api/listings", `/api/listings/${theirs.listing_id}`, `/api/shops/${shop_id}`, `/api/shops/${shop_id}/listings`, `/api/shops/${shop_id}/shipments`, "/api/cart", "/api/orders", "/api/account", "/api/sessions",
		`/api/shops/${shop_id}/slots`, "/api/appointments", "/api/reservations", "/api/wishlist", "/api/friends", "/api/friends?status=asks", "/api/friends?status=asked", "/api/friends/suggestions", "/api/recommendations",
		`/api/orders/${bought.order_id}`, `/api/shops/${shop_id}/shipments/${sent.shipment_id}`]);
}

/* Sums up the layout shifts of each page that this person opens from now on, as browsers report them: how much of what one looks at moves by itself. */
const watch_shifts = (person) => person.page.addInitScript(() => {
	window.shifts = [];
	new PerformanceObserver((list) => window.shifts.push(...list.getEntries().filter((entry) => !entry.hadRecentInput)
		.map(({ value, sources }) => ({ value, moved: sources.map(({ node }) => node?.id || node?.className || node?.nodeName) })))).observe({ type: "layout-shift", buffered: true });
});

/* While a page loads, less of it moves than a layout shift of 0.1, which Core Web Vitals call good; also if each request takes a while. */
async function nothing_moves(people, width) {
	const view = { viewport: { width, height: 800 }, latency_ms: 100 };
	const { one, theirs, event, mine } = await with_content(people, view);
	const guest = await people.guest(view);
	const shop_id = one.shop.shop_id;
	const public_pages = ["/", `/?q=${encodeURIComponent(mine.brand)}`, `/listing.html?id=${mine.listing_id}`, `/shoes/${mine.shoe_id}`, `/shop.html?id=${shop_id}`, `/slots.html?id=${shop_id}`, "/events.html", `/event.html?id=${event.event_id}`,
		`/compare.html?id=${mine.listing_id}&id=${theirs.listing_id}`, "/api/listings", `/api/shops/${shop_id}`];
	const own_pages = [...DESK, "/cart.html", "/orders.html", "/account.html", "/appointments.html", "/wishlist.html", "/friends.html", "/admin.html", "/api/account", "/api/cart"];
	const moved = [];

	for (const [person, places] of [[guest, [...public_pages, "/signin.html", "/signup.html", "/404.html"]], [one, [...public_pages, ...own_pages]]]) {
		await watch_shifts(person);
		for (const place of places) {
			await person.visits(place);
			await person.page.waitForLoadState("networkidle");
			const shifts = await person.page.evaluate(() => window.shifts);

			if (shifts.reduce((sum, { value }) => sum + value, 0) >= 0.1)
				moved.push(`${place}: ${JSON.stringify(shifts)}`);
		}
	}
	assert.deepEqual(moved, []);
}

export const nothing_moves_while_a_page_loads = (people) => nothing_moves(people, 1280);
export const nothing_moves_while_a_page_loads_on_a_phone = (people) => nothing_moves(people, 360);

/* A page for something that does not exist says so, and has a link. */
export async function missing_things_have_a_page(people) {
	const person = await member(people);

	for (const place of ["/nowhere", "/listing.html?id=999999999", "/shop.html?id=999999999", "/slots.html?id=999999999", "/event.html?id=999999999"]) {
		person.expects(404);
		await inspect(person, [place]);
		await person.page.getByRole("main").getByRole("link").first().waitFor();
	}
	for (const place of ["/listing.html", "/shop.html?id=x", "/slots.html", "/event.html", "/compare.html?id=1"]) {
		await inspect(person, [place]);
		await person.page.getByRole("main").getByRole("link").first().waitFor();
	}
}

/* Every page includes the one header, with its menu, and nothing inline; and is valid HTML. */
export async function every_page_has_the_same_header(people) {
	const pages = fs.readdirSync(WWW).filter((name) => name.endsWith(".html"));
	const header = fs.readFileSync(path.join(WWW, "parts/head.html"), "utf8").trim();
	const person = await people.guest();

	assert.ok(pages.length >= 16);
	for (const name of pages) {
		const answer = await person.context.request.get(`${url}/${name}`);
		const text = await answer.text();

		assert.ok(text.includes(header), `${name} lacks the header`);
		assert.deepEqual(await invalid_html(text, name), []);
		assert.equal(answer.headers()["content-security-policy"]?.includes("default-src 'self'"), true, name);
		assert.doesNotMatch(text, /<!--#| style=| on[a-z]+=|<style|<script(?! type="module" src="\/js\/)/, name);
	}
}

/* The menu of the account goes by keyboard, and shows what its reader may do. */
export async function the_menu_goes_by_keyboard(people) {
	const person = await member(people, { viewport: { width: 360, height: 740 } });
	const { page } = person;

	await person.visits("/events.html");
	await person.is_signed_in();
	await page.locator("#nav-account").focus();
	await page.keyboard.press("Enter");
	await page.keyboard.press("Tab");
	await person.has_focus(page.getByRole("link", { name: "Orders" }));
	assert.deepEqual(await page.locator("#nav-menu").getByRole("listitem").allInnerTexts(), ["Orders", "Appointments", "Friends", "Events", "Sell", "Settings", "Sign out"]);
	assert.equal(await page.locator("#nav-menu [aria-current=page]").innerText(), "Events");
	await page.keyboard.press("Escape");
	await person.has_focus(page.locator("#nav-account"));
	await page.keyboard.press("Enter");
	assert.deepEqual((await person.inspects()).filter((fault) => !fault.includes("(bgOverlap)")), []); /* what the menu covers */
	await page.getByRole("button", { name: "Sign out" }).focus();
	await page.keyboard.press("Enter");
	await page.waitForURL(url + "/");
	assert.match(await (await person.opens_menu()).innerText(), /Sign in\s+Sign up\s+Events\s+Sell$/);
}
