/*
 * Photos of a shoe that is about to be listed: chosen, dragged or taken, then sent to each of its listings. Previews are drawn on canvases, since the policy of
 * the pages loads pictures from the server alone.
 */

import { send_file } from "./api.js";
import { $, h, plural } from "./dom.js";

const MOST = 8, BYTES_MAX = 8388608, LISTINGS_AT_ONCE = 2;
const TYPES = ["image/jpeg", "image/png", "image/webp"];
const WIDTH = 112, HEIGHT = 84; /* of a preview */

let files = [];
let under_way = 0; /* uploads of listings that are not over */

export const photos_chosen = () => files;

export function clear_photos() {
	files = [];
	draw();
}

/* What is wrong with a file, as far as the page can say; else null. */
function fault_of(file) {
	if (!TYPES.includes(file.type))
		return `${file.name} is no JPEG, PNG or WebP.`;
	return file.size > BYTES_MAX ? `${file.name} is larger than 8 MB.` : null;
}

/* The middle of a picture. One that cannot be read stays empty: the server says what is wrong with it. */
async function draw_preview(canvas, file) {
	const picture = await createImageBitmap(file).catch(() => null);

	if (!picture)
		return;
	const scale = Math.max(WIDTH / picture.width, HEIGHT / picture.height);
	const width = picture.width * scale, height = picture.height * scale;

	canvas.getContext("2d").drawImage(picture, (WIDTH - width) / 2, (HEIGHT - height) / 2, width, height);
	picture.close();
}

function preview(file, n) {
	const canvas = h("canvas", { width: WIDTH, height: HEIGHT, role: "img", "aria-label": `Photo ${n + 1}: ${file.name}` });

	draw_preview(canvas, file);
	return h("li", {}, canvas, h("button", { type: "button", class: "text", onclick: () => remove(file) }, "Remove", h("span", { class: "unseen" }, ` photo ${n + 1}`)));
}

function draw() {
	$("#photo-list").replaceChildren(...files.map(preview));
	$("#photo-zone").hidden = files.length >= MOST;
}

function remove(file) {
	files = files.filter((one) => one !== file);
	draw();
	$("#photos").focus();
}

function add(more) {
	const faults = more.map(fault_of).filter(Boolean);
	const good = more.filter((file) => !fault_of(file));
	const space = MOST - files.length;

	files = [...files, ...good.slice(0, space)];
	if (good.length > space)
		faults.push(`A listing has up to ${MOST} photos.`);
	$("#photo-fault").textContent = faults.join(" ");
	$("#photo-fault").hidden = !faults.length;
	$("#photos").value = "";
	draw();
}

export function listen_to_photos() {
	const zone = $("#photo-zone");

	$("#photos").addEventListener("change", () => add([...$("#photos").files]));
	for (const name of ["dragover", "dragleave", "drop"])
		zone.addEventListener(name, (event) => {
			event.preventDefault();
			zone.classList.toggle("over", name === "dragover");
			if (name === "drop")
				add([...event.dataTransfer.files]);
		});
	addEventListener("beforeunload", (event) => under_way && event.preventDefault());
}

/* Sends these files to each of the listings, in their order; a few listings at the same time. Says how far it is, and what went wrong. */
export async function send_photos(listings, sent) {
	const left = [...listings];
	const faults = new Set();
	const all = listings.length * sent.length;
	let done = 0;
	const say_done = () => { $("#photo-state").textContent = `Photos: ${done} of ${all} are there.`; };
	const work = async () => {
		for (let listing = left.shift(); listing; listing = left.shift())
			for (const file of sent) {
				try {
					await send_file(`/shops/${listing.shop_id}/listings/${listing.listing_id}/photos`, file);
					done++;
				} catch (error) {
					faults.add(`${file.name}: ${error.errors?.at(0)?.message || error.message}`);
				}
				say_done();
			}
	};

	if (!under_way)
		$("#photo-state").textContent = "";
	if (!all)
		return;
	under_way++;
	say_done();
	await Promise.all(Array.from({ length: LISTINGS_AT_ONCE }, work));
	under_way--;
	$("#photo-state").textContent = faults.size ? `${done} of ${all} photos are there. ${[...faults].join(" ")} Add them on the listing's page.` :
		`${plural(sent.length, "photo")} at ${listings.length === 1 ? "the listing" : `each of ${listings.length} listings`}.`;
}
