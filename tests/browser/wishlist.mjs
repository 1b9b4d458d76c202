/* Wishlists, and recommendations made of the wishlists of friends. */
import assert from "node:assert/strict";
import { PLAIN, asks, form, fresh, listing, member, seller, sends } from "./fixtures.mjs";

/* The heart puts a shoe on the wishlist; friends see it; a guest is led to sign in. */
export async function friends_want_what_one_wishes_for(people) {
	const shop = await seller(people);
	const [one, other, guest] = [await member(people), await member(people), await people.guest()];
	const brand = fresh("Wisher");
	const [pair, larger] = [await listing(shop, { brand, price_cents: 9000 }), await listing(shop, { brand, price_cents: 7000, size: 11 })];
	const hearts = one.page.getByRole("button", { name: `Wish for ${brand} Court Low` });

	assert.equal(pair.shoe_id, larger.shoe_id);
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

/* A shoe is put on the wishlist; the friendship is accepted; then the friend's wish is recommended. */
export async function friends_and_wishes_without_script(people) {
	const shop = await seller(people);
	const [one, other] = [await member(people, PLAIN), await member(people, PLAIN)];
	const pair = await listing(shop, { brand: fresh("Plainwish") });

	await one.visits(`/api/listings/${pair.listing_id}`);
	await sends(one, "Wish for this shoe");
	await one.page.waitForURL("**/api/wishlist");
	await one.page.locator("main").getByText(pair.brand).first().waitFor();
	await one.follows("Friends");
	await sends(one, "Be friends", { "E-mail": other.email });
	await one.page.waitForURL("**/api/friends");

	await other.visits("/friends.html"); /* the static page redirects */
	await other.page.waitForURL("**/api/friends");
	await other.fills({ Status: "asks" }, form(other, "Show"));
	await other.presses("Show");
	const row = other.page.locator("tbody tr").filter({ hasText: one.name });

	await row.getByRole("button", { name: "Be friends" }).click();
	await other.page.waitForURL("**/api/friends");
	await other.page.locator("tbody tr").filter({ hasText: one.name }).getByRole("button", { name: "Remove" }).waitFor();
	await other.follows("For you");
	await other.page.locator("tbody tr").filter({ hasText: pair.brand }).getByRole("button", { name: "Wish for this shoe" }).click();
	await other.page.waitForURL("**/api/wishlist");
	await other.page.locator("tbody tr").filter({ hasText: pair.brand }).getByRole("button", { name: "Wish for it no more" }).click();
	await other.page.locator("main").getByText("Nothing here yet.").waitFor();
}
