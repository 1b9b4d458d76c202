/* A list of tiles that goes on by cursor. */

import { get } from "./api.js";
import { $, failed, h } from "./dom.js";
import { tile as listing_tile } from "./shoe.js";

/*
 * Fills the <ul> list from path with query, and adds a button for more behind it: tiles of listings, or of other items. Answers the first page.
 * Superseded by the next call on the same list: an answer that comes too late is dropped.
 */
export async function fill_shelf(list, path, query, { none, signal, items = "listings", draw = listing_tile } = {}) {
	const more = list.nextElementSibling?.matches(".more") ? list.nextElementSibling : h("p", { class: "more" });
	const query_for = (cursor) => {
		const all = new URLSearchParams(query);

		if (cursor) {
			all.set("cursor", cursor);
			all.delete("facets");
		}
		return `${path}?${all}`;
	};

	list.after(more);
	list.setAttribute("aria-busy", "true");
	try {
		const page = await get(query_for(null), { signal });

		list.replaceChildren(...page[items].map((item) => draw(item)));
		more.replaceChildren(page[items].length ? "" : none || "");
		go_on(page.next);
		return page;
	} catch (error) {
		if (error.name === "AbortError")
			throw error;
		list.replaceChildren();
		more.replaceChildren(failed(error, () => fill_shelf(list, path, query, { none, signal, items, draw })));
		return null;
	} finally {
		if (!signal?.aborted)
			list.removeAttribute("aria-busy");
	}

	function go_on(cursor) {
		if (!cursor)
			return;
		const button = h("button", { type: "button", class: "quiet" }, "Show more");

		button.addEventListener("click", async () => {
			button.disabled = true;
			try {
				const page = await get(query_for(cursor), { signal });
				const tiles = page[items].map((item) => draw(item));

				list.append(...tiles);
				more.replaceChildren();
				go_on(page.next);
				list.dispatchEvent(new CustomEvent("grown"));
				$("a", tiles[0] || list)?.focus();
			} catch (error) {
				if (error.name !== "AbortError")
					more.replaceChildren(failed(error, () => { more.replaceChildren(); go_on(cursor); }));
			}
		});
		more.append(button);
	}
}

