/*
 * A person at a browser. An error in the console, a script that fails, or a request to another origin fails the walk in which it
 * happens.
 */
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(path.join(process.env.SHOETOPIA_MODULES, "package.json"));
const { chromium } = require("playwright-core");
const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const TIMEOUT_MS = 20000; /* also on a busy machine */

export const url = process.argv[2];

let default_latency_ms = 0;

export function set_latency(ms) {
	default_latency_ms = ms;
}

/* Adds latency to each request of a page. Not by route(): that would turn the browser's cache off. */
async function add_latency(context, page, latency_ms) {
	const session = await context.newCDPSession(page);

	await session.send("Network.enable");
	await session.send("Network.emulateNetworkConditions", { offline: false, latency: latency_ms, downloadThroughput: -1, uploadThroughput: -1 });
}

/* Without requests of the browser's own; it resolves no name, so it reaches this machine alone. */
export const launch = () => chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"] });

export class Person {
	/*
	 * Options are those of a browser context (viewport, colorScheme, javaScriptEnabled), and latency_ms. With latency, the page does not
	 * have its content yet when its load event fires: a walk that does not wait for it fails in almost every run, not now and then.
	 */
	static async open(browser, { latency_ms = default_latency_ms, ...options } = {}) {
		const person = new Person();

		person.faults = [];
		person.expected = [];
		person.context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
		person.context.setDefaultTimeout(TIMEOUT_MS);
		person.context.on("request", (request) => {
			if (new URL(request.url()).origin !== new URL(url).origin)
				person.faults.push(`a request left the origin: ${request.url()}`);
		});
		person.context.on("console", (message) => person.note_console(message));
		person.context.on("weberror", (error) => person.faults.push(`a script failed: ${error.error().message}`));
		person.page = await person.context.newPage();
		if (latency_ms > 0)
			await add_latency(person.context, person.page, latency_ms);
		return person;
	}

	/* The browser also logs errors that a walk provokes: one of this status is no fault. */
	expects(status) {
		this.expected.push(status);
	}

	note_console(message) {
		if (!["error", "warning"].includes(message.type()))
			return;
		const at = this.expected.findIndex((status) => message.text().includes(`status of ${status} `));

		if (at >= 0)
			this.expected.splice(at, 1);
		else
			this.faults.push(`console: ${message.text()} (${message.location().url})`);
	}

	/* The faults since the last call. */
	take_faults() {
		return this.faults.splice(0);
	}

	async visits(place) {
		await this.page.goto(url + place);
	}

	/* Waits until a text is visible, anywhere or in a part of the page. */
	async sees(text, part = this.page) {
		await part.getByText(text).filter({ visible: true }).first().waitFor();
	}

	async fills(values, part = this.page) {
		for (const [label, value] of Object.entries(values)) {
			const control = part.getByLabel(label, { exact: true });

			if (await control.evaluate((node) => node.tagName === "SELECT"))
				await control.selectOption(value);
			else
				await control.fill(value);
		}
	}

	/* Waits until a control has the focus. */
	async has_focus(control) {
		await control.and(this.page.locator(":focus")).waitFor();
	}

	async presses(name, part = this.page) {
		await part.getByRole("button", { name }).click();
	}

	async follows(name, part = this.page) {
		await part.getByRole("link", { name }).first().click();
	}

	/* What axe-core finds, and whether the page is wider than the window. */
	async inspects() {
		await this.page.evaluate(AXE);
		const found = await this.page.evaluate(async () => {
			const { violations } = await window.axe.run(document, { preload: false, resultTypes: ["violations"] });
			const wider = document.documentElement.scrollWidth - window.innerWidth;

			return [...violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`),
				...(wider > 0 ? [`${wider} px wider than the window`] : [])];
		});

		return found.map((fault) => `${this.page.url()}: ${fault}`);
	}

	async close() {
		await this.context.close();
	}
}
