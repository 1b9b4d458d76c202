/*
 * A person at a browser. An error in the console, a script that fails, or a request to another origin (but the payment sandbox, if there is one)
 * fails the walk in which it happens.
 */
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { unreadable_controls, unreadable_texts } from "./contrast.mjs";

const require = createRequire(path.join(process.env.SHOETOPIA_MODULES, "package.json"));
const { chromium } = require("playwright-core");
const { HtmlValidate, StaticConfigLoader } = require("html-validate");
const validator = new HtmlValidate(new StaticConfigLoader({ root: true, extends: ["html-validate:standard"] }));
const validated = new Set(); /* the pages that were, without the ids in them: each takes a while */
const AXE = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const TIMEOUT_MS = 20000; /* also on a busy machine */
/* Of a module that is loaded ahead, when one leaves the page meanwhile. A module that cannot be loaded is also a script that fails. */
const BROKEN_OFF = "Failed to fetch";

export const url = process.argv[2];

let default_latency_ms = 0;

export function set_latency(ms) {
	default_latency_ms = ms;
}

/*
 * What axe-core may leave undecided of the contrast of a text, each with the reason why its computed style decides instead. Everything else that it
 * leaves undecided is a fault: so backgrounds of texts are colours, not images, and nothing covers a text.
 */
const COMPUTED = {
	nonBmp: "stars and ticks are no text for axe-core",
	shortTextContent: "one digit may be no text for axe-core",
	elmPartiallyObscured: "its box is cut off by a table that is scrolled sideways",
	elmPartiallyObscuring: "the same",
	null: "it is scrolled out of view in such a table",
};

/* Runs in the page. */
async function run_axe() {
	const { violations, incomplete } = await window.axe.run(document, { preload: false, resultTypes: ["violations", "incomplete"] });

	return {
		faults: violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" | ")}`),
		undecided: incomplete.flatMap(({ id, nodes }) => nodes.map((node) => ({ rule: id, reason: String(node.any[0]?.data?.messageKey ?? null), target: node.target[0], html: node.html.slice(0, 200) }))),
	};
}

/* Adds latency to each request of a page. Not by route(): that would turn the browser's cache off. */
async function add_latency(context, page, latency_ms) {
	const session = await context.newCDPSession(page);

	await session.send("Network.enable");
	await session.send("Network.emulateNetworkConditions", { offline: false, latency: latency_ms, downloadThroughput: -1, uploadThroughput: -1 });
}

/*
 * Without requests of the browser's own; it resolves no name, so it reaches this machine alone. With keeps_pages it keeps the pages that
 * one leaves, to show them again by Back as they were, as browsers do that no test drives.
 */
export const launch = ({ keeps_pages = false } = {}) => chromium.launch({ executablePath: "/usr/bin/chromium", ignoreDefaultArgs: keeps_pages ? ["--disable-back-forward-cache"] : [], args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"] });

/* What is invalid in a document. */
export async function invalid_html(text, place) {
	const { results } = await validator.validateString(text);

	return results.flatMap(({ messages }) => messages.map(({ ruleId, message, line, column }) => `${place}: invalid HTML at ${line}:${column}: ${message} (${ruleId})`));
}

export class Person {
	/*
	 * Options are those of a browser context (viewport, colorScheme, javaScriptEnabled), and latency_ms. With latency, the page does not
	 * have its content yet when its load event fires: a walk that does not wait for it fails in almost every run, not now and then.
	 */
	static async open(browser, { latency_ms = default_latency_ms, ...options } = {}) {
		const person = new Person();

		person.scheme = options.colorScheme || "light";
		person.faults = [];
		person.expected = [];
		person.context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", ...options });
		person.context.setDefaultTimeout(TIMEOUT_MS);
		person.context.on("request", (request) => {
			if (![url, process.env.SHOETOPIA_SANDBOX].some((place) => place && new URL(request.url()).origin === new URL(place).origin))
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
		if (!["error", "warning"].includes(message.type()) || message.text() === BROKEN_OFF)
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

	/* Changes the window's size and colours, as a context's options have them. */
	async looks_in({ viewport, colorScheme }) {
		this.scheme = colorScheme;
		await this.page.emulateMedia({ colorScheme });
		await this.page.setViewportSize(viewport);
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

	/* Opens the account's menu in the header, and returns it. */
	async opens_menu() {
		await this.page.locator("#nav-account").click();
		return this.page.locator("#nav-menu");
	}

	/* Waits until the header is that of somebody signed in. */
	async is_signed_in() {
		await this.page.locator("#nav-sign-in").waitFor({ state: "hidden" });
	}

	async presses(name, part = this.page) {
		await part.getByRole("button", { name }).click();
	}

	async follows(name, part = this.page) {
		await part.getByRole("link", { name }).first().click();
	}

	/* What is invalid in the page as it was served, and in what scripts made of it; once for each page. */
	async validates() {
		const place = this.page.url();
		const name = place.replace(/=[^&]*/g, "").replace(/\/\d+/g, "/N");

		if (validated.has(name))
			return [];
		validated.add(name);
		const answer = await this.context.request.get(place, { headers: { Accept: "text/html" } });

		return [...await invalid_html(await answer.text(), place), ...await invalid_html(await this.page.content(), `${place}, by its scripts`)];
	}

	/* What axe-core finds or cannot decide, what is hard to read in controls, what is invalid, and whether the page is wider than the window. */
	async inspects() {
		const invalid = await this.validates();

		await this.page.evaluate(AXE);
		const { faults, undecided } = await this.page.evaluate(run_axe);
		const leaked = await this.page.evaluate(() => document.body.innerText.match(/\[object \w+\]|\bundefined\b|\bNaN\b/g) ?? []);
		const wider = await this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

		for (const { rule, reason, target, html } of undecided) {
			if (!(rule === "color-contrast" && Object.hasOwn(COMPUTED, reason)))
				faults.push(`${rule} is undecided (${reason}): ${html}`);
			else
				faults.push(...await unreadable_texts(this.page, [target]));
		}
		for (const colorScheme of ["light", "dark"]) {
			await this.page.emulateMedia({ colorScheme });
			faults.push(...(await unreadable_controls(this.page)).map((what) => `${colorScheme}: ${what}`));
		}
		await this.page.emulateMedia({ colorScheme: this.scheme });
		faults.push(...leaked.map((word) => `shows ${word}`));
		faults.push(...(wider > 0 ? [`${wider} px wider than the window`] : []));
		return [...invalid, ...faults.map((fault) => `${this.page.url()}: ${fault}`)];
	}

	async close() {
		await this.context.close();
	}
}
