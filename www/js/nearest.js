/* The listings nearest to one that is sold out: the same shoe in its size, then in other sizes, then its brand in its size. */

import { get } from "./api.js";
import { h, phrase } from "./dom.js";
import { tile } from "./shoe.js";

const SHOWN = 6;

const row = (title, listings) => (listings.length ? [h("h3", {}, title), h("ul", { class: "tiles" }, listings.slice(0, SHOWN).map(tile))] : []);

export async function nearest(pair) {
	const brand = new URLSearchParams({ brand: pair.brand, size: pair.size, sort: "price", limit: "20" });
	const [{ listings: same_size }, shoe, { listings: same_brand }] = await Promise.all([
		get(`/listings?shoe_id=${pair.shoe_id}&size=${pair.size}&sort=price&limit=${SHOWN}`), get(`/shoes/${pair.shoe_id}`), get(`/listings?${brand}`)]);
	const away = (offer) => Math.abs(offer.size - pair.size);
	const other_sizes = shoe.offers.filter((offer) => offer.size !== pair.size).sort((one, other) => away(one) - away(other) || one.size - other.size);
	const others = same_brand.filter((offer) => offer.shoe_id !== pair.shoe_id);
	const found = [...row(`The same shoe in US ${pair.size}, from another shop`, same_size), ...row("The same shoe in other sizes", other_sizes),
		...row(phrase`${pair.brand} in US ${pair.size}`, others)];
	const like_it = new URLSearchParams({ size: pair.size, audience: pair.audience });

	return [h("h2", {}, "The nearest we have"), ...(found.length ? found : [h("p", {}, phrase`No shop has this shoe now, nor another ${pair.brand} in US ${pair.size}.`)]),
		h("p", { class: "row" }, h("a", { class: "button quiet", href: `/?${like_it}` }, `All shoes in US ${pair.size}`))];
}
