/*
 * node screenshots.mjs URL FOLDER: takes the pictures of the README from a marketplace with demo data, whose accounts have $SHOETOPIA_DEMO_PASSWORD: wide and
 * light, wide and dark, and as on a phone. tests/browser/run --screenshots runs it. Each file of FOLDER is named after its page and its kind, front-light.jpg.
 */
import path from "node:path";
import { launch } from "./person.mjs";

const [url, folder] = process.argv.slice(2);
const KINDS = {
	light: { viewport: { width: 1280, height: 800 }, colorScheme: "light" },
	dark: { viewport: { width: 1280, height: 800 }, colorScheme: "dark" },
	phone: { viewport: { width: 390, height: 780 }, colorScheme: "light", deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};
/* Page, its address, who looks at it, and the kinds of its pictures. */
const PAGES = [
	["front", "/", "buyer@example.com", ["light", "dark", "phone"]],
	["shoe", async (page) => `/shoes/${(await (await page.request.get(`${url}/api/listings?limit=1`)).json()).listings[0].shoe_id}`, "buyer@example.com", ["light", "phone"]],
	["desk", "/desk.html", "seller@example.com", ["light", "phone"]],
	["sale", "/desk-sale.html", "seller@example.com", ["dark"]],
];

async function take(browser, [name, address, email, kinds]) {
	for (const kind of kinds) {
		const context = await browser.newContext({ ...KINDS[kind], reducedMotion: "reduce" });
		const page = await context.newPage();
		const signed_in = await page.request.post(`${url}/api/sessions`, { data: { email, password: process.env.SHOETOPIA_DEMO_PASSWORD } });

		if (!signed_in.ok())
			throw new Error(`${email} cannot sign in: ${signed_in.status()}`);
		await page.goto(url + (typeof address === "string" ? address : await address(page)), { waitUntil: "networkidle" });
		await page.screenshot({ path: path.join(folder, `${name}-${kind}.jpg`), type: "jpeg", quality: 80 });
		console.log(`${name}-${kind}.jpg`);
		await context.close();
	}
}

const browser = await launch();

for (const entry of PAGES)
	await take(browser, entry);
await browser.close();
