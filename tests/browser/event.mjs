/* Release events: places, the waiting list, and concurrent edits. */
import assert from "node:assert/strict";
import { LATE, asks, form, fresh, member, seller, sends } from "./fixtures.mjs";

const START = "2100-01-01T12:00";

const event_of = async (person, title) => {
	let cursor = "";
	let found;

	do {
		const page = await asks(person, "GET", `/events?limit=100${cursor}`);

		found = page.events.find((event) => event.title === title);
		cursor = `&cursor=${encodeURIComponent(page.next)}`;
		if (!page.next)
			break;
	} while (!found);
	return found;
};

/* One place: the first books it, the second waits and moves up; then the shop adds a place, after a conflict with another edit. */
export async function places_at_an_event_with_script(people) {
	const [shop, first, second, guest] = [await seller(people), await member(people), await member(people, LATE), await people.guest()];
	const title = fresh("Morning drop");

	await shop.visits("/desk-events.html");
	await shop.sees("No event is announced");
	const announce = shop.page.locator("#event-new");

	await shop.fills({ Title: title, "Starts at": START, Places: "0" }, announce);
	shop.expects(422);
	await shop.presses("Announce it", announce);
	await announce.locator(".field", { has: shop.page.getByLabel("Places") }).locator(".error").waitFor();
	await shop.fills({ Places: "1" }, announce);
	await shop.presses("Announce it", announce);
	await shop.sees(`${title} is announced.`);
	const event = await event_of(shop, title);

	assert.equal(event.starts_at, await shop.page.evaluate((text) => new Date(text).toISOString(), START));

	await guest.visits(`/event.html?id=${event.event_id}`);
	await guest.sees("1 of 1 place left");
	await guest.presses("Book a place");
	await guest.page.waitForURL(/signin\.html\?next=%2Fevent\.html/);

	await first.visits("/");
	await first.follows("Events", await first.opens_menu());
	await first.page.waitForURL(/events\.html/);
	await first.page.getByRole("heading", { name: "Release events" }).waitFor();
	await first.visits(`/event.html?id=${event.event_id}`);
	await second.visits(`/event.html?id=${event.event_id}`);
	await second.sees("1 of 1 place left");
	await first.presses("Book a place");
	await first.sees("You have a place.");
	await first.has_focus(first.page.locator("#mine p").first());
	await second.sees("All 1 place taken");
	await second.presses("Join the waiting line");
	await second.sees("You are number 1 in line.");

	await first.presses("Give my place back");
	await first.presses("Keep it", first.page.getByRole("dialog"));
	await first.sees("You have a place.");
	await first.presses("Give my place back");
	await first.presses("Give it back", first.page.getByRole("dialog"));
	await first.page.getByRole("button", { name: "Join the waiting line" }).waitFor();
	await second.sees("A place came free, and it is yours."); /* by polling alone */
	await second.sees("You have a place.");
	await first.presses("Join the waiting line");
	await first.sees("You are number 1 in line.");

	const form = shop.page.locator(`#event-form-${event.event_id}`);

	await asks(shop, "PATCH", `/events/${event.event_id}`, { capacity: 1, title: `${title}, later` }, { "If-Match": `"${event.version}"` });
	await shop.fills({ Title: `${title}, at noon`, Places: "2" }, form);
	shop.expects(412);
	await form.getByRole("button", { name: /^Change/ }).click();
	await shop.sees(`By now it is: ${title}, later.`, form);
	assert.equal(await form.getByLabel("Title").inputValue(), `${title}, at noon`);
	await form.getByRole("button", { name: /^Change/ }).click();
	await shop.sees("Changed.", form);
	await first.sees("You have a place.");
	await first.page.getByRole("heading", { name: `${title}, at noon`, level: 1 }).waitFor();
	assert.deepEqual(await first.inspects(), []);
	await shop.fills({ Places: "1" }, form);
	shop.expects(422);
	await form.getByRole("button", { name: /^Change/ }).click();
	await shop.sees("2 places are booked already.", form);

	const card = shop.page.locator("#my-events li", { has: form });

	await card.getByRole("button", { name: /^Call it off/ }).click();
	await shop.sees("2 people booked or waiting will see that it is called off.", shop.page.getByRole("dialog"));
	await shop.presses("Call it off", shop.page.getByRole("dialog"));
	await shop.sees(`${title}, at noon is called off.`);
	await shop.sees("The shop has called this event off.", shop.page.locator("#my-events"));
	assert.equal(await form.count(), 0);
	await first.sees("The shop has called this event off."); /* by polling alone */
	await first.sees("You were booked for it. Nobody is booked any more.");
	assert.deepEqual(await first.inspects(), []);
	await first.visits("/events.html");
	await first.sees("You were booked");
}

