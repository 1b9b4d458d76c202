/* The walks of people whose browser runs scripts. Each export is one walk. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { PASSWORD, admin, asks, buys, fresh, listing, member, seller, slot } from "./cast.mjs";
import { url } from "./person.mjs";

async function signs_up(person, name) {
	person.email = `${name.replaceAll(" ", "")}@walk.example`;
	await person.visits("/signup.html");
	await person.fills({ "Your name": name, "E-mail": person.email, Password: PASSWORD });
	await person.presses("Sign up", person.page.getByRole("main"));
	await person.page.waitForURL(url + "/");
	await person.page.getByRole("navigation", { name: "Main" }).getByRole("button", { name: "Sign out" }).waitFor();
}

async function puts_into_cart(person, words, style) {
	await person.visits("/");
	await person.page.getByLabel("Search shoes").fill(words);
	await person.page.getByLabel("Search shoes").press("Enter");
	await person.follows(style, person.page.locator("#shelf"));
	await person.page.waitForURL(/listing\.html/);
	await person.presses("Add to cart");
	await person.follows("Go to your cart");
	await person.page.waitForURL(/cart\.html/);
}

const placed = (person) => person.page.getByText(/Thank you! Order \d+ is placed/).waitFor();

/* The main flow: a shop opens, lists, starts a sale; two buy, the sale's price and the full one; a third finds it sold out. */
export async function a_pair_is_sold_with_script(people) {
	const [shop, first, second, third, watcher] = [await people.comes(), await people.comes(), await people.comes(), await people.comes(), await people.comes()];
	const brand = "Kestrel";

	await signs_up(shop, "Seller Sam");
	await shop.follows("Sell");
	await shop.fills({ "Name of the shop": "Gum & Lace" });
	await shop.presses("Open the shop");
	await shop.page.getByRole("heading", { name: "Gum & Lace", level: 1 }).waitFor();
	await shop.fills({ Brand: brand, Style: "Court High", Colour: "red", Size: "9.5", For: "women", Condition: "new", "Price in $": "79.99", Pairs: "2" }, shop.page.locator("#new"));
	await shop.presses("Put it on the shelf");
	await shop.sees("Kestrel Court High, US 9.5, is on your shelf: 2 pairs.");
	await shop.fills({ "Discounted pairs": "1", "Percent off": "25" });
	await shop.presses("Start the sale");
	await shop.sees("1 of 1 left");

	await signs_up(first, "Buyer Bea");
	await signs_up(second, "Buyer Bo");
	await signs_up(third, "Buyer Cy");
	for (const buyer of [first, second, third]) {
		await puts_into_cart(buyer, "kestrle", "Court High"); /* a slip of the keyboard */
		await buyer.page.getByRole("button", { name: "Place the order: $59.99" }).waitFor();
	}
	const { shop_id } = await asks(shop, "GET", "/account");

	await watcher.visits(`/shop.html?id=${shop_id}`);
	await watcher.sees("1 of 1 left");

	await first.presses("Place the order: $59.99");
	await placed(first);
	await first.sees("$59.99");
	await first.sees("You saved $20.00");
	await watcher.sees("0 of 1 left");
	await watcher.sees("Flash sale: all discounts are gone");

	second.awaits(409);
	await second.presses("Place the order: $59.99");
	await second.sees("The price has changed");
	await second.presses("Buy for $79.99");
	await placed(second);

	third.awaits(409);
	await third.presses(/Place the order/);
	await third.sees("None left.", third.page.locator(".item"));
	assert.equal(await third.page.locator(".item input").getAttribute("aria-invalid"), "true");

	await shop.visits("/myshop.html");
	await shop.sees("2 parcels to send");
	const parcel = shop.page.locator("#parcels > li").filter({ has: shop.page.getByLabel(/Tracking/) }).first();
	const order = await parcel.getByRole("heading").textContent();

	await parcel.getByLabel(/Tracking/).fill("1Z 999");
	await parcel.getByRole("button", { name: "It is sent" }).click();
	await shop.page.locator("#parcels > li").filter({ hasText: order }).getByText("On its way").waitFor();
	await shop.page.locator("#parcels > li").filter({ hasText: order }).getByRole("button", { name: "It has arrived" }).click();
	await shop.page.locator("#parcels > li").filter({ hasText: order }).getByText("Delivered").waitFor();
	await shop.sees("$139.98"); /* 59.99 + 79.99 */

	const [sent, waiting] = [first, second];
	for (const buyer of [sent, waiting])
		await buyer.visits("/orders.html");
	const [early, late] = (await sent.page.getByText("1Z 999").count()) ? [sent, waiting] : [waiting, sent];

	await early.sees("Delivered");
	assert.equal(await early.page.getByRole("button", { name: "Cancel this order" }).count(), 0);
	await late.presses("Cancel this order");
	await late.presses("Cancel the order", late.page.getByRole("dialog"));
	await late.page.locator(".order .badge.cancelled").first().waitFor();

	await third.visits("/cart.html");
	await third.presses(/Place the order/);
	await placed(third);
}

