/* Slots and appointments. */
import assert from "node:assert/strict";
import { LATE, PLAIN, member, seller, sends, slot } from "./fixtures.mjs";

/* Tomorrow at a time in the person's zone, as the value of a datetime-local input. */
function tomorrow(person, clock) {
	return person.page.evaluate((text) => {
		const day = new Date(Date.now() + 86400000);

		return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}T${text}`;
	}, clock);
}

/* A shop offers slots in a row; one buyer books first and cancels, then the other books. */
export async function a_slot_has_one_taker(people) {
	const shop = await seller(people);
	const first = await member(people);
	const second = await member(people, LATE);
	const row = (person, n) => person.page.locator(".slot").nth(n);
	const place = `/slots.html?id=${shop.shop.shop_id}`;

	await first.visits(place);
	await first.sees("Nothing is offered yet");
	await first.visits("/appointments.html");
	await first.sees("You have no appointment");
	await shop.visits("/desk-events.html");
	await shop.sees("You offer no appointments");
	await shop.fills({ Station: "Fitting chair", "First starts at": await tomorrow(shop, "10:00"), "Minutes each": "30", "Slots in a row": "3" });
	await shop.presses("Offer");
	await shop.sees(/^3 slots offered, from /);
	await shop.sees("0 of 3 slots taken");
	await shop.fills({ Station: "fitting CHAIR", "First starts at": await tomorrow(shop, "11:00"), "Slots in a row": "2" });
	shop.expects(409);
	await shop.presses("Offer");
	await shop.sees(/^1 slot offered, from .* Left out, since the station has a slot at that time already: 11:00/);
	await shop.fills({ "Slots in a row": "1" });
	shop.expects(409);
	await shop.presses("Offer");
	await shop.sees("This station has this slot already.");

	await first.visits(`/shop.html?id=${shop.shop.shop_id}`);
	await first.follows("Book an appointment");
	await second.visits(place);
	await row(second, 0).getByRole("button").waitFor();
	await row(first, 0).getByRole("button", { name: /^Book 10:00/ }).click();
	await row(first, 0).getByText("Yours", { exact: true }).waitFor();
	await first.has_focus(row(first, 0).getByRole("button"));
	second.expects(409);
	await row(second, 0).getByRole("button", { name: /^Book/ }).click();
	await second.sees("Somebody was faster.");
	await row(second, 0).getByText("Taken", { exact: true }).waitFor();
	assert.equal(await row(second, 0).getByRole("button").count(), 0);
	await shop.page.reload();
	await shop.sees("1 of 4 slots taken");
	await row(shop, 0).getByText(first.name).waitFor();
	await row(shop, 1).getByRole("button", { name: /^Withdraw/ }).click();
	await shop.sees(/^Withdrawn: .*Fitting chair\.$/);
	await shop.sees("1 of 3 slots taken");
	await shop.has_focus(shop.page.locator("#slots-title"));

	await first.follows("My appointments");
	await row(first, 0).getByText("Fitting chair", { exact: true }).first().waitFor();
	await row(first, 0).getByRole("button", { name: /^Cancel/ }).click();
	await first.presses("Cancel the appointment", first.page.getByRole("dialog"));
	await first.sees("You have no appointment");
	await second.page.reload();
	await row(second, 0).getByRole("button", { name: /^Book/ }).click();
	await row(second, 0).getByText("Yours", { exact: true }).waitFor();
}

/* Times are in the browser's zone; a guest is led to sign in; a week without slots leads to the next one that has some. */
export async function slots_are_shown_in_ones_own_zone(people) {
	const shop = await seller(people);
	const far = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 0, 15, 12, 0));

	await slot(shop, 0, { starts_at: far.toISOString(), ends_at: new Date(far.getTime() + 1800000).toISOString() });
	for (const [timezoneId, from, to] of [["Asia/Kathmandu", "5:45 PM", "6:15 PM"], ["America/Los_Angeles", "4:00 AM", "4:30 AM"]]) {
		const guest = await people.guest({ timezoneId, locale: "en-US" });

		await guest.visits(`/slots.html?id=${shop.shop.shop_id}`);
		await guest.sees("Nothing in these seven days");
		await guest.presses("Go there");
		await guest.sees(from);
		await guest.sees(to);
		await guest.page.getByText(timezoneId.replace("_", " ").replace("Kathmandu", "K")).first().waitFor();
		await guest.presses("Later");
		await guest.sees("Nothing is offered yet");
		await guest.presses("Earlier");
		await guest.presses(/^Book/, guest.page.locator(".slot"));
		await guest.page.waitForURL(/signin\.html\?next=%2Fslots\.html/);
	}
}

/* A slot is offered, booked and cancelled. Plain pages show UTC. */
export async function a_slot_is_booked_without_script(people) {
	const shop = await seller(people, PLAIN);
	const buyer = await member(people, PLAIN);
	const other = await member(people, PLAIN);

	await shop.visits(`/api/shops/${shop.shop.shop_id}`);
	await shop.follows("Slots for fitting and authentication");
	await sends(shop, "Offer a slot", { Station: "Desk", "Starts at (UTC)": "2090-05-01T09:00", "Ends at (UTC)": "2090-05-01T09:30" });
	await shop.sees("2090-05-01 09:30 UTC");
	for (const person of [buyer, other])
		await person.visits(`/api/shops/${shop.shop.shop_id}/slots`);
	await sends(buyer, "Book");
	await buyer.page.waitForURL("**/api/appointments");
	await buyer.sees("2090-05-01 09:00 UTC");
	other.expects(409);
	await sends(other, "Book");
	await other.sees("Somebody else has this slot.");
	await shop.page.reload();
	await shop.sees(buyer.name);
	await sends(buyer, "Cancel");
	await buyer.sees("Nothing here yet.");
	await other.visits(`/api/shops/${shop.shop.shop_id}/slots`);
	await sends(other, "Book");
	await other.page.waitForURL("**/api/appointments");
	await sends(shop, "Offer a slot", { Station: "Desk", "Starts at (UTC)": "2090-05-01T10:00", "Ends at (UTC)": "2090-05-01T10:30" });
	await shop.sees("2090-05-01 10:30 UTC");
	await sends(shop, "Withdraw");
	await shop.page.getByText("2090-05-01 10:30 UTC").waitFor({ state: "detached" });
}
