/* A seller's photos of one listing: added by a click, the camera or by drag, put into order, deleted. */

import { send_file, write } from "./api.js";
import { h, plural, say } from "./dom.js";
import { picture } from "./photo.js";

const MOST = 8;
const BYTES_MAX = 8388608;
const TYPES = ["image/jpeg", "image/png", "image/webp"];

/* What is wrong with a file, as far as the page can say; else null. */
function fault_of(file) {
	if (!TYPES.includes(file.type))
		return `${file.name}: send a JPEG, PNG or WebP.`;
	return file.size > BYTES_MAX ? `${file.name}: a photo may have up to 8 MB.` : null;
}

/* `changed` is called with the listing after each change. */
export function photo_editor(listing, changed = () => {}) {
	const path = `/shops/${listing.shop_id}/listings/${listing.listing_id}/photos`;
	const list = h("ol", { class: "photos" });
	const state = h("p", { class: "hint", role: "status" });
	const input = h("input", { type: "file", accept: TYPES.join(","), multiple: true, id: `photos-${listing.listing_id}`, onchange: () => add([...input.files]) });
	const zone = h("div", { class: "drop" }, h("label", { for: input.id }, "Add photos"), input,
		h("p", { class: "hint" }, "Or drag them here. JPEG, PNG or WebP, up to 8 MB each; the first one is shown in lists."));
	const box = h("section", { class: "photo-editor", "aria-label": "Your photos" }, h("h2", {}, "Photos"), list, zone, state);
	let photos = listing.photos;
	let dragged = null;

	function show(now) {
		photos = now.photos;
		draw();
		changed(now);
	}

	async function run(what) {
		box.setAttribute("aria-busy", "true");
		try {
			await what();
		} catch (error) {
			say(error.errors?.[0]?.message || error.message, { bad: true });
		}
		box.removeAttribute("aria-busy");
	}

	/* One that is refused does not keep back the others. */
	const add = (files) => run(async () => {
		const faults = [];

		for (const [n, file] of files.entries()) {
			const fault = fault_of(file);

			state.textContent = `Sending photo ${n + 1} of ${files.length}`;
			try {
				if (!fault)
					show(await send_file(path, file));
			} catch (error) {
				faults.push(`${file.name}: ${error.errors?.[0]?.message || error.message}`);
			}
			if (fault)
				faults.push(fault);
		}
		state.className = faults.length ? "problem" : "hint";
		state.textContent = [`${plural(photos.length, "photo")}.`, ...faults].join(" ");
		input.value = "";
	});

	const order = (ids, said) => run(async () => {
		show(await write("PUT", path, { photo_ids: ids }));
		say(said);
	});

	function move(from, to) {
		const ids = photos.map((photo) => photo.photo_id);

		ids.splice(to, 0, ...ids.splice(from, 1));
		return order(ids, `Now photo ${to + 1} of ${ids.length}.`).then(() => list.children.item(to)?.querySelector("button:not([disabled])")?.focus());
	}

	const remove = (photo) => run(async () => {
		await write("DELETE", `${path}/${photo.photo_id}`);
		show({ ...listing, photos: photos.filter((one) => one !== photo) });
		say("The photo is deleted.");
		input.focus();
	});

	const button = (text, label, onclick, disabled) => h("button", { type: "button", class: "quiet", "aria-label": label, disabled, onclick }, text);

	function item(photo, n) {
		const nth = `photo ${n + 1}`;

		return h("li", { draggable: "true", ondragstart: () => { dragged = n; }, ondragend: () => { dragged = null; },
			ondragover: (event) => dragged !== null && event.preventDefault(),
			ondrop: (event) => {
				if (dragged === null)
					return;
				event.preventDefault();
				event.stopPropagation();
				if (dragged !== n)
					move(dragged, n);
			} },
		picture(photo, `Photo ${n + 1} of ${photos.length}`, { eager: true }),
		h("div", { class: "row" }, button("←", `Move ${nth} forward`, () => move(n, n - 1), n === 0), button("→", `Move ${nth} back`, () => move(n, n + 1), n === photos.length - 1),
			button("Delete", `Delete ${nth}`, () => remove(photo))));
	}

	function draw() {
		list.replaceChildren(...photos.map(item));
		zone.hidden = photos.length >= MOST;
	}

	zone.addEventListener("dragover", (event) => {
		event.preventDefault();
		zone.classList.add("over");
	});
	zone.addEventListener("dragleave", () => zone.classList.remove("over"));
	zone.addEventListener("drop", (event) => {
		event.preventDefault();
		zone.classList.remove("over");
		add([...event.dataTransfer.files]);
	});
	draw();
	return box;
}
