/* The desk's page for files of CSV. */
import assert from "node:assert/strict";
import { asks, fresh, seller } from "./fixtures.mjs";

const PHONE = { viewport: { width: 360, height: 740 } };
const HEAD = "brand,style,color,size,condition,audience,price,quantity";

const csv = (...lines) => ({ name: "shoes.csv", mimeType: "text/csv", buffer: Buffer.from([HEAD, ...lines].join("\r\n")) });
const listed_number = async (person) => (await asks(person, "GET", `/shops/${person.shop.shop_id}/listings?limit=100`)).listings.length;

export async function a_file_is_looked_at_and_then_listed(people) {
	const person = await seller(people, PHONE);
	const brand = fresh("Filed");
	const file = person.page.getByLabel("CSV file");
	const checked = person.page.locator("#checked");

	await person.visits("/desk-import.html");
	await file.waitFor();
	person.expects(422);
	await file.setInputFiles(csv(`${brand},Low,black,9.5,new,men,120.00,3`, `${brand},Low,blackish,9.3,new,men,120.00,3`, `${brand},Low,black,10,new,men,,3`));
	await person.sees("2 lines must be mended first. 1 line is fine. Nothing was listed.", checked);
	await checked.getByRole("row", { name: /^3 color/ }).waitFor();
	await checked.getByRole("row", { name: /^3 size/ }).waitFor();
	await checked.getByRole("row", { name: "4 price_cents Please fill this in." }).waitFor();
	assert.deepEqual(await person.inspects(), []);
	await file.setInputFiles(csv(`${brand},Low,black,9.5,new,men,120.00,3`, `${brand},Low,black,10,new,men,120.00,3`));
	await person.sees("2 lines are fine.", checked);
	assert.equal(await listed_number(person), 0);
	assert.deepEqual(await person.inspects(), []);

	/* The answer is lost: it can be sent again, and lists nothing twice. */
	let is_lost = true;

	await person.page.route("**/listings/import", async (route) => {
		await (is_lost ? route.fetch().then(() => route.abort("connectionreset")) : route.continue());
	});
	person.note_console = () => {}; /* the browser logs the lost connection */
	await person.presses("Import 2 listings");
	await person.sees("Import it again from here", checked);
	is_lost = false;
	await person.presses("Import 2 listings");
	await person.sees("2 listings are on your shelf.", checked);
	assert.equal(await listed_number(person), 2);

	const download = person.page.waitForEvent("download");

	await person.follows("Listings as CSV");
	assert.equal((await download).suggestedFilename(), "listings.csv");
	assert.deepEqual(await person.inspects(), []);
}
