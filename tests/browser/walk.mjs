/* node walk.mjs URL [WORD]: runs every walk (whose name has WORD in it), one after the other, and says how they went. */
import { launch } from "./person.mjs";
import { crowd } from "./cast.mjs";
import * as script from "./with_script.mjs";
import * as plain from "./without_script.mjs";
import * as looks from "./looks.mjs";

const wanted = process.argv[3] || "";
const browser = await launch();
let passed = 0;
let failed = 0;

for (const walks of [script, plain, looks]) {
	for (const [name, walk] of Object.entries(walks)) {
		const title = name.replaceAll("_", " ");

		if (!title.includes(wanted))
			continue;
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
		wrong.forEach((what) => console.log("    " + what.split("\n").slice(0, 12).join("\n    ")));
		if (wrong.length)
			failed++;
		else
			passed++;
	}
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed || !passed ? 1 : 0);
