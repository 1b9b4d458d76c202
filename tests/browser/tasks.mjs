/*
 * node tasks.mjs URL: what common tasks cost a person, in a marketplace with demo data, as a Markdown table for docs/benchmarks.md. tests/browser/run --tasks
 * runs it.
 *
 * A click is one press on a control, or one choice in a list of choices; each typed character is a key. The script waits for the pages but
 * never for itself, so its seconds are those of the marketplace and the browser. The seconds of a person are those, and by the keystroke-level model 1.3 s
 * for each click (1.1 to point, 0.2 to press) and 0.28 s for each key (a person of average skill); time to think and to read is not in them.
 */
import { PASSWORD, asks, buys, fresh, listing, lives, member, persons, placed, seller } from "./fixtures.mjs";
import { launch } from "./person.mjs";

const CLICK_S = 1.3, KEY_S = 0.28;

/* Counts what a person does at a page. */
class Hand {
	clicks = 0;
	keys = 0;

	constructor(person) {
		this.page = person.page;
		this.main = person.page.getByRole("main");
	}

	async click(control) {
		this.clicks++;
		await control.click();
	}

	/* Clicks into a control, and types over what is in it. */
	async type(control, text) {
		this.clicks++;
		this.keys += text.length;
		await control.click();
		await control.fill("");
		await control.pressSequentially(text);
	}

	/* Types a date and a time: 2 digits each for month, day, hour and minute, 4 for the year, 1 key for AM or PM. */
	async type_time(control, date) {
		this.clicks++;
		this.keys += 13;
		await control.fill(new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16));
	}

	async choose(control, value) {
		this.clicks++;
		await control.selectOption(value);
	}

	field(label) {
		return this.main.getByLabel(label, { exact: true });
	}

	button(name) {
		return this.main.getByRole("button", { name });
	}

	link(name) {
		return this.page.getByRole("link", { name }).first();
	}
}

/* A guest finds a Nike in US 9.5 for less than $150, signs up, and has it sent. */
async function buys_a_nike(people) {
	const shop = await seller(people);

	await listing(shop, { brand: "Nike", style: "Air Max 90", color: "white", size: 9.5, price_cents: 12900 });
	return { person: await people.guest(), async acts(hand, person) {
		const filters = hand.page.locator("#filters");

		await hand.click(filters.locator("label").filter({ hasText: /^Nike/ }));
		await hand.click(filters.locator("label").filter({ hasText: /^9\.5/ }));
		await hand.type(hand.field("Highest price"), "150");
		await hand.click(hand.button("Set"));
		await hand.click(hand.page.locator("#listings .tile").filter({ hasText: "9.5" }).filter({ hasText: /\$1[0-4]\d\./ }).getByRole("link").first());
		await hand.click(hand.button("Add to cart"));
		await hand.click(hand.main.getByRole("link", { name: "Sign up" }));
		await hand.type(hand.field("Your name"), "Bea Buyer");
		await hand.type(hand.field("E-mail"), `${fresh("bea").replace(" ", "")}@walk.example`);
		await hand.type(hand.field("Password"), PASSWORD);
		await hand.click(hand.button("Sign up"));
		await hand.click(hand.page.locator('#nav a[href="/cart.html"]').filter({ hasText: "1" }));
		await hand.click(hand.page.getByText("Send them to me"));
		for (const [label, text] of [["Street and number", "12 Maple Street"], ["City", "Portland"], ["State or region, if any", "OR"], ["Postcode", "97205"]])
			await hand.type(hand.field(label), text);
		await hand.click(hand.button(/^Place the order/));
		await placed(person);
	} };
}

/* Ten listings: a style in five sizes, one in three, and two single pairs. */
const DELIVERY = [
	["Nike", "Air Max 90", "Black", "Men", "129.00", [["8", "2"], ["8.5", "2"], ["9", "2"], ["9.5", "2"], ["10", "2"]]],
	["Adidas", "Samba OG", "White", "Unisex", "99.00", [["6", "1"], ["7", "1"], ["8", "1"]]],
	["Vans", "Old Skool", "Black", "Unisex", "65.00", [["11", "1"]]],
	["Puma", "Suede Classic", "Blue", "Unisex", "72.50", [["9", "3"]]],
];

