/*
 * node walk.mjs URL [--latency MS] [--repeat N] [--long] [WORD]: runs every walk whose name contains WORD, a few at the same time. Where there is a
 * payment sandbox ($SHOETOPIA_SANDBOX), those with payments, else the others.
 *
 * --latency adds MS to each request of every page (see person.mjs); --repeat runs each walk N times; --long runs all of them once more
 * with a latency of 300 ms.
 */
import fs from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { launch, set_latency } from "./person.mjs";
import { persons } from "./fixtures.mjs";

const TOOLS = ["contrast.mjs", "fixtures.mjs", "person.mjs", "screenshots.mjs", "tasks.mjs", "walk.mjs"];
const FIRST = "pages.mjs"; /* its walks take longest */
const PAYING = "payment.mjs";
const AT_ONCE = 3; /* walks wait more than they compute */

const { values: options, positionals } = parseArgs({ args: process.argv.slice(3), allowPositionals: true,
	options: { latency: { type: "string", default: "0" }, repeat: { type: "string", default: "1" }, long: { type: "boolean", default: false } } });
const wanted = (positionals[0] || "").replaceAll("_", " ");
const files = fs.readdirSync(fileURLToPath(new URL(".", import.meta.url))).filter((name) => name.endsWith(".mjs") && !TOOLS.includes(name) && (name === PAYING) === Boolean(process.env.SHOETOPIA_SANDBOX)).sort((one, other) => (other === FIRST) - (one === FIRST));
const modules = await Promise.all(files.map((name) => import(`./${name}`)));
const chosen = modules.flatMap((walks) => Object.entries(walks)).map(([name, walk]) => ({ title: name.replaceAll("_", " "), walk }))
	.filter(({ title }) => title.includes(wanted));
const latencies = options.long ? [Number(options.latency), 300] : [Number(options.latency)];
const browser = await launch();
let passed = 0;
let failed = 0;

async function run_walk({ title, walk }) {
	const began = Date.now();
	const people = persons(browser);
	const wrong = [];

	try {
		await walk(people);
	} catch (error) {
		wrong.push(error.stack || String(error));
	}
	wrong.push(...people.faults());
	await people.close();
	console.log(`${wrong.length ? "FAILED" : "ok"}  ${title} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
	wrong.forEach((what) => console.log("    " + what.split("\n").slice(0, 40).join("\n    ")));
	if (wrong.length)
		failed++;
	else
		passed++;
}

async function run_walks(queue) {
	for (let next = queue.shift(); next; next = queue.shift())
		await run_walk(next);
}

for (const latency of latencies) {
	const queue = Array.from({ length: Number(options.repeat) }, () => chosen).flat();

	set_latency(latency);
	await Promise.all(Array.from({ length: AT_ONCE }, () => run_walks(queue)));
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
