/* The operator's page. */
import assert from "node:assert/strict";
import { admin, buys, listing, member, seller } from "./fixtures.mjs";

/* Figures are shown on the machine itself, and they move when something is sold; the page is linked from the admin's. */
export async function an_operator_sees_figures(people) {
	const chief = await admin(people);
	const pair = await listing(await seller(people), { quantity: 5 });
	const buyer = await member(people);

	await chief.visits("/admin.html");
	await chief.page.getByRole("link", { name: "How it runs" }).click();
	await chief.sees("Well: it sells.");
	const sales = chief.page.getByRole("figure", { name: "Sales a second" });

	await buys(buyer, pair.listing_id);
	await sales.getByText("As a table").click();
	await sales.locator("td").filter({ hasText: /^(0[.][1-9]|[1-9])/ }).first().waitFor();
	await chief.page.getByText("0 violations").waitFor();
	assert.deepEqual(await chief.inspects(), []);
}
