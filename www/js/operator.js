/* The operator's page: whether the program is well, and what it does just now, as plots of the figures for Prometheus. */

import { Problem } from "./api.js";
import { $, h } from "./dom.js";
import { on_submit } from "./form.js";
import "./frame.js";
import { growth, mean, per_second, quantile, read_metrics, total } from "./metrics.js";
import { plot } from "./plot.js";

const EVERY_MS = 2000;
const READINGS_MAX = 151; /* five minutes */
const OVER = 15; /* readings back, for what needs many requests: half a minute */

const of_checkout = ({ route }) => route === "checkout";
const answers = ({ route }) => !["metrics", "health"].includes(route);
const milliseconds = (y) => (y === Infinity ? "over 10 s" : `${Math.round(y).toLocaleString("en-US")} ms`);
const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" }); /* short: three stand below a small plot */
const round = (y) => y.toLocaleString("en-US", { maximumFractionDigits: 1 });

/* Each with the value of its newest point, from the reading before it, the one half a minute before, and the newest. */
const PLOTS = [
	["Requests a second", "Requests answered each second, without those of this page.", (before, _, now) => per_second(before, now, "requests_total", answers), round],
	["Sales a second", "Orders placed each second.", (before, _, now) => per_second(before, now, "sales_total"), round],
	["Answers in, p99", "The time in which 99 of 100 requests of the last half minute were answered.", (_, past, now) => quantile(past, now, "request_seconds", 0.99, answers) * 1000, milliseconds],
	["Checkouts in, p99", "The time in which 99 of 100 checkouts of the last half minute were answered.", (_, past, now) => quantile(past, now, "request_seconds", 0.99, of_checkout) * 1000, milliseconds],
	["Calls in a batch", "The mean number of calls that shared a commit in the last half minute.", (_, past, now) => mean(past, now, "batch_calls"), round],
	["Calls that wait", "Calls that wait for a batch, a row or a connection.", (_, __, now) => total(now, "db_waiting"), round],
	["Refused as busy", "Requests of each second that were answered 503.", (before, _, now) => per_second(before, now, "requests_total", ({ status }) => status === "503"), round],
	["Outbox", "Mails and calls to other servers that wait to be done.", (_, __, now) => total(now, "outbox_pending"), round],
];

/* What should be 0, or young: [label, words, whether it is well]. */
const FACTS = [
	["Programs", (now) => String(total(now, "processes")), (now) => total(now, "processes") > 0],
	["Audit", (now) => `${total(now, "audit_violations")} violations, ${total(now, "audit_age_seconds") < 0 ? "not checked yet" : `checked ${Math.round(total(now, "audit_age_seconds"))} s ago`}`,
		(now) => total(now, "audit_violations") === 0 && total(now, "audit_age_seconds") < 1200],
	["Faults of the database", (now, first) => `${growth(first, now, "db_faults_total")} since this page was opened`, (now, first) => growth(first, now, "db_faults_total") === 0],
	["Oldest in the outbox", (now) => `${Math.round(total(now, "outbox_age_seconds"))} s`, (now) => total(now, "outbox_age_seconds") < 600],
	["Given up", (now) => `${total(now, "outbox_flagged")} mails and calls, ${total(now, "payments_flagged")} payments`, (now) => total(now, "outbox_flagged") + total(now, "payments_flagged") === 0],
];

const readings = [];
const drawn = PLOTS.map(([title, about, value, y_text]) => ({ value, y_text, points: [], figure: plot({ title, about, x_text: (x) => clock.format(x), y_text }) }));
let token = "";

async function read(path) {
	const headers = token ? { Authorization: `Bearer ${token}` } : {};

	return fetch(path, { headers, credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(5000) });
}

function draw_plots() {
	const now = readings.at(-1);
	const before = readings.at(-2) || now, past = readings.at(-1 - OVER) || readings[0];

	if (before === now)
		return;
	for (const one of drawn) {
		const y = one.value(before, past, now);

		if (Number.isFinite(y))
			one.points.push({ x: now.at, y });
		one.points.splice(0, Math.max(0, one.points.length - READINGS_MAX));
		one.figure.update(one.points, one.points.length ? one.y_text(one.points.at(-1).y) : "");
	}
}

const draw_fact = ([name, words, is_well]) => {
	const well = is_well(readings.at(-1), readings[0]);

	return h("div", { class: well ? "well" : "unwell" }, h("dt", {}, name), h("dd", {}, well ? "" : "Look here: ", words(readings.at(-1), readings[0])));
};

function say_state(text, well) {
	if ($("#state").textContent === text)
		return;
	$("#state").className = well ? "done" : "problem";
	$("#state").textContent = text;
}

async function draw_health() {
	const [writing, reading] = await Promise.all(["/api/health", "/api/health?for=reading"].map((path) => read(path).then(({ ok }) => ok, () => false)));

	say_state(writing ? "Well: it sells." : reading ? "It cannot write just now: it shows shoes, and sells none." : "It does not answer.", writing);
}

function show_gate(shown) {
	$("#gate").hidden = !shown;
	$("#figures").hidden = shown;
}

/* Returns the status of the answer; 0: there was none. */
async function look() {
	const answer = await read("/api/metrics").catch(() => null);

	if (answer?.status === 403)
		show_gate(true);
	if (answer?.ok) {
		readings.push(read_metrics(await answer.text(), Date.now()));
		readings.splice(1, Math.max(0, readings.length - READINGS_MAX));
		show_gate(false);
		$("#facts").replaceChildren(...FACTS.map(draw_fact));
		draw_plots();
	}
	return answer?.status || 0;
}

/* One after the other, also when an answer takes longer than the time between two; none while the page is hidden. */
async function follow() {
	for (;;) {
		if (!document.hidden)
			await Promise.all([draw_health(), look()]);
		await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
	}
}

on_submit($("#gate form"), async (values) => {
	token = values.token;
	if (await look() === 403)
		throw new Problem(403, { errors: [{ field: "token", message: "That is not the token." }] });
});
$("#plots").replaceChildren(...drawn.map(({ figure }) => figure));
follow();
