/* Photos of a listing: sent by their seller, put into order, looked at by buyers. */
import assert from "node:assert/strict";
import { crc32, deflateSync } from "node:zlib";
import { PLAIN, asks, form, listing, member, seller } from "./fixtures.mjs";

const word = (n) => Buffer.from([n >>> 24, n >>> 16, n >>> 8, n].map((byte) => byte & 255));

function chunk(name, data) {
	const named = Buffer.concat([Buffer.from(name), data]);

	return Buffer.concat([word(data.length), named, word(crc32(named))]);
}

/* A picture of one grey, as a file that is chosen or dropped. */
function photo(grey, width = 40, height = 30) {
	const rows = Buffer.concat(Array.from({ length: height }, () => Buffer.concat([Buffer.from([0]), Buffer.alloc(width, grey)])));
	const head = Buffer.concat([word(width), word(height), Buffer.from([8, 0, 0, 0, 0])]);

	return { name: `IMG ${grey}.png`, mimeType: "image/png",
		buffer: Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]) };
}

const photos_of = async (person, pair) => (await asks(person, "GET", `/listings/${pair.listing_id}`)).photos.map((one) => one.photo_id);

/* Sends three, one of them no picture; moves one by keyboard, deletes one; a buyer sees them large. */
export async function photos_are_sent_ordered_and_seen(people) {
	const shop = await seller(people);
	const buyer = await member(people);
	const pair = await listing(shop);

	await shop.visits(`/listing.html?id=${pair.listing_id}`);
	await shop.page.getByLabel("Add photos").setInputFiles([photo(40), photo(90), photo(140)]);
	await shop.page.getByRole("button", { name: "Delete photo 3" }).waitFor();
	const before = await photos_of(shop, pair);

	shop.expects(422);
	await shop.page.getByLabel("Add photos").setInputFiles([{ ...photo(1), buffer: Buffer.from("no picture") }]);
	await shop.page.getByText("This is no picture that we can read").waitFor();
	await shop.page.getByLabel("Add photos").setInputFiles([{ ...photo(1), mimeType: "image/gif", name: "moving.gif" }]);
	await shop.page.getByText("moving.gif: send a JPEG, PNG or WebP.").waitFor();

	/* One that is refused keeps back no other. */
	shop.expects(422);
	await shop.page.getByLabel("Add photos").setInputFiles([{ ...photo(1), name: "text.png", buffer: Buffer.from("no picture") }, photo(200)]);
	await shop.page.getByText("4 photos. text.png: This is no picture that we can read").waitFor();
	await shop.page.getByRole("button", { name: "Delete photo 4" }).click();
	await shop.page.getByRole("button", { name: "Delete photo 4" }).waitFor({ state: "detached" });
	await shop.page.getByRole("button", { name: "Move photo 1 back" }).focus();
	await shop.page.keyboard.press("Enter");
	await shop.page.getByText("Now photo 2 of 3.").waitFor();
	assert.deepEqual(await photos_of(shop, pair), [before[1], before[0], before[2]]);
	await shop.page.getByRole("button", { name: "Delete photo 3" }).click();
	await shop.page.getByText("The photo is deleted.").waitFor();
	assert.deepEqual(await photos_of(shop, pair), [before[1], before[0]]);

	await buyer.visits(`/?brand=${encodeURIComponent(pair.brand)}`);
	await buyer.page.getByRole("img", { name: `${pair.brand} ${pair.style}, ${pair.color}` }).waitFor();
	await buyer.visits(`/listing.html?id=${pair.listing_id}`);
	await buyer.page.getByRole("button", { name: /^Show large.*photo 1 of 2$/ }).focus();
	await buyer.page.keyboard.press("Enter");
	const large = buyer.page.getByRole("dialog").getByRole("img");

	await buyer.page.getByRole("img", { name: /photo 1 of 2$/ }).waitFor();
	await buyer.page.keyboard.press("ArrowRight");
	await buyer.page.getByRole("img", { name: /photo 2 of 2$/ }).waitFor();
	assert.ok(await large.evaluate((img) => img.decode().then(() => img.naturalWidth > 0)));
	await buyer.page.keyboard.press("Escape");
	await large.waitFor({ state: "detached" });
}

/* The plain page of a listing has a form for a file, and shows what is wrong with it. */
export async function photos_without_script(people) {
	const shop = await seller(people, PLAIN);
	const pair = await listing(shop);
	const page = `/api/listings/${pair.listing_id}`;

	await shop.visits(page);
	shop.expects(422);
	await form(shop, "Add a photo").getByLabel("Photo").setInputFiles({ ...photo(1), buffer: Buffer.from("no picture") });
	await shop.presses("Add a photo");
	await shop.sees("This is no picture that we can read");
	await form(shop, "Add a photo").getByLabel("Photo").setInputFiles(photo(80));
	await shop.presses("Add a photo");
	await shop.page.waitForURL(`**${page}`);
	await shop.page.getByRole("img", { name: /^Photo of/ }).waitFor();
	await shop.visits(`/api/listings?brand=${encodeURIComponent(pair.brand)}`);
	await shop.page.getByRole("img", { name: `Photo of ${pair.brand}` }).waitFor();
	await shop.visits(page);
	await shop.presses("Delete the photo");
	await shop.page.waitForURL(`**${page}`);
	assert.deepEqual(await photos_of(shop, pair), []);
}
