/* The fields and the lines of an address, for the account page and the checkout. */

import { h, own, typed } from "./dom.js";
import { field } from "./form.js";

const REGION_FIRST = ["US", "CA", "AU"]; /* Austin, TX 73301 */
const LINES = [
	["name", "Name", "name", true, 80],
	["line1", "Street and number", "address-line1", true, 120],
	["line2", "More (flat, floor)", "address-line2", false, 120],
	["city", "City", "address-level2", true, 80],
	["region", "State or region", "address-level1", false, 80],
	["postcode", "Postcode", "postal-code", true, 20],
	["country", "Country", "country", true, 2],
];

/* The country of the browser's language, such as US of en-US: a first guess. */
function own_country() {
	try {
		return new Intl.Locale(navigator.language).region || "";
	} catch {
		return "";
	}
}

/* Without an address: for this name, in the country of the browser. */
export function address_fields(address, name_of_new = "") {
	const guess = new Map([["name", name_of_new], ["country", own_country()]]);

	return LINES.map(([name, label, autocomplete, required, maxlength]) => field(required ? label : `${label}, if any`,
		h("input", { id: `address-${name}`, name, autocomplete, required, maxlength, value: address ? own(address, name) ?? "" : guess.get(name) ?? "" }),
		name === "country" ? "Two letters, such as US" : null));
}

export function address_lines(address) {
	const { city, region, postcode, country } = address;
	const place = REGION_FIRST.includes(country) ? [[city, region].filter(Boolean).join(", ") + ` ${postcode || ""}`] : [`${postcode || ""} ${city}`.trim(), region];

	return [address.name, address.line1, address.line2, ...place, country].filter(Boolean)
		.flatMap((line, n) => (n ? [h("br"), typed(line)] : [typed(line)]));
}
