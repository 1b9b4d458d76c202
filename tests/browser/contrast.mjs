/*
 * The contrast of texts, from computed styles. axe-core judges what a page shows once it is loaded: not a field that is filled, has the focus or is
 * disabled, and not a placeholder; and it leaves undecided what is scrolled out of view or is one character long.
 */

/*
 * Runs in the page. Judges the elements with these selectors as they are; without selectors all controls, in each of their states.
 * WCAG 2.2, 1.4.3 (text 4.5, large text 3) and 1.4.11 (outline of the focus 3); a disabled control needs what an enabled one needs.
 */
function find_unreadable(selectors) {
	const CONTROLS = "input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, button, a.button";
	const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
	const found = [];

	/* [red, green, blue, alpha] of any CSS colour. */
	function channels(color) {
		brush.clearRect(0, 0, 1, 1);
		brush.fillStyle = color;
		brush.fillRect(0, 0, 1, 1);
		const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;

		return [red, green, blue, alpha / 255];
	}

	const over = (top, below) => [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3])).concat(1);

	function ground_of(node) {
		const color = channels(getComputedStyle(node).backgroundColor);

		if (color[3] === 1)
			return color;
		return over(color, node.parentElement ? ground_of(node.parentElement) : [255, 255, 255, 1]);
	}

	const opacity_of = (node) => (node ? Number(getComputedStyle(node).opacity) * opacity_of(node.parentElement) : 1);

	function luminance([red, green, blue]) {
		const [r, g, b] = [red, green, blue].map((n) => (n / 255 <= 0.04045 ? n / 255 / 12.92 : ((n / 255 + 0.055) / 1.055) ** 2.4));

		return 0.2126 * r + 0.7152 * g + 0.0722 * b;
	}

	function contrast(color, ground, opacity = 1) {
		const top = channels(color);
		const [one, other] = [over([...top.slice(0, 3), top[3] * opacity], ground), ground].map(luminance);

		return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
	}

	function judge(node, state, style = getComputedStyle(node)) {
		const size = parseFloat(style.fontSize);
		const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
		const ratio = contrast(style.webkitTextFillColor, ground_of(node), opacity_of(node));

		if (ratio < least)
			found.push(`${node.tagName.toLowerCase()} ${node.id || node.name || node.textContent.trim()}, ${state}: contrast ${ratio.toFixed(2)}, not ${least}`);
	}

	function judge_states(node) {
		const before = node.type === "file" ? { disabled: node.disabled } : { value: node.value, disabled: node.disabled };

		if (node.placeholder)
			judge(node, "placeholder", getComputedStyle(node, "::placeholder"));
		if (node.matches("textarea, input:not([type=file], [type^=date], [type=time])"))
			node.value ||= "1";
		judge(node, "filled");
		node.focus({ preventScroll: true });
		judge(node, "focused");
		if (node.matches(":focus-visible") && contrast(getComputedStyle(node).outlineColor, ground_of(node.parentElement)) < 3)
			found.push(`${node.tagName.toLowerCase()} ${node.id || node.name || node.textContent.trim()}: its outline is hard to see`);
		if (!node.matches("a")) {
			node.disabled = true;
			judge(node, "disabled");
		}
		Object.assign(node, before);
	}

	if (selectors)
		selectors.forEach((selector) => judge(document.querySelector(selector), "as it is"));
	else
		[...document.querySelectorAll(CONTROLS)].filter((node) => node.checkVisibility()).forEach(judge_states);
	return found;
}

/* What is hard to read in the controls of the page, filled, focused and disabled. */
export const unreadable_controls = (page) => page.evaluate(find_unreadable, null);

/* What is hard to read of the elements with these selectors. */
export const unreadable_texts = (page, selectors) => page.evaluate(find_unreadable, selectors);