/* The answer to a checkout is lost on its way; what is sent again has the same key, and there is one order. */
export async function a_lost_answer_buys_once(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop);
	const keys = [];

	await asks(buyer, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 2 });
	await buyer.page.route("**/api/checkout", async (route) => {
		keys.push(route.request().headers()["idempotency-key"]);
		if (keys.length > 2) {
			await route.continue();
			return;
		}
		if (keys.length === 1)
			await route.fetch();
		await route.abort("connectionreset");
	});
	buyer.hear = () => {}; /* the browser notes the torn line */
	await buyer.visits("/cart.html");
	await buyer.presses("Place the order: $160.00");
	await placed(buyer);
	assert.equal(keys.length, 3);
	assert.equal(new Set(keys).size, 1);
	assert.equal((await asks(buyer, "GET", "/orders")).orders.length, 1);
	assert.equal((await asks(buyer, "GET", `/listings/${pair.listing_id}`)).available, 1);
}

/* The line is gone for good, and the page is loaded anew: the attempt is remembered, and asked for under its old key. */
export async function an_open_attempt_outlives_a_reload(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop);
	let torn = true;

	await asks(buyer, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 1 });
	await buyer.page.route("**/api/checkout", async (route) => {
		if (!torn) {
			await route.continue();
			return;
		}
		await route.fetch();
		await route.abort("connectionreset");
	});
	buyer.hear = () => {};
	await buyer.visits("/cart.html");
	await buyer.presses("Place the order: $80.00");
	await buyer.sees("Shoetopia did not answer.");
	torn = false;
	await buyer.page.reload();
	await buyer.sees("We lost the line while you were placing an order");
	await buyer.presses("Find out");
	await placed(buyer);
	assert.equal((await asks(buyer, "GET", "/orders")).orders.length, 1);
}

/* Filters, their counts, sorting, and going on by cursor; the address of the page keeps it all. */
export async function one_finds_by_filters(people) {
	const shop = await seller(people);
	const buyer = await people.comes();
	const brand = fresh("Marlow");
	const shelf = buyer.page.locator("#shelf > li");
	const all = Array.from({ length: 27 }, (_, n) => listing(shop, { brand, style: `Strider ${n}`, color: n % 3 ? "green" : "pink", size: 8 + (n % 2) / 2, price_cents: 5000 + 100 * n }));

	await Promise.all(all);
	await buyer.visits(`/?brand=${encodeURIComponent(brand)}`);
	await buyer.page.getByRole("status").getByText("24 of 27 offers").waitFor();
	await buyer.presses("Show more");
	await buyer.page.getByRole("status").getByText(/^27 offers/).waitFor();
	assert.equal(await shelf.count(), 27);
	assert.ok(await shelf.nth(24).getByRole("link").evaluate((node) => node === document.activeElement));

	await buyer.page.getByText("Pink", { exact: true }).click();
	await buyer.page.getByRole("status").getByText(/^9 offers/).waitFor();
	await buyer.page.locator(".chip-color").filter({ hasText: "Green" }).getByText("18").waitFor(); /* the others of the group keep their counts */
	await buyer.fills({ "Lowest price": "52", "Highest price": "60.5" });
	await buyer.presses("Set prices");
	await buyer.page.getByRole("status").getByText(/^3 offers/).waitFor();
	await buyer.page.getByLabel("Sort").selectOption("-price");
	await shelf.first().getByText("$59.00").waitFor();
	assert.match(buyer.page.url(), /color=pink&min_price_cents=5200&max_price_cents=6050&sort=-price/);
	await buyer.page.reload();
	await buyer.page.getByRole("status").getByText(/^3 offers/).waitFor();
	await buyer.page.goBack();
	await buyer.page.goBack();
	await buyer.page.getByRole("status").getByText(/^9 offers/).waitFor();
	await buyer.visits("/?q=nothingofthiskind");
	await buyer.sees("Nothing like this is on the shelf");
	await buyer.presses("Show everything");
	await shelf.first().waitFor();
}

