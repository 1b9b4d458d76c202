/*
 * A person at a browser. Whatever people do here is watched: an error in the console, a script that fails, or a request
 * that leaves our origin fails the test in which it happens.
 */
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(path.join(process.env.SHOETOPIA_MODULES, "package.json"));
const { chromium } = require("playwright-core");
const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const PATIENCE = 20000; /* for a machine that has much to do */

export const url = process.argv[2];

/* The browser itself stays quiet, and could reach nobody but this machine. */
export const launch = () => chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"] });

export class Person {
	/* Options are those of a browser context: viewport, colorScheme, javaScriptEnabled. */
	static async arrives(browser, options = {}) {
		const person = new Person();

		person.faults = [];
		person.awaited = [];
		person.context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
		person.context.setDefaultTimeout(PATIENCE);
		person.context.on("request", (request) => {
			if (new URL(request.url()).origin !== new URL(url).origin)
				person.faults.push(`a request left the origin: ${request.url()}`);
		});
		person.context.on("console", (message) => person.hear(message));
		person.context.on("weberror", (error) => person.faults.push(`a script failed: ${error.error().message}`));
		person.page = await person.context.newPage();
		return person;
	}

	/* An error that the API gives on purpose stands in the console too: the test that provokes it says so first. */
	awaits(status) {
		this.awaited.push(status);
	}

	hear(message) {
		if (!["error", "warning"].includes(message.type()))
			return;
		const at = this.awaited.findIndex((status) => message.text().includes(`status of ${status} `));

		if (at >= 0)
			this.awaited.splice(at, 1);
		else
			this.faults.push(`console: ${message.text()} (${message.location().url})`);
	}

	/* What went wrong since it was asked last. */
	complaints() {
		return this.faults.splice(0);
	}

	async visits(place) {
		await this.page.goto(url + place);
	}

	/* Waits for a text that is shown, anywhere or in a part of the page. */
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

	async leaves() {
		await this.context.close();
	}
}
