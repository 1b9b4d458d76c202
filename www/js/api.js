/*
 * Client of the API: JSON requests and answers; an error is thrown as a Problem (RFC 9457).
 * Reads are retried while the server is busy or unreachable. A write is retried only with its idempotency key, so that it happens once.
 * An answer that the session is over also dispatches the event "session-over".
 */

export class Problem extends Error {
	constructor(status, body = {}, retryAfter = 0) {
		super(body.detail || body.title || "Something went wrong. Please try again.");
		this.status = status;
		this.code = body.code || "";
		this.errors = Array.isArray(body.errors) ? body.errors : [];
		this.body = body;
		this.retryAfter = retryAfter;
	}

	/* Whether the write is known not to have happened. Without an answer, or after a 5xx, its outcome is unknown. */
	get settled() {
		return this.status >= 400 && this.status < 500 && this.status !== 429;
	}
}

const unreachable = () => new Problem(0, { detail: "Shoetopia did not answer. Check your connection and try again." });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let clock_offset = 0; /* ms to add to this machine's clock to get the server's */

/* The server's time in ms since the epoch, accurate to about a second. */
export const server_time = () => Date.now() + clock_offset;

function set_clock(headers) {
	const offset = Date.parse(headers.get("Date")) + 500 - Date.now(); /* Date has a resolution of one second: take its middle */

	if (!Number.isNaN(offset))
		clock_offset = Math.abs(offset) < 2000 ? 0 : offset;
}

let tell;

/* Whether the first answer that is public for guests came with a session: such an answer is no-store. */
export const first_answer_has_session = new Promise((resolve) => { tell = resolve; });

async function send_once(method, path, { body, file, key, version, signal } = {}) {
	const headers = { Accept: "application/json" };
	let answer;

	if (body !== undefined)
		headers["Content-Type"] = "application/json";
	if (file)
		headers["Content-Type"] = file.type;
	if (key)
		headers["Idempotency-Key"] = key;
	if (version)
		headers["If-Match"] = `"${version}"`;
	try {
		answer = await fetch("/api" + path, { method, headers, signal, credentials: "same-origin",
			body: file || (body === undefined ? undefined : JSON.stringify(body)) });
	} catch (error) {
		throw error.name === "AbortError" ? error : unreachable();
	}
	set_clock(answer.headers);
	if (answer.ok && method === "GET" && /^\/(listings|sales|events)\?/.test(path))
		tell(answer.headers.get("Cache-Control")?.includes("no-store"));
	const text = method === "HEAD" ? "" : await answer.text().catch(() => { throw unreachable(); });
	let json = null;

	try {
		json = text ? JSON.parse(text) : null;
	} catch {
		throw new Problem(answer.ok ? 0 : answer.status);
	}
	if (json?.code === "unauthenticated")
		dispatchEvent(new Event("session-over"));
	if (!answer.ok)
		throw new Problem(answer.status, json || {}, Number(answer.headers.get("Retry-After")) || 0);
	return { json, headers: answer.headers };
}

async function send(method, path, options = {}) {
	for (let tries = 1; ; tries++) {
		try {
			return await send_once(method, path, options);
		} catch (error) {
			const again = method === "GET" || method === "HEAD" || options.key;

			if (!(error instanceof Problem) || error.settled || !again || tries === 4)
				throw error;
			await pause(Math.min(error.retryAfter * 1000 || 250 * 2 ** tries, 5000));
		}
	}
}

const early = new Map(); /* reads that were sent before somebody asks: path, promise */

/* Sends a read whose answer the next get() of the same path takes. */
export function ask_early(path) {
	const answer = send("GET", path);

	answer.catch(() => {}); /* get() reports it */
	early.set(path, answer);
}

export async function get(path, options) {
	const answer = early.get(path) || send("GET", path, options);

	early.delete(path);
	return (await answer).json;
}

export const head = async (path) => (await send("HEAD", path)).headers;

/* An idempotency key of 32 hex digits. crypto.randomUUID is not available over plain HTTP. */
export function new_key() {
	return Array.from(crypto.getRandomValues(new Uint8Array(16)), (n) => n.toString(16).padStart(2, "0")).join("");
}

/* Writes that the server knows no keys for: who signs in or up has no account yet, and signing out can be repeated without harm. */
const is_keyless = (path) => /^\/(accounts|sessions)(\/|$)/.test(path);

/* Each write has a key of its own, unless options name one: so it is retried after a lost answer, and still happens once. */
export const write = async (method, path, body, options = {}) =>
	(await send(method, path, { key: is_keyless(path) ? undefined : new_key(), ...options, body })).json;

/* Sends a file as it is. */
export const send_file = async (path, file) => (await send("POST", path, { file, key: new_key() })).json;

const ATTEMPT = "shoetopia.attempt.";

/* Whether this key of sessionStorage is that of an open attempt. */
export const is_attempt = (slot) => slot.startsWith(ATTEMPT);

/*
 * One attempt at a POST. Its key is kept in sessionStorage, so across reloads, until the outcome is known: a second click, or a retry
 * after a lost answer, gets the answer of the first request. Another body is another attempt, with another key.
 */
export class Attempt {
	constructor(name) {
		this.slot = ATTEMPT + name;
	}

	/* The request whose outcome is still unknown ({ path, body, key }), or null. */
	get open() {
		try {
			return JSON.parse(sessionStorage.getItem(this.slot));
		} catch {
			return null;
		}
	}

	async post(path, body) {
		const before = this.open;
		const same = before && before.path === path && JSON.stringify(before.body) === JSON.stringify(body);
		const key = same ? before.key : new_key();

		sessionStorage.setItem(this.slot, JSON.stringify({ path, body, key }));
		try {
			const answer = await write("POST", path, body, { key });

			this.forget();
			return answer;
		} catch (error) {
			if (error.settled)
				this.forget();
			throw error;
		}
	}

	forget() {
		sessionStorage.removeItem(this.slot);
	}
}
