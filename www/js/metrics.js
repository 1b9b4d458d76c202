/* Figures of GET /api/metrics, which is Prometheus text, and what two readings of it say about the time between them. */

/* 'route="checkout",le="0.1"' as an object. */
const labels_of = (text) => Object.fromEntries([...text.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));

/* A reading: { at: ms, figures: a Map from each name to its [{ labels, value }] }. Names are without "shoetopia_". */
export function read_metrics(text, at) {
	const figures = new Map();

	for (const [, name, labels, value] of text.matchAll(/^shoetopia_([a-z_]+)(?:\{(.*)\})? (\S+)$/gm))
		figures.set(name, [...(figures.get(name) || []), { labels: labels_of(labels || ""), value: Number(value) }]);
	return { at, figures };
}

const any = () => true;

/* The sum of a figure over its labels, of those that `fits`; 0 if there is none. */
export const total = (reading, name, fits = any) =>
	(reading.figures.get(name) || []).filter(({ labels }) => fits(labels)).reduce((sum, { value }) => sum + value, 0);

/* How much a counter grew between two readings; never less than 0, also when all programs began anew. */
export const growth = (before, after, name, fits = any) => Math.max(0, total(after, name, fits) - total(before, name, fits));

export const per_second = (before, after, name, fits = any) => growth(before, after, name, fits) / ((after.at - before.at) / 1000);

/* The same for the mean of a histogram between two readings; NaN if nothing was counted. */
export const mean = (before, after, name, fits = any) => growth(before, after, `${name}_sum`, fits) / growth(before, after, `${name}_count`, fits);

/* The bound of the bucket in which this part (0.99) of what was counted between two readings ends; NaN if nothing was counted. */
export function quantile(before, after, name, part, fits = any) {
	const bounds = [...new Set((after.figures.get(`${name}_bucket`) || []).map(({ labels }) => labels.le))].sort((one, other) => Number(one.replace("+Inf", "Infinity")) - Number(other.replace("+Inf", "Infinity")));
	const all = growth(before, after, `${name}_count`, fits);
	const bound = bounds.find((le) => growth(before, after, `${name}_bucket`, (labels) => labels.le === le && fits(labels)) >= all * part);

	return all === 0 || bound === undefined ? NaN : Number(bound.replace("+Inf", "Infinity"));
}
