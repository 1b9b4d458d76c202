/* The owner's page: price, stock, promotion, sale. */
import { listing, seller } from "./fixtures.mjs";

export async function a_shop_is_run(people) {
	const shop = await seller(people);
	const pair = await listing(shop, { quantity: 2 });
	const row = shop.page.locator(`#listing-${pair.listing_id}`);

	await shop.visits("/myshop.html");
	await row.getByLabel("Price in $").fill("1,234.50");
	await row.getByRole("button", { name: /^Set/ }).click();
	await row.getByText("Now $1,234.50.").waitFor();
	await row.getByLabel("More or fewer").fill("-2");
	await row.getByRole("button", { name: /^Change/ }).click();
	await row.getByText("Sold out", { exact: true }).waitFor();
	shop.expects(409);
	await row.getByLabel("More or fewer").fill("-1");
	await row.getByRole("button", { name: /^Change/ }).click();
	await row.getByRole("alert").waitFor();
	await shop.presses("Apply");
	await shop.sees("You have applied.");
	await shop.fills({ Tier: "2" });
	await shop.presses("Promote my shop");
	await shop.sees("You are promoted at tier 2.");

	await shop.fills({ "Discounted pairs": "5", "Percent off": "10" });
	await shop.presses("Start the sale");
	await shop.sees("5 of 5 left");
	await shop.page.reload();
	await shop.sees("5 of 5 left");
	await shop.presses("End it now");
	await shop.page.getByRole("dialog").waitFor();
	await shop.page.keyboard.press("Escape");
	await shop.has_focus(shop.page.getByRole("button", { name: "End it now" }));
	await shop.presses("End it now");
	await shop.presses("End the sale", shop.page.getByRole("dialog"));
	await shop.page.getByRole("button", { name: "Start the sale" }).waitFor();

	await row.getByRole("button", { name: /^Withdraw/ }).click();
	await shop.presses("Withdraw it", shop.page.getByRole("dialog"));
	await row.waitFor({ state: "detached" });
}
