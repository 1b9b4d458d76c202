/* What an admin finds by what people tell: accounts, orders, shops and listings. */

import { get } from "./api.js";
import { empty, failed, h, money, time, typed } from "./dom.js";
import { on_submit } from "./form.js";
import { suspension_box } from "./suspension.js";

const plain = (path, ...text) => h("a", { href: `/api${path}` }, ...text);
const badge = (suspended) => (suspended ? [" ", h("span", { class: "badge cancelled" }, "Suspended")] : "");

const draw_account = (account) => h("li", { class: "card" }, h("h4", {}, plain(`/admin/accounts/${account.account_id}`, typed(account.name))),
	h("p", {}, typed(account.email), ` · account ${account.account_id}`, account.role === "admin" ? " · admin" : ""),
	account.shop_id ? h("p", {}, "Has the shop ", h("a", { href: `/shop.html?id=${account.shop_id}` }, typed(account.shop_name))) : "");

const draw_order = (order) => h("li", { class: "card" }, h("h4", {}, plain(`/admin/orders/${order.order_id}`, `Order ${order.order_id}`)),
	h("p", {}, money(order.total_cents), ` · ${order.status} · `, time(order.created_at)),
	h("p", {}, plain(`/admin/accounts/${order.account_id}`, typed(order.name)), " ", typed(order.email)));

/* A shop or a listing, with the form to suspend it; its reason is read when the form is opened. */
function with_suspension(head, thing, done) {
	const details = h("details", {}, h("summary", {}, thing.suspended ? "Let in again" : "Suspend", h("span", { class: "unseen" }, " ", typed(thing.name))));

	details.addEventListener("toggle", async () => {
		if (!details.open || details.children.length > 1)
			return;
		const place = h("div", {});

		details.append(place);
		try {
			const now = thing.suspended ? await get(`/${thing.kind}s/${thing.id}`) : {};

			place.replaceWith(suspension_box({ ...thing, suspension: now.suspension }, done));
		} catch (error) {
			place.replaceWith(failed(error));
		}
	});
	return h("li", { class: "card" }, ...head, details);
}

const draw_shop = (done) => (shop) => with_suspension([h("h4", {}, h("a", { href: `/shop.html?id=${shop.shop_id}` }, typed(shop.name)), badge(shop.suspended)),
	h("p", {}, "Of ", plain(`/admin/accounts/${shop.account_id}`, typed(shop.email)), ` · shop ${shop.shop_id}`, shop.verified ? " · verified" : "")],
{ kind: "shop", id: shop.shop_id, name: shop.name, suspended: shop.suspended }, done);

const draw_listing = (done) => (listing) => with_suspension([h("h4", {}, plain(`/listings/${listing.listing_id}`, typed(`${listing.brand} ${listing.style}`), `, size ${listing.size}`), badge(listing.suspended)),
	h("p", {}, money(listing.price_cents), ` · listing ${listing.listing_id} · `, h("a", { href: `/shop.html?id=${listing.shop_id}` }, typed(listing.shop_name)))],
{ kind: "listing", id: listing.listing_id, name: `${listing.brand} ${listing.style}`, suspended: listing.suspended }, done);

/* Fills place with what the form's q finds. Calls done() after a suspension. */
export function listen_to_lookup(form, place, done) {
	on_submit(form, async ({ q }) => {
		const found = await get(`/admin/lookup?${new URLSearchParams({ q })}`);
		const parts = [["Shops", found.shops.map(draw_shop(done))], ["Listings", found.listings.map(draw_listing(done))], ["Orders", found.orders.map(draw_order)],
			["Accounts", found.accounts.map(draw_account)]].filter(([, rows]) => rows.length);

		place.replaceChildren(...parts.flatMap(([title, rows]) => [h("h3", {}, title), h("ul", { class: "cards" }, rows)]));
		if (found.more)
			place.append(h("p", { class: "hint" }, "There is more. Type more of it."));
		if (!parts.length)
			place.append(empty("Nothing is found", ["Nothing has “", typed(q), "” as its number, e-mail or name."]));
	});
}