async function lists_ten_shoes(people) {
	const person = await seller(people);

	return { person, async acts(hand) {
		const chip = (group, text) => hand.page.locator(`${group} label`).filter({ hasText: new RegExp(`^${text}$`) });

		await hand.click(hand.link("Sell"));
		await hand.click(hand.link("List shoes"));
		for (const [n, [brand, style, color, audience, cost, sizes]] of DELIVERY.entries()) {
			if (n > 0)
				await hand.click(hand.button("Another shoe"));
			await hand.type(hand.field("Brand"), brand);
			await hand.type(hand.field("Style"), style);
			await hand.click(chip("#colors", color));
			await hand.click(chip("#audiences", audience));
			for (const [size, pairs] of sizes)
				await hand.type(hand.field(`Pairs of US ${size}`), pairs);
			await hand.type(hand.field("Price of a pair in $"), cost);
			await hand.click(hand.page.locator("#submit"));
			await hand.page.locator("#made:not([hidden])").waitFor();
		}
		await has_listed(person, DELIVERY.flatMap(([, , , , , sizes]) => sizes).length);
	} };
}

async function has_listed(person, count) {
	const { listings } = await asks(person, "GET", `/shops/${person.shop.shop_id}/listings?limit=100`);

	if (listings.length !== count)
		throw new Error(`${listings.length} listings instead of ${count}`);
}

async function sends_a_shipment(people) {
	const person = await seller(people);
	const buyer = await member(people);
	const pair = await listing(person);

	await lives(buyer);
	const order = await buys(buyer, pair.listing_id, 1, { delivery: "ship" });

	return { person, async acts(hand) {
		await hand.click(hand.link("Sell"));
		await hand.type(hand.field("Tracking number, if any"), "1Z9994W80342");
		await hand.click(hand.button(/^It is sent/));
		await hand.main.getByText("On its way").first().waitFor();
		if ((await asks(buyer, "GET", `/orders/${order.order_id}`)).shipments[0].tracking !== "1Z9994W80342")
			throw new Error("the buyer sees no tracking number");
	} };
}

/* 20 pairs at 30 percent off, from tomorrow on for two hours. */
async function plans_a_sale(people) {
	const person = await seller(people);

	await listing(person);
	return { person, async acts(hand) {
		const at = (hours) => new Date(Math.ceil(Date.now() / 3600000) * 3600000 + hours * 3600000);

		await hand.click(hand.link("Sell"));
		await hand.click(hand.link("Plan one"));
		await hand.type(hand.field("Discounted pairs"), "20");
		await hand.type(hand.field("Percent off"), "30");
		await hand.type_time(hand.field("Starts at"), at(24));
		await hand.type_time(hand.field("Ends at"), at(26));
		await hand.click(hand.button("Plan the sale"));
		await hand.main.getByText(/Sale planned/).first().waitFor();
	} };
}

const TASKS = [["buy a Nike 9.5 under $150, as a guest", buys_a_nike], ["list ten shoes", lists_ten_shoes], ["send a shipment", sends_a_shipment], ["plan a sale", plans_a_sale]];

/* Does one task from the front page on. Returns its row of the table. */
async function measure(browser, [title, prepare]) {
	const people = persons(browser);

	try {
		const { person, acts } = await prepare(people);
		const hand = new Hand(person);

		await person.visits("/");
		await person.page.locator("#listings .tile").first().waitFor();
		const began = performance.now();

		await acts(hand, person);
		const seconds = (performance.now() - began) / 1000;

		return `| ${title} | ${hand.clicks} | ${hand.keys} | ${seconds.toFixed(1)} | ${Math.round(seconds + hand.clicks * CLICK_S + hand.keys * KEY_S)} |`;
	} finally {
		await people.close();
	}
}

const browser = await launch();
const rows = [];

for (const task of TASKS) {
	try {
		rows.push(await measure(browser, task));
	} catch (error) {
		rows.push(`FAILED ${task[0]}: ${error.stack}`);
	}
}
await browser.close();
console.log(["| task | clicks | keys | seconds of the script | seconds of a person |", "| --- | ---: | ---: | ---: | ---: |", ...rows].join("\n"));
process.exit(rows.some((row) => row.startsWith("FAILED")) ? 1 : 0);
