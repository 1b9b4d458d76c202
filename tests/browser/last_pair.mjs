/* Two browsers want the last pair at the same moment: one has the order, the other reads that it is sold out, and what to do next. */
import assert from "node:assert/strict";
import { PLAIN, asks, listing, member, seller, sends } from "./fixtures.mjs";

/* Whose order it is: the winner and the loser of two buyers. */
async function sorted(one, other) {
	const [mine, theirs] = await Promise.all([one, other].map(async (person) => (await asks(person, "GET", "/orders")).orders.length));

	assert.deepEqual([mine, theirs].sort(), [0, 1]);
	return mine ? [one, other] : [other, one];
}

export async function the_last_pair_has_one_winner(people) {
	const shop = await seller(people);
	const pair = await listing(shop, { quantity: 1 });
	const other = await listing(shop);
	const buyers = [await member(people), await member(people)];
	const has_answer = (person) => Promise.race([person.page.getByText("Thank you!").waitFor(), person.page.getByText("Somebody was quicker").waitFor()]);

	await Promise.all(buyers.map(async (buyer) => {
		for (const { listing_id } of [pair, other])
			await asks(buyer, "PUT", `/cart/items/${listing_id}`, { quantity: 1 });
		await buyer.visits("/cart.html");
		await buyer.page.getByRole("button", { name: "Place the order: $160.00" }).waitFor();
		buyer.expects(409);
	}));
	await Promise.all(buyers.map((buyer) => buyer.presses("Place the order: $160.00")));
	await Promise.all(buyers.map(has_answer));
	const [winner, loser] = await sorted(...buyers);

	await winner.sees("Thank you!");
	await loser.sees("Nothing has been bought.");
	await loser.sees("None left.", loser.page.locator(`#item-${pair.listing_id}`));
	assert.deepEqual(await loser.inspects(), []);
	await loser.presses("Take out what is gone", loser.page.getByRole("alert"));
	await loser.presses("Place the order: $80.00");
	await loser.sees("Thank you!");
	assert.equal((await asks(loser, "GET", `/listings/${pair.listing_id}`)).available, 0);
}

export async function the_last_pair_has_one_winner_without_script(people) {
	const shop = await seller(people);
	const pair = await listing(shop, { quantity: 1 });
	const buyers = [await member(people, PLAIN), await member(people, PLAIN)];

	await Promise.all(buyers.map((buyer) => buyer.visits(`/api/listings/${pair.listing_id}`)));
	buyers.forEach((buyer) => buyer.expects(409));
	await Promise.all(buyers.map((buyer) => sends(buyer, "Buy", { Pairs: "1" })));
	await Promise.all(buyers.map((buyer) => Promise.race([buyer.page.waitForURL("**/api/orders/*"), buyer.page.locator(".problem").waitFor()])));
	const [winner, loser] = await sorted(...buyers);

	await winner.page.locator("main").getByText("$80.00").first().waitFor();
	await loser.sees("nothing was changed");
	await loser.sees("None left.");
	await loser.follows(`Listing ${pair.listing_id}`);
	await loser.page.waitForURL(`**/api/listings/${pair.listing_id}`);
	assert.equal(await loser.page.getByRole("button", { name: "Buy", exact: true }).count(), 0);
}