export async function one_compares_offers(people) {
	const shop = await seller(people);
	const rival = await seller(people);
	const buyer = await people.comes();
	const brand = fresh("Halden");
	const pair = await listing(shop, { brand, price_cents: 9000 });
	const other = await listing(rival, { brand, price_cents: 7000 });

	await listing(rival, { brand, price_cents: 6500, size: 11 });
	assert.equal(pair.shoe_id, other.shoe_id);
	await buyer.visits(`/listing.html?id=${pair.listing_id}`);
	await buyer.page.locator("#offers").getByRole("link", { name: "US 11 from $65.00" }).waitFor();
	await buyer.page.locator("#offers").getByRole("row").filter({ hasText: rival.shop.name }).getByText("$70.00").waitFor();
	await buyer.visits(`/?brand=${encodeURIComponent(brand)}&size=9.5`);
	await buyer.page.locator("#shelf").getByLabel(/^Compare/).nth(0).check();
	await buyer.page.locator("#shelf").getByLabel(/^Compare/).nth(1).check();
	await buyer.follows("Compare", buyer.page.locator("#tray"));
	await buyer.page.waitForURL(/compare\.html/);
	await buyer.page.getByRole("cell", { name: "$70.00 Lowest" }).waitFor();
}

/* What is wrong is said at its field, and what was typed stays. */
export async function mistakes_are_said_at_their_field(people) {
	const person = await people.comes();
	const shop = await seller(people);

	await person.visits("/signup.html");
	await person.fills({ "Your name": "  ", "E-mail": "nonsense", Password: "short" });
	await person.presses("Sign up", person.page.getByRole("main"));
	await person.sees("This is needed.");
	await person.fills({ "Your name": "Dee" });
	person.awaits(422);
	await person.presses("Sign up", person.page.getByRole("main"));
	await person.page.locator(".field", { has: person.page.getByLabel("E-mail") }).locator(".error").waitFor();
	await person.page.locator(".field", { has: person.page.getByLabel("Password") }).locator(".error").waitFor();
	assert.equal(await person.page.getByLabel("E-mail").inputValue(), "nonsense");
	assert.ok(await person.page.getByLabel("E-mail").evaluate((node) => node === document.activeElement));

	await person.visits("/signin.html");
	await person.fills({ "E-mail": shop.email, Password: "not the password" });
	person.awaits(401);
	await person.presses("Sign in", person.page.getByRole("main"));
	await person.page.getByRole("alert").waitFor();

	await shop.visits("/myshop.html");
	await shop.fills({ Brand: "Corso", Style: "Pista", "Price in $": "12.345" }, shop.page.locator("#new"));
	await shop.presses("Put it on the shelf");
	await shop.sees("Enter an amount like 19.99.");
	await shop.fills({ "Price in $": "12.34", Pairs: "0" }, shop.page.locator("#new"));
	shop.awaits(422);
	await shop.presses("Put it on the shelf");
	await shop.page.locator("#new .field", { has: shop.page.getByLabel("Pairs") }).locator(".error").waitFor();
}

