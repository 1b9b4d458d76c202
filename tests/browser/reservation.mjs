/* Pairs held for an account. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { LATE, PLAIN, asks, listing, member, placed, seller, sends, until } from "./fixtures.mjs";

/* The last pair is held: others see it sold out; the holder sees the countdown, lets it go, holds it again, and buys it. */
export async function a_pair_is_held(people) {
	const shop = await seller(people);
	const [one, other, guest] = [await member(people), await member(people, LATE), await people.guest()];
	const pair = await listing(shop, { quantity: 1 });
	const place = `/listing.html?id=${pair.listing_id}`;
	const box = one.page.locator("#reservation");
	const held = one.page.locator("#reservations .item");

	await guest.visits(place);
	await guest.presses(/Hold one for me/);
	await guest.page.waitForURL(/signin\.html/);

	await one.visits(place);
	await other.visits(place);
	await other.page.getByRole("button", { name: /Hold one for me/ }).waitFor(); /* once the pair is held, it would never come */
	await one.presses(/Hold one for me/);
	await box.getByText(/^1[45]:\d\d$/).waitFor();
	await one.has_focus(box.locator("p"));
	await one.sees("One, held for you");
	assert.deepEqual(await one.inspects(), []);
	other.expects(409);
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

/* The reservation expires while the page is open: the page says so, and another buyer can reserve the pair. */
export async function a_hold_runs_out(people) {
	const shop = await seller(people);
	const [one, other] = [await member(people), await member(people)];
	const pair = await listing(shop, { quantity: 1 });

	await asks(one, "POST", "/reservations", { listing_ids: [pair.listing_id] });
	await one.page.clock.install();
	await one.visits("/cart.html");
	await one.page.locator("#reservations").getByText(/^1[45]:\d\d$/).waitFor();
	execFileSync("psql", ["-Xqc", `update market.reservation set expires_at = clock_timestamp() where listing_id = ${pair.listing_id}`]);
	await one.page.clock.fastForward("16:00");
	await one.sees("is no longer held for you");
	await one.sees("Nothing is held for you.");
	await until(async () => (await asks(other, "GET", `/listings/${pair.listing_id}`)).available === 1); /* freed in the background */
	await other.visits(`/listing.html?id=${pair.listing_id}`);
	await other.presses(/Hold one for me/);
	await other.sees("A pair is held for you");
}

/* A pair is reserved, put into the cart from the list of reservations, and bought; another reservation is cancelled. */
export async function a_pair_is_held_without_script(people) {
	const shop = await seller(people);
	const buyer = await member(people, PLAIN);
	const pair = await listing(shop, { quantity: 1 });
	const other = await listing(shop, { quantity: 1 });
	const row = (shoe) => buyer.page.locator("tbody tr").filter({ hasText: shoe.brand });

	await buyer.visits("/api/reservations");
	await buyer.sees("Nothing here yet.");
	for (const { listing_id } of [pair, other]) {
		await buyer.visits(`/api/listings/${listing_id}`);
		await sends(buyer, "Hold a pair");
		await buyer.page.waitForURL("**/api/reservations");
	}
	await buyer.presses("Let it go", row(other));
	await row(other).waitFor({ state: "detached" });
	await row(pair).getByLabel("Quantity").fill("1");
	await buyer.presses("Put so many into the cart", row(pair));
	await buyer.page.waitForURL("**/api/cart");
	await sends(buyer, "Buy");
	await buyer.page.waitForURL("**/api/orders/*");
	await buyer.visits("/api/reservations");
	await buyer.sees("Nothing here yet.");
}
