/* Polls a resource: not while the tab is hidden, more slowly while the server is busy, no more once it is gone. */

import { get } from "./api.js";

const SLOWEST = 60000;

/*
 * Calls seen(thing) at each change of path, and seen(null) when it is answered 404. pace(thing) is the number of ms until the next
 * request; 0: it is final, stop. Returns a function that stops it.
 */
export function watch(path, seen, pace) {
	let timer = 0, wait = 2000, stopped = false, asking = false, last = "";

	async function poll() {
		if (stopped || asking || document.hidden)
			return;
		asking = true;
		try {
			const thing = await get(path);
			const now = JSON.stringify(thing);

			wait = pace(thing);
			if (now !== last && !stopped)
				seen(thing);
			last = now;
		} catch (error) {
			if (error.status === 404)
				finish();
			wait = Math.min(wait * 2, SLOWEST);
		}
		asking = false;
		if (wait === 0)
			stop();
		if (!stopped && !document.hidden)
			timer = setTimeout(poll, wait);
	}

	function finish() {
		if (stopped)
			return;
		stop();
		seen(null);
	}

	function stop() {
		stopped = true;
		clearTimeout(timer);
		document.removeEventListener("visibilitychange", on_visibility);
	}

	function on_visibility() {
		clearTimeout(timer);
		poll();
	}

	document.addEventListener("visibilitychange", on_visibility);
	poll();
	return stop;
}