export async function a_shop_is_run(people) {
	const shop = await seller(people);
	const pair = await listing(shop, { quantity: 2 });
	const row = shop.page.locator(`#listing-${pair.listing_id}`);

	await shop.visits("/myshop.html");
	await row.getByLabel("Price in $").fill("1,234.50");
	await row.getByRole("button", { name: /^Set/ }).click();
	await row.getByText("Now $1,234.50.").waitFor();
	await row.getByLabel("More or fewer").fill("-2");
	await row.getByRole("button", { name: /^Change/ }).click();
	await row.getByText("Sold out", { exact: true }).waitFor();
	shop.awaits(409);
	await row.getByLabel("More or fewer").fill("-1");
	await row.getByRole("button", { name: /^Change/ }).click();
	await row.getByRole("alert").waitFor();
	await shop.presses("Apply");
	await shop.sees("You have applied.");
	await shop.fills({ Tier: "2" });
	await shop.presses("Promote my shop");
	await shop.sees("You are promoted at tier 2.");

	await shop.fills({ "Discounted pairs": "5", "Percent off": "10" });
	await shop.presses("Start the sale");
	await shop.sees("5 of 5 left");
	await shop.page.reload();
	await shop.sees("5 of 5 left");
	await shop.presses("End it now");
	await shop.page.getByRole("dialog").waitFor();
	await shop.page.keyboard.press("Escape");
	assert.ok(await shop.page.getByRole("button", { name: "End it now" }).evaluate((node) => node === document.activeElement));
	await shop.presses("End it now");
	await shop.presses("End the sale", shop.page.getByRole("dialog"));
	await shop.page.getByRole("button", { name: "Start the sale" }).waitFor();

	await row.getByRole("button", { name: /^Withdraw/ }).click();
	await shop.presses("Withdraw it", shop.page.getByRole("dialog"));
	await row.waitFor({ state: "detached" });
}

export async function an_account_is_kept(people) {
	const person = await member(people);
	const address = { Name: "Dee Doe", "Street and number": "1 Main St", City: "Austin", Postcode: "73301", Country: "US" };
	const shop = await seller(people);
	const pair = await listing(shop);

	await asks(person, "PUT", `/cart/items/${pair.listing_id}`, { quantity: 1 });
	await person.visits("/cart.html");
	await person.page.getByLabel(/Send them to me/).check();
	await person.fills(address, person.page.locator("#address"));
	await person.presses("Use this address");
	await person.sees("1 Main St");
	await person.presses("Place the order: $80.00");
	await placed(person);
	await shop.visits("/myshop.html");
	await shop.sees("1 Main St");

	await person.visits("/account.html");
	assert.equal(await person.page.getByLabel("City").inputValue(), "Austin");
	await person.fills({ "Your password now": PASSWORD, "New password": "another horse 8" });
	await person.presses("Change password");
	await person.sees("Your password is changed.");
	await person.fills({ "New e-mail": "new-" + person.email, "Your password": "another horse 8" });
	await person.presses("Change e-mail");
	await person.sees("From now on you sign in with the new e-mail.");
	await person.presses("Sign out", person.page.getByRole("main"));
	await person.page.waitForURL(url + "/");
	await person.visits("/orders.html");
	await person.page.waitForURL(/signin\.html\?next=%2Forders\.html/);
	await person.fills({ "E-mail": "new-" + person.email, Password: "another horse 8" });
	await person.presses("Sign in", person.page.getByRole("main"));
	await person.page.waitForURL(url + "/orders.html");
	await person.sees("$80.00");
}

export async function a_buyer_reviews_the_shop(people) {
	const shop = await seller(people);
	const pair = await listing(shop);
	const buyer = await member(people);
	const stranger = await member(people);

	await buys(buyer, pair.listing_id);
	for (const person of [buyer, stranger]) {
		await person.visits(`/shop.html?id=${shop.shop.shop_id}`);
		await person.fills({ Rating: "4", "In your words, if you like": "Came <b>quickly</b> & whole" });
	}
	stranger.awaits(403);
	await stranger.presses("Send the review");
	await stranger.page.locator("#review .problem").waitFor();
	await buyer.presses("Send the review");
	await buyer.sees("Came <b>quickly</b> & whole", buyer.page.locator("#reviews"));
	await buyer.sees("4.0 of 5");
}

