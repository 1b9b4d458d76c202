/* What a seller's brand and style are completed by: what the shop has listed, then the catalogue, sold out or not. */

import { suggestions } from "./suggestion.js";

/* Texts as they are compared: without case and accents. */
export const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().trim();

/* Each text once, eight at most. */
const first_eight = (texts) => [...new Map(texts.map((text) => [folded(text), text])).values()].slice(0, 8);

/* Of texts, those of which a word begins with what is typed: first those that begin with it themselves. At most eight, each once. */
export function matching(texts, start) {
	const from = folded(start);
	const all = [...new Map(texts.map((text) => [folded(text), text])).entries()];
	const first = all.filter(([key]) => key.startsWith(from));
	const later = all.filter(([key]) => !key.startsWith(from) && key.includes(` ${from}`));

	return [...first, ...later].map(([, text]) => text).slice(0, 8);
}

export async function find_brands(text, shoes) {
	const mine = matching(shoes.map(({ brand }) => brand), text);
	const all = (await suggestions(text, { sold_out: true })).filter(({ kind }) => kind === "brand");

	return first_eight([...mine, ...all.map((one) => one.text)]);
}

/* The styles of a brand; if the catalogue has none that begin so, those of other brands. */
export async function find_styles(text, brand, shoes) {
	const mine = matching(shoes.filter((shoe) => folded(shoe.brand) === folded(brand)).map(({ style }) => style), text);
	const styles = async (q) => (await suggestions(q, { sold_out: true })).filter(({ kind }) => kind === "style").map((one) => one.text);
	const is_of_brand = (style) => folded(style).startsWith(`${folded(brand)} `);
	const of_brand = brand ? (await styles(`${brand} ${text}`)).filter(is_of_brand).map((style) => style.slice(brand.length + 1)) : [];

	return first_eight([...mine, ...(of_brand.length || mine.length ? of_brand : await styles(text))]);
}