/* The same by plain pages. */
export async function places_at_an_event_without_script(people) {
	const options = { javaScriptEnabled: false };
	const [shop, first, second] = [await seller(people, options), await member(people, options), await member(people, options)];
	const title = fresh("Plain drop");

	await shop.visits("/desk.html");
	await shop.follows("My shop");
	await sends(shop, "Announce an event", { Title: title, "Starts at (UTC)": START, Places: "1" });
	await shop.page.waitForURL(/\/api\/events\/\d+$/);
	await shop.page.locator("main").getByText("2100-01-01 12:00 UTC").waitFor();
	const place = new URL(shop.page.url()).pathname;

	await first.visits("/events.html");
	await first.page.waitForURL("**/api/events");
	for (const person of [first, second]) {
		await person.visits(place);
		await sends(person, "Book a place");
		await person.page.waitForURL(/\/api\/events\/\d+$/);
	}
	await first.page.locator("main").getByText("confirmed").waitFor();
	await second.page.locator("main").getByText("waiting", { exact: true }).waitFor();
	await second.page.locator("dd dd").getByText("1", { exact: true }).waitFor();
	await sends(first, "Give my place back");
	await form(first, "Book a place").waitFor();
	await second.page.reload();
	await second.page.locator("main").getByText("confirmed").waitFor();

	/* two windows of the shop: the second gets 412 with the first one's values, then edits that version */
	const other = await shop.context.newPage();

	await other.goto(shop.page.url());
	await sends(shop, "Change the event", { "Title (optional)": `${title}, later` });
	await shop.page.locator("main").getByText(`${title}, later`).first().waitFor();
	const late = { ...shop, page: other, fills: shop.fills, expects: shop.expects };

	shop.expects(412);
	await sends(late, "Change the event", { "Places (optional)": "3" });
	await other.getByText(`By now it is: ${title}, later.`).waitFor();
	await sends(late, "Change the event", { "Title (optional)": `${title}, later` });
	await other.locator("main").getByText(`${title}, later`).first().waitFor();
	assert.equal((await event_of(shop, `${title}, later`)).capacity, 3);
	await other.getByRole("button", { name: "Call the event off" }).click();
	await other.locator("main").getByText("called_off", { exact: true }).waitFor();
	assert.equal(await other.getByRole("button", { name: "Call the event off" }).count(), 0);
	await second.page.reload();
	await second.page.locator("main").getByText("called_off", { exact: true }).waitFor();
	assert.equal(await form(second, "Book a place").count(), 0);
}

/* The browser sends the form of an event as it was served, whatever the fraction of its start. */
export async function an_event_is_sent_back_as_served_without_script(people) {
	const shop = await seller(people, { javaScriptEnabled: false });

	for (const starts_at of ["2099-06-30T18:00:30.5Z", "2099-06-30T18:00:30Z", "2099-06-30T18:00:00+05:45"]) {
		const event = await asks(shop, "POST", `/shops/${shop.shop.shop_id}/events`, { title: fresh('"Half" & <b>'), starts_at, capacity: 1 });

		await shop.visits(`/api/events/${event.event_id}`);
		await sends(shop, "Change the event");
		await shop.page.locator('input[name="version"][value="2"]').waitFor({ state: "attached" });
		const after = await asks(shop, "GET", `/events/${event.event_id}`);

		assert.deepEqual([after.starts_at, after.title, after.version], [event.starts_at, event.title, 2]);
	}
}