/* Tomorrow at an hour of the person's own clock, as a date and time input wants it. */
function tomorrow(person, clock) {
	return person.page.evaluate((text) => {
		const day = new Date(Date.now() + 86400000);

		return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}T${text}`;
	}, clock);
}

/* A shop offers a row of slots; one buyer is faster than the other, gives the slot back, and then the other has it. */
export async function a_slot_has_one_taker(people) {
	const shop = await seller(people);
	const first = await member(people);
	const second = await member(people);
	const row = (person, n) => person.page.locator(".slot").nth(n);
	const place = `/slots.html?id=${shop.shop.shop_id}`;

	await first.visits(place);
	await first.sees("Nothing is offered yet");
	await first.visits("/appointments.html");
	await first.sees("You have no appointment");
	await shop.visits("/myshop.html");
	await shop.sees("You offer no appointments");
	await shop.fills({ Station: "Fitting chair", "First starts at": await tomorrow(shop, "10:00"), "Minutes each": "30", "Slots in a row": "3" });
	await shop.presses("Offer");
	await shop.sees(/^3 slots offered, from /);
	await shop.sees("0 of 3 slots taken");
	await shop.fills({ Station: "fitting CHAIR", "First starts at": await tomorrow(shop, "11:00"), "Slots in a row": "2" });
	shop.awaits(409);
	await shop.presses("Offer");
	await shop.sees(/^1 slot offered, from .* Left out, since the station has a slot at that time already: 11:00/);
	await shop.fills({ "Slots in a row": "1" });
	shop.awaits(409);
	await shop.presses("Offer");
	await shop.sees("This station has a slot at that time already.");

	await first.visits(`/shop.html?id=${shop.shop.shop_id}`);
	await first.follows("Book an appointment");
	await second.visits(place);
	await row(second, 0).getByRole("button").waitFor();
	await row(first, 0).getByRole("button", { name: /^Book 10:00/ }).click();
	await row(first, 0).getByText("Yours", { exact: true }).waitFor();
	assert.ok(await row(first, 0).getByRole("button").evaluate((node) => node === document.activeElement));
	second.awaits(409);
	await row(second, 0).getByRole("button", { name: /^Book/ }).click();
	await second.sees("Somebody was faster.");
	await row(second, 0).getByText("Taken", { exact: true }).waitFor();
	assert.equal(await row(second, 0).getByRole("button").count(), 0);
	await shop.page.reload();
	await shop.sees("1 of 4 slots taken");
	await row(shop, 0).getByText(first.name).waitFor();

	await first.follows("My appointments");
	await row(first, 0).getByText("Fitting chair", { exact: true }).waitFor();
	await row(first, 0).getByRole("button", { name: /^Cancel/ }).click();
	await first.presses("Cancel the appointment", first.page.getByRole("dialog"));
	await first.sees("You have no appointment");
	await second.page.reload();
	await row(second, 0).getByRole("button", { name: /^Book/ }).click();
	await row(second, 0).getByText("Yours", { exact: true }).waitFor();
}

/* Times are those of whoever looks; who is not signed in comes back after signing in; a week without slots leads to one that has some. */
export async function slots_are_shown_in_ones_own_zone(people) {
	const shop = await seller(people);
	const far = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 0, 15, 12, 0));

	await slot(shop, 0, { starts_at: far.toISOString(), ends_at: new Date(far.getTime() + 1800000).toISOString() });
	for (const [timezoneId, from, to] of [["Asia/Kathmandu", "5:45 PM", "6:15 PM"], ["America/Los_Angeles", "4:00 AM", "4:30 AM"]]) {
		const guest = await people.comes({ timezoneId, locale: "en-US" });

		await guest.visits(`/slots.html?id=${shop.shop.shop_id}`);
		await guest.sees("Nothing in these seven days");
		await guest.presses("Go there");
		await guest.sees(from);
		await guest.sees(to);
		await guest.page.getByText(timezoneId.replace("_", " ").replace("Kathmandu", "K")).first().waitFor();
		await guest.presses("Later");
		await guest.sees("Nothing is offered yet");
		await guest.presses("Earlier");
		await guest.follows(/^Book/, guest.page.locator(".slot"));
		await guest.page.waitForURL(/signin\.html\?next=%2Fslots\.html/);
	}
}

/* One asks by e-mail, the other says yes; a friend's friend is suggested; and what goes wrong is said. */
export async function two_become_friends(people) {
	const [one, other, third] = [await member(people), await member(people), await member(people)];
	const part = (person, id) => person.page.locator(id);

	await asks(other, "POST", "/friends", { email: third.email });
	await asks(third, "POST", "/friends", { email: other.email });
	await one.visits("/");
	await one.follows("Friends", one.page.getByRole("navigation", { name: "Main" }));
	await one.sees("No friends here yet");
	await one.presses("Ask somebody");
	assert.ok(await one.page.getByLabel("E-mail of a friend").evaluate((node) => node === document.activeElement));
	await one.fills({ "E-mail of a friend": "nobody@walk.example" });
	one.awaits(404);
	await one.presses("Ask", part(one, "#ask"));
	await one.sees("Nobody here has this e-mail.");
	await one.fills({ "E-mail of a friend": one.email });
	one.awaits(422);
	await one.presses("Ask", part(one, "#ask"));
	await one.sees("This is you. Ask somebody else.");
	await one.fills({ "E-mail of a friend": other.email });
	await one.presses("Ask", part(one, "#ask"));
	await one.sees(`${other.email} is asked.`);
	await one.sees(other.name, part(one, "#asked"));

	await other.visits("/friends.html");
	await other.sees(one.name, part(other, "#asks"));
	assert.equal(await other.page.getByText(one.email).count(), 0);
	await other.presses(`Accept ${one.name}`);
	await other.sees(one.name, part(other, "#friends"));
	assert.ok(await part(other, "#asks").isHidden());

	await one.page.reload();
	await one.sees(other.name, part(one, "#friends"));
	await one.sees(third.name, part(one, "#suggestions"));
	await one.sees("1 friend in common", part(one, "#suggestions"));
	await one.presses(`Ask ${third.name}`);
	await one.sees(third.name, part(one, "#asked"));
	await third.visits("/friends.html");
	await third.presses(`Decline ${one.name}`);
	await third.page.getByText("Declined.").waitFor();
	one.awaits(404); /* it is over already */
	await one.presses(`Take back ${third.name}`);
	await one.page.getByText("That is over already.").waitFor();
	await one.presses(`Remove ${other.name}`);
	await one.presses("Remove", one.page.getByRole("dialog"));
	await one.sees("No friends here yet");
	assert.deepEqual((await asks(other, "GET", "/friends")).friends.map((friend) => friend.name), [third.name]);
}

/* A heart puts a shoe on the list; friends see it; and who is not signed in signs in first. */
export async function friends_want_what_one_wishes_for(people) {
	const shop = await seller(people);
	const [one, other, guest] = [await member(people), await member(people), await people.comes()];
	const brand = fresh("Wisher");
	const [pair, twin] = [await listing(shop, { brand, price_cents: 9000 }), await listing(shop, { brand, price_cents: 7000, size: 11 })];
	const hearts = one.page.getByRole("button", { name: `Wish for ${brand} Court Low` });

	assert.equal(pair.shoe_id, twin.shoe_id);
	await asks(one, "POST", "/friends", { email: other.email });
	await asks(other, "POST", "/friends", { email: one.email });
	await one.visits("/wishlist.html");
	await one.sees("Nothing on your wishlist yet");
	await other.visits("/");
	await other.sees("Ask your friends");

	await one.visits(`/?brand=${encodeURIComponent(brand)}`);
	await hearts.first().click();
	await one.page.getByText(`${brand} Court Low is on your wishlist.`).waitFor();
	assert.deepEqual(await hearts.evaluateAll((all) => all.map((heart) => heart.getAttribute("aria-pressed"))), ["true", "true"]);
	await one.visits(`/listing.html?id=${pair.listing_id}`);
	await one.page.getByRole("button", { name: `Wishlist with ${brand}`, pressed: true }).waitFor();
	await one.follows("Wishlist", one.page.getByRole("navigation", { name: "Main" }));
	await one.sees("$70.00");

	await other.visits("/");
	const wanted = other.page.locator("#friends-want");

	await other.sees(brand, wanted);
	await other.sees("1 friend", wanted);
	await wanted.getByRole("button", { name: `Wish for ${brand}` }).click();
	await other.page.getByText(`${brand} Court Low is on your wishlist.`).waitFor();
	await other.visits("/wishlist.html");
	await other.sees(brand, other.page.locator("#wishes"));
	await other.page.getByRole("button", { name: `Wish for ${brand}`, pressed: true }).click();
	await other.page.getByRole("button", { name: `Wish for ${brand}`, pressed: false }).waitFor();
	assert.deepEqual((await asks(other, "GET", "/wishlist")).shoes, []);

	await guest.visits(`/listing.html?id=${pair.listing_id}`);
	assert.equal(await guest.page.locator("#friends-want").count(), 0);
	await guest.presses(`Wishlist with ${brand}`);
	await guest.page.waitForURL(/signin\.html\?next=%2Flisting\.html/);
}

/* A pair that is sold out says so, and shows what comes nearest: the same shoe elsewhere, in other sizes, and its brand in its size. */
export async function a_sold_out_pair_leads_to_the_nearest(people) {
	const [shop, rival, buyer] = [await seller(people), await seller(people), await member(people)];
	const brand = fresh("Scarce");
	const pair = await listing(shop, { brand, quantity: 1 });
	const offers = buyer.page.locator("#offers");

	await buys(buyer, pair.listing_id);
	await buyer.visits(`/listing.html?id=${pair.listing_id}`);
	await buyer.sees("This pair has found its owner.");
	await buyer.sees(`No shop has this shoe now, nor another ${brand} in US 9.5.`);
	await buyer.page.getByRole("link", { name: "All shoes in US 9.5" }).waitFor();
	assert.equal(await buyer.page.getByRole("button", { name: "Add to cart" }).count(), 0);

	await listing(rival, { brand, price_cents: 8100 });
	await listing(rival, { brand, price_cents: 8200, size: 12 });
	await listing(rival, { brand, price_cents: 8300, size: 10 });
	await listing(rival, { brand, price_cents: 8400, style: "Other High" });
	await listing(rival, { brand, price_cents: 8500, style: "Other High", size: 7 });
	await buyer.page.reload();
	await offers.getByRole("heading", { name: "The nearest we have" }).waitFor();
	assert.deepEqual(await offers.locator(".price").allTextContents(), ["$81.00", "$83.00", "$82.00", "$84.00"]);
	assert.deepEqual(await buyer.inspects(), []);
	await buyer.follows(`${brand} Court Low`, offers);
	await buyer.page.getByRole("button", { name: "Add to cart" }).waitFor();
}

/* No pointer at all: over the skip link to the shoes, to one of them, and back into the search. */
export async function all_goes_by_keyboard(people) {
	const shop = await seller(people);
	const person = await people.comes();
	const keyboard = person.page.keyboard;
	const focus = () => person.page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.id);

	await listing(shop);
	await person.visits("/");
	await person.page.locator("#shelf > li").first().waitFor();
	await keyboard.press("Tab");
	assert.equal(await focus(), "Skip to content");
	assert.ok(await person.page.getByText("Skip to content").evaluate((node) => node.getBoundingClientRect().top >= 0));
	await keyboard.press("Enter");
	assert.equal(await person.page.evaluate(() => document.activeElement.id), "main");
	await person.page.getByLabel("Search shoes").focus();
	await keyboard.type("court");
	await keyboard.press("Enter");
	await person.page.getByRole("heading", { name: "“court”" }).waitFor();
	const link = person.page.locator("#shelf").getByRole("link").first();

	await link.focus();
	assert.notEqual(await person.page.locator("#shelf > li").first().evaluate((node) => getComputedStyle(node).outlineStyle), "none");
	await keyboard.press("Enter");
	await person.page.waitForURL(/listing\.html/);
}

/* A page that nobody looks at asks for nothing; as soon as it is seen again it asks. */
export async function a_hidden_page_is_quiet(people) {
	const shop = await seller(people);
	const watcher = await people.comes();
	const turn = (hidden) => watcher.page.evaluate((now) => {
		Object.defineProperty(document, "hidden", { value: now, configurable: true });
		document.dispatchEvent(new Event("visibilitychange"));
	}, hidden);
	let asked = 0;

	await listing(shop);
	await asks(shop, "POST", `/shops/${shop.shop.shop_id}/sales`, { discounts: 3, percent_off: 50 });
	await watcher.page.clock.install();
	watcher.page.on("request", (request) => { asked += request.url().endsWith("/sale") ? 1 : 0; });
	await watcher.visits(`/shop.html?id=${shop.shop.shop_id}`);
	await watcher.sees("3 of 3 left");
	await Promise.all([watcher.page.waitForResponse(/\/sale$/), watcher.page.clock.runFor(2500)]);
	await turn(true);
	asked = 0;
	await watcher.page.clock.runFor(60000);
	assert.equal(asked, 0);
	await Promise.all([watcher.page.waitForResponse(/\/sale$/), turn(false)]);
}

/* A shop that sold enough and pleased enough asks; the house looks at it, says yes, and its audit finds nothing. */
export async function a_shop_is_verified(people) {
	const shop = await seller(people);
	const pair = await listing(shop, { quantity: 5 });
	const house = await admin(people);
	const buyers = await Promise.all([1, 2, 3, 4, 5].map(() => member(people)));

	await Promise.all(buyers.map(async (buyer) => {
		await buys(buyer, pair.listing_id);
		await asks(buyer, "PUT", `/shops/${shop.shop.shop_id}/review`, { rating: 4 });
	}));
	await shop.visits("/myshop.html");
	await shop.sees("5 of 5", shop.page.locator("#verification-facts"));
	await shop.presses("Apply");
	await shop.sees("You have applied.");
	await house.visits("/admin.html");
	await house.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Admin" }).waitFor();
	await house.presses(`Verify ${shop.shop.name}`);
	await house.sees(`${shop.shop.name} is verified.`);
	await house.page.getByText(/^All \d+ checks found nothing wrong\.$/).waitFor();
	assert.deepEqual(await house.inspects(), []);
	await shop.visits(`/shop.html?id=${shop.shop.shop_id}`);
	await shop.page.getByRole("heading", { name: `${shop.shop.name} Verified` }).waitFor();
}

/* The last pair is held: others find it sold out, the holder sees the time run, lets it go, holds it again, and buys it. */
export async function a_pair_is_held(people) {
	const shop = await seller(people);
	const [one, other, guest] = [await member(people), await member(people), await people.comes()];
	const pair = await listing(shop, { quantity: 1 });
	const place = `/listing.html?id=${pair.listing_id}`;
	const box = one.page.locator("#hold");
	const held = one.page.locator("#holds .item");

	await guest.visits(place);
	await guest.presses(/Hold one for me/);
	await guest.page.waitForURL(/signin\.html/);

	await one.visits(place);
	await other.visits(place);
	await one.presses(/Hold one for me/);
	await box.getByText(/^1[45]:\d\d$/).waitFor();
	assert.ok(await box.locator("p").evaluate((node) => node === document.activeElement));
	await one.sees("One, held for you");
	assert.deepEqual(await one.inspects(), []);
	other.awaits(409);
	await other.presses(/Hold one for me/);
	await other.sees("Somebody was quicker");
	await other.sees("This pair has found its owner.");
	await other.sees("No shop has this shoe now");

	await one.page.reload();
	await one.presses(/Let it go/);
	await one.page.getByRole("button", { name: /Hold one for me/ }).waitFor();
	await one.presses(/Hold one for me/);
	await box.getByText(/^1[45]:\d\d$/).waitFor();

	await one.visits("/cart.html");
	await one.sees("Your cart is empty");
	await held.getByText(/^1[45]:\d\d$/).waitFor();
	await one.presses(/^Buy it/, held);
	await held.getByText("your order takes this pair").waitFor();
	assert.equal(await one.page.locator(".item .error").count(), 0);
	await one.presses("Place the order: $80.00");
	await placed(one);
	assert.deepEqual((await asks(one, "GET", "/reservations")).reservations, []);
	await one.visits("/cart.html");
	await one.sees("Nothing is held for you.");
}

/* The time is over while one looks: the page says so, and others can have the pair. */
export async function a_hold_runs_out(people) {
	const shop = await seller(people);
	const [one, other] = [await member(people), await member(people)];
	const pair = await listing(shop, { quantity: 1 });

	await asks(one, "POST", "/reservations", { listing_ids: [pair.listing_id] });
	execFileSync("psql", ["-Xqc", `update market.reservation set expires_at = clock_timestamp() + interval '4 s' where listing_id = ${pair.listing_id}`]);
	await one.visits("/cart.html");
	await one.page.locator("#holds").getByText(/^0:0\d$/).waitFor();
	await one.sees("is no longer held for you");
	await one.sees("Nothing is held for you.");
	await other.visits(`/listing.html?id=${pair.listing_id}`);
	await other.presses(/Hold one for me/);
	await other.sees("A pair is held for you");
}
