/* A list of tiles with a button for its next page. */

import { get } from "./api.js";
import { $, failed, h, own } from "./dom.js";
import { tile as listing_tile } from "./shoe.js";

/*
 * Fills the <ul> list with tiles of the items at path with query, and adds the button behind it. Resolves to the first page, or to null
 * if it could not be read. Abort signal before the next call on the same list: a late answer is then dropped.
 */
export async function fill_paged_list(list, path, query, { none, signal, items = "listings", draw = listing_tile } = {}) {
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

		list.replaceChildren(...own(page, items).map((item) => draw(item)));
		more.replaceChildren(own(page, items).length ? "" : none || "");
		go_on(page.next);
		return page;
	} catch (error) {
		if (error.name === "AbortError")
			throw error;
		list.replaceChildren();
		more.replaceChildren(failed(error, () => fill_paged_list(list, path, query, { none, signal, items, draw })));
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
				const tiles = own(page, items).map((item) => draw(item));

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

