/*
 * The whole site on one screen: what may be asked, by whom, with which fields, and what answers. Everything else that knows the site (the gate, the plain
 * pages, OpenAPI, --routes) reads it here.
 */
#include "db/db.h"
#include "market/answer.h"
#include "market/market.h"

#define REFUSES(...) .refusals = (const enum err[]){ __VA_ARGS__, ERR_NONE }
#define SHOP "/shops/{shop_id}"
#define LISTINGS SHOP "/listings"
#define LISTING "/listings/{listing_id}"
#define EVENT "/events/{event_id}"

static const struct route routes[] = {
	/* method, path, who may, fields, status, then what answers */

	/* Finding */
	{ GET, "/listings", ANYONE, listing_filter_fields, 200, .statement = SQL_find_listings, .name = "find_listings", .summary = "Find shoes",
	  .shape = &found_shape, .cache = PUBLIC_IF_ANONYMOUS, .menu = "Shoes" },
	{ GET, "/listings/compare", ANYONE, compare_fields, 200, .statement = SQL_compare_listings, .name = "compare_listings",
	  .summary = "Compare listings", .shape = &compared_shape, .cache = PUBLIC_IF_ANONYMOUS, REFUSES(ERR_NOT_FOUND) },
	{ GET, LISTING, ANYONE, NULL, 200, .statement = SQL_listing, .name = "listing", .summary = "A listing", .shape = &listing_shape,
	  .cache = PUBLIC_IF_ANONYMOUS },
	{ GET, "/shoes/{shoe_id}", ANYONE, NULL, 200, .statement = SQL_shoe, .name = "shoe", .summary = "A shoe and its offers",
	  .shape = &shoe_shape, .cache = PUBLIC_IF_ANONYMOUS },
	{ GET, "/sales", ANYONE, list_fields, 200, .statement = SQL_sales, .name = "sales", .summary = "Flash sales", .shape = &sales_shape,
	  .cache = PUBLIC_IF_ANONYMOUS, .menu = "Sales" },

	{ GET, "/events", ANYONE, list_fields, 200, .statement = SQL_events, .name = "events", .summary = "Release events", .shape = &events_shape,
	  .cache = PUBLIC_IF_ANONYMOUS, .menu = "Events" },

	/* Release events. An event may not be kept: its version, by which what is kept would be compared, does not speak of its places. */
	{ POST, SHOP "/events", OWNER, new_event_fields, 201, .statement = SQL_create_event, .name = "create_event",
	  .summary = "Announce an event", .shape = &event_shape, .then = EVENT, .on = { SHOP } },
	{ GET, EVENT, ANYONE, NULL, 200, .statement = SQL_event, .name = "event", .summary = "An event", .shape = &event_shape, .versioned = true },
	{ PATCH, EVENT, OWNER, event_change_fields, 200, .statement = SQL_change_event, .name = "change_event", .summary = "Change the event",
	  .shape = &event_shape, .versioned = true, .then = EVENT, .on = { EVENT } },
	{ POST, EVENT "/booking", MEMBER, NULL, 201, .statement = SQL_create_booking, .name = "create_booking", .summary = "Book a place",
	  .shape = &booking_shape, .then = EVENT, .on = { EVENT, "/events" }, .unless = "booking", REFUSES(ERR_ALREADY_BOOKED, ERR_INVALID_STATE) },
	{ GET, EVENT "/booking", MEMBER, NULL, 200, .statement = SQL_booking, .name = "booking", .summary = "My place", .shape = &booking_shape,
	  .needs = "booking" },
	{ DELETE, EVENT "/booking", MEMBER, NULL, 204, .statement = SQL_cancel_booking, .name = "cancel_booking", .summary = "Give my place back",
	  .then = EVENT, .on = { EVENT, EVENT "/booking", "/events" }, .needs = "booking" },

	/* Cart and checkout */
	{ GET, "/cart", MEMBER, NULL, 200, .statement = SQL_cart, .name = "cart", .summary = "Cart", .shape = &cart_shape, .menu = "Cart" },
	{ PUT, "/cart/items/{listing_id}", MEMBER, cart_item_fields, 200, .statement = SQL_put_cart_item, .name = "put_cart_item",
	  .summary = "Put into the cart", .shape = &cart_shape, .then = "/cart", .on = { LISTING, "/cart", "/reservations" }, REFUSES(ERR_NOT_FOUND) },
	{ POST, "/checkout", MEMBER, new_order_fields, 201, .statement = SQL_checkout, .name = "checkout", .summary = "Buy",
	  .shape = &order_shape, .key = KEY_MUST, .then = "/orders/{order_id}", .on = { "/cart", LISTING },
	  REFUSES(ERR_FORBIDDEN, ERR_OUT_OF_STOCK, ERR_CART_EMPTY, ERR_PRICE_CHANGED) },
	{ GET, "/orders", MEMBER, list_fields, 200, .statement = SQL_orders, .name = "orders", .summary = "My orders", .shape = &orders_shape,
	  .menu = "Orders" },
	{ GET, "/orders/{order_id}", MEMBER, NULL, 200, .statement = SQL_order, .name = "order", .summary = "An order", .shape = &order_shape },
	{ POST, "/orders/{order_id}/cancellation", MEMBER, NULL, 201, .statement = SQL_cancel_order, .name = "cancel_order",
	  .summary = "Cancel the order", .shape = &order_shape, .then = "/orders/{order_id}", .on = { "/orders/{order_id}" },
	  REFUSES(ERR_INVALID_STATE) },

	/* Appointments */
	{ POST, SHOP "/slots", OWNER, new_slot_fields, 201, .statement = SQL_create_slot, .name = "create_slot", .summary = "Offer a slot",
	  .shape = &slot_shape, .then = SHOP "/slots", .on = { SHOP "/slots" }, REFUSES(ERR_SLOT_TAKEN) },
	{ GET, SHOP "/slots", ANYONE, slot_filter_fields, 200, .statement = SQL_slots, .name = "slots", .summary = "Slots for fitting and authentication",
	  .shape = &slots_shape },
	{ POST, "/slots/{slot_id}/appointment", MEMBER, NULL, 201, .statement = SQL_book_slot, .name = "book_slot", .summary = "Book",
	  .shape = &booked_slot_shape, .then = "/appointments", .on = { SHOP "/slots" }, .unless = "taken", REFUSES(ERR_SLOT_TAKEN, ERR_INVALID_STATE) },
	{ DELETE, "/slots/{slot_id}/appointment", MEMBER, NULL, 204, .statement = SQL_cancel_appointment, .name = "cancel_appointment",
	  .summary = "Cancel", .then = "/appointments", .on = { "/appointments" }, REFUSES(ERR_INVALID_STATE) },
	{ GET, "/appointments", MEMBER, list_fields, 200, .statement = SQL_appointments, .name = "appointments", .summary = "My appointments",
	  .shape = &appointments_shape, .menu = "Appointments" },

	/* Wishlist, friends, recommendations */
	{ GET, "/wishlist", MEMBER, list_fields, 200, .statement = SQL_wishlist, .name = "wishlist", .summary = "My wishlist",
	  .shape = &wishlist_shape, .menu = "Wishlist" },
	{ PUT, "/wishlist", MEMBER, wishlist_fields, 204, .statement = SQL_put_wishlist, .name = "put_wishlist",
	  .summary = "Write the whole list anew", .then = "/wishlist", .on = { "/wishlist" } },
	{ PUT, "/wishlist/{shoe_id}", MEMBER, NULL, 204, .statement = SQL_put_wish, .name = "put_wish", .summary = "Wish for this shoe",
	  .then = "/wishlist", .on = { LISTING, "/shoes/{shoe_id}", "/recommendations" } },
	{ DELETE, "/wishlist/{shoe_id}", MEMBER, NULL, 204, .statement = SQL_drop_wish, .name = "drop_wish", .summary = "Wish for it no more",
	  .then = "/wishlist", .on = { "/wishlist" } },
	{ GET, "/friends", MEMBER, friend_filter_fields, 200, .statement = SQL_friends, .name = "friends", .summary = "My friends",
	  .shape = &friends_shape, .menu = "Friends" },
	{ POST, "/friends", MEMBER, new_friend_fields, 201, .statement = SQL_ask_friend, .name = "ask_friend", .summary = "Be friends",
	  .shape = &asked_shape, .then = "/friends", .on = { "/friends", "/friends/suggestions" }, .unless = "asked_at",
	  REFUSES(ERR_NOT_FOUND) },
	{ DELETE, "/friends/{account_id}", MEMBER, NULL, 204, .statement = SQL_drop_friend, .name = "drop_friend", .summary = "Remove",
	  .then = "/friends", .on = { "/friends" } },
	{ GET, "/friends/suggestions", MEMBER, list_fields, 200, .statement = SQL_friend_suggestions, .name = "friend_suggestions",
	  .summary = "People you may know", .shape = &suggestions_shape },
	{ GET, "/recommendations", MEMBER, list_fields, 200, .statement = SQL_recommendations, .name = "recommendations",
	  .summary = "Your friends want these", .shape = &recommendations_shape, .menu = "For you" },

	/* Reservations */
	{ POST, "/reservations", MEMBER, new_reservation_fields, 201, .handler = create_reservation, .name = "create_reservation",
	  .summary = "Hold a pair", .shape = &reserved_shape, .then = "/reservations", .on = { LISTING },
	  REFUSES(ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_ALREADY_RESERVED, ERR_OUT_OF_STOCK) },
	{ GET, "/reservations", MEMBER, list_fields, 200, .statement = SQL_reservations, .name = "reservations", .summary = "Held for me",
	  .shape = &reservations_shape, .menu = "Held" },
	{ DELETE, "/reservations/{reservation_id}", MEMBER, NULL, 204, .statement = SQL_cancel_reservation, .name = "cancel_reservation",
	  .summary = "Let it go", .then = "/reservations", .on = { "/reservations" } },

	/* Accounts */
	{ POST, "/sessions", ANYONE, new_session_fields, 201, .handler = create_session, .name = "create_session", .summary = "Sign in",
	  .shape = &session_shape, .then = "/account", .on = { "401" }, REFUSES(ERR_WRONG_PASSWORD) },
	{ POST, "/accounts", ANYONE, new_account_fields, 201, .handler = create_account, .name = "create_account", .summary = "Sign up",
	  .shape = &session_shape, .then = "/account", .on = { "401" }, REFUSES(ERR_EMAIL_TAKEN) },
	{ GET, "/account", MEMBER, NULL, 200, .statement = SQL_account, .name = "account", .summary = "My account", .shape = &account_shape,
	  .menu = "Account" },
	{ PUT, "/account/address", MEMBER, address_fields, 200, .statement = SQL_put_address, .name = "put_address", .summary = "Save my address",
	  .shape = &address_shape, .then = "/account", .on = { "/account" } },
	{ PUT, "/account/password", MEMBER, new_password_fields, 204, .handler = change_password, .name = "change_password",
	  .summary = "Change my password", .then = "/account", .on = { "/account" }, REFUSES(ERR_WRONG_PASSWORD) },
	{ PUT, "/account/email", MEMBER, new_email_fields, 200, .handler = change_email, .name = "change_email", .summary = "Change my e-mail",
	  .shape = &account_shape, .then = "/account", .on = { "/account" }, REFUSES(ERR_WRONG_PASSWORD, ERR_EMAIL_TAKEN) },
	{ DELETE, "/sessions/current", MEMBER, NULL, 204, .handler = end_session, .name = "end_session", .summary = "Sign out",
	  .then = "/listings", .on = { "/account" } },

	/* Shops */
	{ POST, "/shops", MEMBER, new_shop_fields, 201, .statement = SQL_create_shop, .name = "create_shop", .summary = "Open a shop",
	  .shape = &shop_shape, .then = SHOP, .on = { "/account" }, .unless = "shop_id", REFUSES(ERR_SHOP_EXISTS, ERR_NAME_TAKEN) },
	{ GET, SHOP, ANYONE, NULL, 200, .statement = SQL_shop, .name = "shop", .summary = "A shop", .shape = &shop_shape,
	  .menu = "My shop" },
	{ GET, LISTINGS, ANYONE, list_fields, 200, .statement = SQL_shop_listings, .name = "shop_listings", .summary = "What the shop offers",
	  .shape = &shop_listings_shape },
	{ POST, LISTINGS, OWNER, new_listing_fields, 201, .statement = SQL_create_listing, .name = "create_listing", .summary = "List a shoe",
	  .shape = &listing_shape, .then = LISTING, .on = { LISTINGS, SHOP } },
	{ PATCH, LISTINGS "/{listing_id}", OWNER, price_fields, 200, .statement = SQL_change_price, .name = "change_price",
	  .summary = "Change the price", .shape = &listing_shape, .then = LISTING, .on = { LISTING } },
	{ POST, LISTINGS "/{listing_id}/stock", OWNER, stock_fields, 201, .statement = SQL_adjust_stock, .name = "adjust_stock",
	  .summary = "Change the stock", .shape = &stock_shape, .then = LISTING, .on = { LISTING }, REFUSES(ERR_OUT_OF_STOCK) },
	{ DELETE, LISTINGS "/{listing_id}", OWNER, NULL, 204, .statement = SQL_withdraw_listing, .name = "withdraw_listing",
	  .summary = "Withdraw the listing", .then = LISTINGS, .on = { LISTING } },
	{ GET, SHOP "/sale", ANYONE, NULL, 200, .statement = SQL_current_sale, .name = "current_sale", .summary = "The running flash sale",
	  .shape = &sale_shape, .cache = PUBLIC },
	{ POST, SHOP "/sales", OWNER, new_sale_fields, 201, .statement = SQL_start_flash_sale, .name = "start_flash_sale",
	  .summary = "Start a flash sale", .shape = &sale_shape, .then = SHOP "/sale", .on = { SHOP }, REFUSES(ERR_SALE_ACTIVE) },
	{ DELETE, SHOP "/sale", OWNER, NULL, 204, .statement = SQL_end_sale, .name = "end_sale", .summary = "End the sale", .then = SHOP,
	  .on = { SHOP "/sale" } },
	{ GET, SHOP "/shipments", OWNER, shipment_filter_fields, 200, .statement = SQL_shop_shipments, .name = "shop_shipments",
	  .summary = "What to send", .shape = &shipments_shape },
	{ PATCH, SHOP "/shipments/{shipment_id}", OWNER, shipment_change_fields, 200, .statement = SQL_change_shipment, .name = "change_shipment",
	  .summary = "Note what was sent", .shape = &shipment_shape, .then = SHOP "/shipments", .on = { SHOP "/shipments" },
	  REFUSES(ERR_INVALID_STATE) },
	{ GET, SHOP "/balance", OWNER, list_fields, 200, .statement = SQL_shop_balance, .name = "shop_balance", .summary = "What the shop earned",
	  .shape = &balance_shape },
	{ PUT, SHOP "/promotion", OWNER, promotion_fields, 200, .statement = SQL_promote_shop, .name = "promote_shop",
	  .summary = "Promote the shop", .shape = &shop_shape, .then = SHOP, .on = { SHOP } },
	{ GET, SHOP "/verification", OWNER, NULL, 200, .statement = SQL_verification, .name = "verification", .summary = "Is the shop verified?",
	  .shape = &verification_shape },
	{ POST, SHOP "/verification", OWNER, NULL, 201, .statement = SQL_ask_verification, .name = "ask_verification",
	  .summary = "Ask to be verified", .shape = &verification_shape, .then = SHOP "/verification", .on = { SHOP "/verification" } },
	{ PUT, SHOP "/verification", ADMIN, verdict_fields, 200, .statement = SQL_decide_verification, .name = "decide_verification",
	  .summary = "Verify the shop, or not", .shape = &verification_shape, .then = "/admin/verifications", .on = { "/admin/verifications" } },
	{ GET, SHOP "/reviews", ANYONE, list_fields, 200, .statement = SQL_shop_reviews, .name = "shop_reviews", .summary = "What buyers say",
	  .shape = &reviews_shape },
	{ PUT, SHOP "/review", MEMBER, review_fields, 200, .statement = SQL_put_review, .name = "put_review", .summary = "Review the shop",
	  .shape = &review_shape, .then = SHOP "/reviews", .on = { SHOP "/reviews" }, REFUSES(ERR_FORBIDDEN) },

	/* For operators */
	{ GET, "/health", ANYONE, NULL, 200, .statement = SQL_health, .name = "health", .summary = "Is it well?", .shape = &health_shape },
	{ GET, "/metrics", OPERATOR, NULL, 200, .handler = get_metrics, .name = "metrics", .summary = "Figures for Prometheus" },
	{ GET, "/openapi.json", ANYONE, NULL, 200, .handler = get_openapi, .name = "openapi", .summary = "This contract as OpenAPI" },
	{ GET, "/admin/audit", ADMIN, NULL, 200, .statement = SQL_audit, .name = "audit", .summary = "Does everything add up?",
	  .shape = &audit_shape, .menu = "Audit" },
	{ GET, "/admin/verifications", ADMIN, list_fields, 200, .statement = SQL_verifications, .name = "verifications",
	  .summary = "Shops that wait to be verified", .shape = &waiting_shops_shape, .menu = "Verifications" },
};

const struct site market_site = {
	.routes = routes,
	.n_routes = sizeof routes / sizeof routes[0],
	.run = answer_route,
	.start = answer_start,
	.viewer = answer_viewer,
	.tick = release_expired,
};
