/* Photos of a shoe as pictures. gallery.js shows all of them. */

import { h } from "./dom.js";

const NEAR = 6; /* photos that are loaded at once; those further down when they are near */
let drawn = 0;

/* The JPEG, or another size, of a photo's address. */
const other = (url, name) => url.replace(/[a-z]+\.webp$/, name);

/* What the nth photo of so many shows, in words. */
export const name_of = ({ brand, style, color }, nth, all) => `${brand} ${style}, ${color}${all > 1 ? `, photo ${nth} of ${all}` : ""}`;

/* WebP, or JPEG where a browser knows no WebP. Width and height are those of the picture's shape, so that nothing moves when it comes. */
export function picture(photo, alt, { size = "list", eager = drawn < NEAR } = {}) {
	drawn++;
	return h("picture", {},
		h("source", { type: "image/webp", srcset: other(photo.url, `${size}.webp`) }),
		h("img", { src: other(photo.url, `${size}.jpg`), alt, width: String(photo.width), height: String(photo.height), decoding: "async", loading: eager ? null : "lazy" }));
}

/* The photo by which a list shows a listing or a shoe; undefined: it has none. */
export const first_photo = (shoe) => shoe.photos?.[0] || shoe.photo || undefined;

export const photo_of = (shoe, photo) => picture(photo, name_of(shoe, 1, 1));
