/* All photos of a shoe: a gallery that is swiped, with the keyboard too, and shown large. */

import { h } from "./dom.js";
import { name_of, picture } from "./photo.js";

/* The large picture, above the page. Arrow keys go on; Escape closes it, as of every dialog. */
function show_large(shoe, photos, nth) {
	const place = h("div", { class: "large", "aria-live": "polite" });
	const close = h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Close");
	const step = (by) => h("button", { type: "button", class: "quiet", "aria-label": by < 0 ? "Photo before" : "Next photo", onclick: () => show(nth + by) }, by < 0 ? "‹" : "›");
	const dialog = h("dialog", { class: "lightbox", "aria-label": name_of(shoe, 1, 1), onclose: () => dialog.remove(), onclick: (event) => event.target === dialog && dialog.close() },
		place, h("p", { class: "row" }, photos.length > 1 ? [step(-1), step(1)] : null, close));

	function show(n) {
		nth = (n + photos.length) % photos.length;
		place.replaceChildren(picture(photos.at(nth), name_of(shoe, nth + 1, photos.length), { size: "zoom", eager: true }));
	}
	dialog.addEventListener("keydown", (event) => {
		if (event.key === "ArrowLeft" || event.key === "ArrowRight")
			show(nth + (event.key === "ArrowLeft" ? -1 : 1));
	});
	show(nth);
	document.body.append(dialog);
	dialog.showModal();
	close.focus();
}

/* All photos of a listing: a strip that snaps to each, and small ones below that lead there. */
export function gallery(shoe) {
	const { photos } = shoe;
	const slides = photos.map((photo, n) => h("li", {}, h("button", { type: "button", class: "slide", "aria-label": `Show large: ${name_of(shoe, n + 1, photos.length)}`, onclick: () => show_large(shoe, photos, n) },
		picture(photo, "", { size: "page", eager: n === 0 }))));
	const strip = h("ul", { class: "slides" }, slides);
	const thumb = (photo, n) => h("li", {}, h("button", { type: "button", "aria-label": `Photo ${n + 1} of ${photos.length}`, onclick: () =>
		strip.scrollTo({ left: slides.at(n).offsetLeft - strip.offsetLeft, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" }) }, picture(photo, "", { eager: true })));

	return h("section", { class: "gallery", "aria-label": "Photos" }, strip, photos.length > 1 ? h("ul", { class: "thumbs" }, photos.map(thumb)) : null);
}
