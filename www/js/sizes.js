/*
 * Sizes of shoes by the length of the foot, as most brands have them: the only table of them. The program reads the rows too, when it is built
 * (src/market/size.awk). Youth and unisex sizes are men's.
 */

/* US men's, US women's, EU, UK, cm; "" where there is none. K: children's. */
const ROWS = [
	["", "1", "30.5", "12 K", "17.5"],
	["", "1.5", "31", "12.5 K", "18"],
	["", "2", "31.5", "13 K", "18.5"],
	["1", "2.5", "32", "13.5 K", "19"],
	["1.5", "3", "33", "1", "19.5"],
	["2", "3.5", "33.5", "1.5", "20"],
	["2.5", "4", "34", "2", "20.5"],
	["3", "4.5", "35", "2.5", "21"],
	["3.5", "5", "35.5", "3", "21.5"],
	["4", "5.5", "36", "3.5", "22"],
	["4.5", "6", "36.5", "4", "22.5"],
	["5", "6.5", "37.5", "4.5", "23"],
	["5.5", "7", "38", "5", "23.5"],
	["6", "7.5", "38.5", "5.5", "24"],
	["6.5", "8", "39", "6", "24.5"],
	["7", "8.5", "40", "6", "25"],
	["7.5", "9", "40.5", "6.5", "25.5"],
	["8", "9.5", "41", "7", "26"],
	["8.5", "10", "42", "7.5", "26.5"],
	["9", "10.5", "42.5", "8", "27"],
	["9.5", "11", "43", "8.5", "27.5"],
	["10", "11.5", "44", "9", "28"],
	["10.5", "12", "44.5", "9.5", "28.5"],
	["11", "12.5", "45", "10", "29"],
	["11.5", "13", "45.5", "10.5", "29.5"],
	["12", "13.5", "46", "11", "30"],
	["12.5", "14", "47", "11.5", "30.5"],
	["13", "14.5", "47.5", "12", "31"],
	["13.5", "15", "48", "12.5", "31.5"],
	["14", "15.5", "48.5", "13", "32"],
	["14.5", "16", "49", "13.5", "32.5"],
	["15", "16.5", "49.5", "14", "33"],
	["15.5", "17", "50", "14.5", "33.5"],
	["16", "17.5", "50.5", "15", "34"],
	["16.5", "18", "51", "15.5", "34.5"],
	["17", "18.5", "51.5", "16", "35"],
	["17.5", "19", "52", "16.5", "35.5"],
	["18", "19.5", "52.5", "17", "36"],
	["18.5", "20", "53", "17.5", "36.5"],
	["19", "", "53.5", "18", "37"],
	["19.5", "", "54", "18.5", "37.5"],
	["20", "", "54.5", "19", "38"],
];

export const UNITS = ["us", "eu", "uk", "cm"];
const COLUMNS = new Map([["eu", 2], ["uk", 3], ["cm", 4]]);

const us_column = (audience) => (audience === "women" ? 1 : 0);
const row_of = (audience, size) => ROWS.find((row) => row.at(us_column(audience)) === String(size));

/* "42.5" of men's US 9 in EU sizes. */
export const size_in = (unit, audience, size) => row_of(audience, size)?.at(COLUMNS.get(unit) ?? us_column(audience)) ?? String(size);

/* "EU 42.5", "27 cm". */
export const size_words = (unit, audience, size) => (unit === "cm" ? `${size_in(unit, audience, size)} cm` : `${unit.toUpperCase()} ${size_in(unit, audience, size)}`);

/* The US size of another audience for the same foot, or "". */
export const same_foot = (audience, size, other) => row_of(audience, size)?.at(us_column(other)) ?? "";

const MINE = "shoetopia.size"; /* localStorage: { audience, size, unit } of who looks at shoes here */

/* Their size, as they chose it last, or null. */
export function my_size() {
	try {
		const { audience, size, unit } = JSON.parse(localStorage.getItem(MINE));

		return { audience, size, unit: UNITS.includes(unit) ? unit : "us" };
	} catch {
		return null;
	}
}

export const remember_size = (mine) => localStorage.setItem(MINE, JSON.stringify({ ...my_size(), ...mine }));

export function forget_size() {
	const unit = my_size()?.unit;

	localStorage.setItem(MINE, JSON.stringify({ unit }));
}
