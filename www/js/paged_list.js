/* Lists that are read a page at a time, each with a button for its next page, so to its end. */

import { get } from "./api.js";
import { $, failed, h, own } from "./dom.js";

/* The next row has the focus after the button that brought it: its link, or else its first control, or itself. */
function focus_row(row) {
	const control = $("a", row) || $("button, input", row);

	if (!control)
		row.tabIndex = -1;
	(control || row).focus();
}

/* The element behind a list for its button. */
function place_behind(node) {
	const more = node.nextElementSibling?.matches(".more") ? node.nextElementSibling : h("div", { class: "more" });

	node.after(more);
	return more;
}

/*
 * Behind `node`, a button that reads the page of the cursor, and hands it to append(page), which returns the new rows; then one for the page after
 * it. No button without a cursor.
 */
export function offer_more(node, cursor, read, append) {
	const more = place_behind(node);

	more.replaceChildren();
	if (!cursor)
		return;
	const button = h("button", { type: "button", class: "quiet" }, "Show more");

	button.addEventListener("click", async () => {
		button.disabled = true;
		try {
			const page = await read(cursor);
			const rows = append(page);

			offer_more(node, page.next, read, append);
			if (rows.length)
				focus_row(rows[0]);
		} catch (error) {
			if (error.name !== "AbortError")
				more.replaceChildren(failed(error, () => offer_more(node, cursor, read, append)));
		}
	});
	more.append(button);
}

const is_changed = (control) => (control.matches("select") ? [...control.options].some((option) => option.selected !== option.defaultSelected) : control.value !== control.defaultValue);

/* Whether somebody works in a row: it has the focus, an unsent text, or what a form of it has answered. */
const is_in_use = (row) => row.contains(document.activeElement) || $("[aria-busy], .done, .problem, .error", row) !== null || [...row.querySelectorAll("input, select, textarea")].some(is_changed);

/* Changes list into rows, which have ids. A row in use stays where it is, and only its part of the class "live" changes. */
function merge_rows(list, rows) {
	const ids = new Set(rows.map((row) => row.id));
	let next = null;

	for (const old of [...list.children])
		if (!ids.has(old.id) && !is_in_use(old))
			old.remove();
	next = list.firstElementChild;
	for (const row of rows) {
		const old = [...list.children].find((one) => one.id === row.id);

		if (!old) {
			list.insertBefore(row, next);
			continue;
		}
		next = old.nextElementSibling;
		if (is_in_use(old))
			$(".live", old)?.replaceChildren(...($(".live", row)?.childNodes ?? []));
		else if (old.outerHTML !== row.outerHTML)
			old.replaceWith(row);
	}
}

/*
 * Fills list with the items at path with query, each drawn by draw(item), and puts the button behind it, or behind the element `behind`. Without items,
 * `none` stands there. Resolves to the first page, or to null if it could not be read. Abort signal before the next call on the same list: a late
 * answer is then dropped. With `keep` a list that is filled again shows as many rows as before, at least, and those in use stay; a failure changes nothing.
 */
export async function fill_paged_list(list, path, query, options) {
	const { draw, none, signal, items = "listings", behind = list, keep = false } = options;
	const shown = keep ? list.children.length : 0;
	const read = (cursor) => {
		const all = new URLSearchParams(query);

		if (cursor) {
			all.set("cursor", cursor);
			all.delete("facets");
		}
		return get(`${path}?${all}`, { signal });
	};
	const rows_of = (page) => own(page, items).map((item) => draw(item));

	list.setAttribute("aria-busy", "true");
	try {
		const page = await read(null);

		/* A page with a filter may be empty, and yet not the last one. */
		while (page.next && own(page, items).length < Math.max(shown, 1)) {
			const more = await read(page.next);

			own(page, items).push(...own(more, items));
			page.next = more.next;
		}
		if (shown)
			merge_rows(list, rows_of(page));
		else
			list.replaceChildren(...rows_of(page));
		offer_more(behind, page.next, read, (next) => {
			const rows = rows_of(next);

			list.append(...rows);
			list.dispatchEvent(new CustomEvent("grown"));
			return rows;
		});
		if (!own(page, items).length && none)
			place_behind(behind).append(none);
		return page;
	} catch (error) {
		if (error.name === "AbortError")
			throw error;
		if (shown)
			return null;
		list.replaceChildren();
		place_behind(behind).replaceChildren(failed(error, () => fill_paged_list(list, path, query, options)));
		return null;
	} finally {
		if (!signal?.aborted)
			list.removeAttribute("aria-busy");
	}
}
