/* The page of a shoe: its offers by size, on a phone, by keyboard and without scripts; and a listing as one of them. */
import assert from "node:assert/strict";
import { asks, buys, fresh, listing, member, PLAIN, seller, until } from "./fixtures.mjs";

const PHONE = { viewport: { width: 360, height: 740 } };

/* A shoe that two shops offer, in sizes of men and women; the cheaper one ships for $7. */
async function offered(people) {
	const [shop, rival] = [await seller(people), await seller(people)];
	const brand = fresh("Lasting");
	const offer = await listing(shop, { brand, price_cents: 9000 });

	await listing(rival, { brand, price_cents: 8000 });
	await listing(rival, { brand, price_cents: 7000, size: 11, audience: "women" });
	await listing(shop, { brand, price_cents: 6500, size: 12, condition: "used", description: "Worn twice. Small mark at the heel.", box: "none" });
	await asks(rival, "PUT", `/shops/${rival.shop.shop_id}/profile`, { shipping_cents: 700, pickup_address: "1 Street" });
	return { shop, rival, brand, offer, page: `/shoes/${offer.shoe_id}` };
}

const in_cart = async (person) => (await asks(person, "GET", "/cart")).items.map(({ listing_id, quantity }) => `${listing_id} ${quantity}`).join();

export async function a_shoe_is_chosen_by_size_on_a_phone(people) {
	const { rival, brand, offer, page } = await offered(people);
	const buyer = await member(people, PHONE);
	const phone = buyer.page;
	const other = await listing(rival, { brand: fresh("Another"), size: 11, audience: "women" });

	await buyer.visits(page);
	await buyer.sees("from $65.00 with shipping");
	assert.equal(await phone.title(), `${brand} Court Low, blue: 4 offers from $65.00 · Shoetopia`);
	await phone.getByRole("button", { name: /^Wishlist/ }).waitFor();
	assert.deepEqual(await buyer.inspects(), []);

	await phone.getByRole("link", { name: "EU", exact: true }).click();
	await phone.getByRole("link", { name: "43 $87.00" }).first().click();
	await phone.getByRole("heading", { name: "Men's EU 43: 2 offers" }).waitFor();
	assert.deepEqual(await phone.locator("#offers .offer .price").allTextContents(), ["$87.00", "$90.00"]);
	await buyer.sees("$80.00 + $7.00 shipping, or pick-up");
	await buyer.sees("Your size: EU 43.");
	assert.equal(new URL(phone.url()).search, "?audience=men&size=9.5&unit=eu");
	await phone.locator("#best").getByRole("button", { name: "Add to cart" }).click();
	await phone.locator("#best").getByText("Added.").waitFor();
	assert.match(await in_cart(buyer), /^\d+ 1$/);
	assert.deepEqual(await buyer.inspects(), []);

	/* Back and forth, and on the page of another shoe the size for the same foot. */
	await phone.goBack();
	await phone.getByRole("heading", { name: "Any size: 4 offers" }).waitFor();
	await phone.goForward();
	await phone.getByRole("heading", { name: "Men's EU 43: 2 offers" }).waitFor();
	await buyer.visits(`/shoes/${other.shoe_id}`);
	await phone.getByRole("heading", { name: "Women's EU 43: 1 offer" }).waitFor();
	await phone.getByRole("button", { name: "Forget it" }).click();
	await buyer.visits(`/shoes/${other.shoe_id}`);
	await phone.getByRole("heading", { name: "Any size: 1 offer" }).waitFor();

	/* One offer leads to all of them. */
	await buyer.visits(`/listing.html?id=${offer.listing_id}`);
	await phone.getByRole("link", { name: "All offers of this shoe" }).click();
	await phone.getByRole("heading", { name: /^Men's (US 9.5|EU 43): 2 offers$/ }).waitFor();
}

export async function a_shoe_shows_what_it_sold_for(people) {
	const { rival, brand, offer, page } = await offered(people);
	const [buyer, guest] = [await member(people), await people.guest()];

	await listing(rival, { brand, price_cents: 7500, audience: "women" }); /* the same number, for another foot */
	await buys(buyer, offer.listing_id);
	await guest.visits(page);
	await guest.page.getByRole("heading", { name: "What it sold for" }).waitFor();
	assert.deepEqual(await guest.page.locator("#prices dd").allTextContents(), ["$90.00", "$90.00", "$90.00"]);
	await guest.page.locator("#prices summary").click();
	await guest.page.locator("#prices").getByRole("cell", { name: "$90.00" }).waitFor();
	assert.deepEqual(await guest.inspects(), []);
	await guest.visits(`/listings/${offer.listing_id}`);
	await guest.page.getByRole("button", { name: "Hold one for me" }).waitFor();
	await guest.page.getByRole("heading", { name: "Who else has US 9.5" }).waitFor();
	assert.deepEqual(await guest.page.locator("#offers tbody td:nth-child(4)").allTextContents(), ["$80.00"]);
	assert.deepEqual(await guest.inspects(), []);
}

export async function a_shoe_is_chosen_by_keyboard(people) {
	const { page } = await offered(people);
	const buyer = await member(people);
	const { keyboard } = buyer.page;
	const focus = () => buyer.page.evaluate(() => document.activeElement.textContent.trim());

	await buyer.visits(page);
	await buyer.page.getByRole("button", { name: /^Wishlist/ }).focus();
	for (const text of ["US", "EU", "UK"]) {
		await keyboard.press("Tab");
		assert.equal(await focus(), text);
	}
	await keyboard.press("Enter");
	await buyer.page.getByRole("link", { name: "8.5 $87.00" }).waitFor();
	assert.equal(await focus(), "UK");
	await keyboard.press("Tab");
	await keyboard.press("Tab");
	await keyboard.press("Enter");
	await buyer.page.getByRole("heading", { name: "Men's UK 8.5: 2 offers" }).waitFor();
	await until(async () => /8\.5/.test(await focus()));
	await buyer.page.locator("#best").getByRole("button", { name: "Add to cart" }).focus();
	await keyboard.press("Enter");
	await until(async () => /^\d+ 1$/.test(await in_cart(buyer)));
}

export async function a_shoe_is_chosen_without_scripts(people) {
	const { page } = await offered(people);
	const buyer = await member(people, { ...PLAIN, ...PHONE });

	await buyer.visits(page);
	await buyer.page.getByRole("link", { name: "EU", exact: true }).click();
	await buyer.page.getByRole("link", { name: "43 $87.00" }).first().click();
	await buyer.sees("Men's EU 43: 2 offers");
	await buyer.page.locator("#offers").getByRole("button", { name: "Add to cart" }).first().click();
	await buyer.page.waitForURL(/\/api\/cart$/);
	assert.match(await in_cart(buyer), /^\d+ 1$/);
	await buyer.visits(page);
	await buyer.page.getByRole("link", { name: "Put it on my wishlist" }).click();
	await buyer.page.getByRole("button", { name: "Wish for this shoe" }).waitFor();
}
