/* Reviews by buyers. */
import { buys, listing, member, seller } from "./fixtures.mjs";

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
	stranger.expects(403);
	await stranger.presses("Send the review");
	await stranger.page.locator("#review .problem").waitFor();
	await buyer.presses("Send the review");
	await buyer.sees("Came <b>quickly</b> & whole", buyer.page.locator("#reviews"));
	await buyer.sees("4.0 of 5");
}
