/* node walk.mjs URL [WORD]: takes every walk (whose name has WORD in it), a few at the same time, and says how they went. */
import { launch } from "./person.mjs";
import { crowd } from "./cast.mjs";
import * as script from "./with_script.mjs";
import * as plain from "./without_script.mjs";
import * as events from "./events.mjs";
import * as looks from "./looks.mjs";

const AT_ONCE = 3; /* they wait more than they work */

const wanted = (process.argv[3] || "").replaceAll("_", " ");
const walks = [looks, script, plain, events].flatMap((walk) => Object.entries(walk)).map(([name, walk]) => ({ title: name.replaceAll("_", " "), walk }))
	.filter(({ title }) => title.includes(wanted));
const browser = await launch();
let passed = 0;
let failed = 0;

async function take({ title, walk }) {
	const began = Date.now();
	const people = crowd(browser);
	const wrong = [];

	try {
		await walk(people);
	} catch (error) {
		wrong.push(error.stack || String(error));
	}
	wrong.push(...people.complaints());
	await people.leave();
	console.log(`${wrong.length ? "FAILED" : "ok"}  ${title} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
	wrong.forEach((what) => console.log("    " + what.split("\n").slice(0, 40).join("\n    ")));
	if (wrong.length)
		failed++;
	else
		passed++;
}

async function take_all() {
	for (let next = walks.shift(); next; next = walks.shift())
		await take(next);
}

await Promise.all(Array.from({ length: AT_ONCE }, take_all));
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
