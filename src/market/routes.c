/*
 * The route table: method, path, who may call it, fields, and what answers. The gate, the plain
 * pages, OpenAPI and --routes are made from it.
 */
#include "market/routes.h"

#include "db/db.h"
#include "market/account.h"
#include "market/account_export.h"
#include "market/act.h"
#include "market/answer.h"
#include "market/appointment.h"
#include "market/audit.h"
#include "market/balance.h"
#include "market/booking.h"
#include "market/cart.h"
#include "market/checkout.h"
#include "market/desk.h"
#include "market/event.h"
#include "market/friend.h"
#include "market/listing.h"
#include "market/listing_file.h"
#include "market/lookup.h"
#include "market/market.h"
#include "market/metrics.h"
#include "market/operator.h"
#include "market/order.h"
#include "market/outbox.h"
#include "market/payment_admin.h"
#include "market/payment_event.h"
#include "market/payment_page.h"
#include "market/payout.h"
#include "market/photo.h"
#include "market/price.h"
#include "market/recommendation.h"
#include "market/reservation.h"
#include "market/review.h"
#include "market/sale.h"
#include "market/search.h"
#include "market/session.h"
#include "market/shipment.h"
#include "market/shoe_page.h"
#include "market/shop.h"
#include "market/sitemap.h"
#include "market/suggestion.h"
#include "market/suspension.h"
#include "market/tick.h"
#include "market/token.h"
#include "market/verification.h"
#include "market/wishlist.h"

#define REFUSES(...)                                                                               \
	.refusals = (const enum err[])                                                             \
	{                                                                                          \
		__VA_ARGS__, ERR_NONE                                                              \
	}
#define SHOP "/shops/{shop_id}"
#define LISTINGS SHOP "/listings"
#define LISTING "/listings/{listing_id}"
#define PHOTOS SHOP LISTING "/photos"
#define EVENT "/events/{event_id}"

/* What cannot succeed has no form. */
static const char *const pending[] = { "pending", NULL };
static const char *const requested[] = { "requested", NULL };
static const char *const not_cancelled[] = { "pending", "shipped", "delivered", NULL };
static const struct condition can_be_sold[] = { { .list = "items" }, { .member = "available" },
	{ 0 } };
static const struct condition is_in_stock[] = { { .member = "available" }, { 0 } };
static const struct condition has_photos[] = { { .list = "photos" }, { 0 } };
static const char *const payable[] = { "due", "open", NULL };
static const struct condition can_be_paid[] = { { "payment", "status", payable }, { 0 } };
static const struct condition nothing_is_sent[] = { { "shipments", "status", pending }, { 0 } };
static const char *const not_done[] = { "pending", "flagged", NULL };
static const struct condition is_not_done[] = { { NULL, "status", not_done }, { 0 } };
static const struct condition is_pending[] = { { NULL, "status", pending }, { 0 } };
static const struct condition is_requested[] = { { NULL, "status", requested }, { 0 } };
static const struct condition is_not_cancelled[] = { { NULL, "status", not_cancelled }, { 0 } };

static const struct route routes[] = {
	/* method, path, who may, fields, status, handler, statement; the rest by name */

	/* Search */
	{ GET, "/listings", ANYONE, listing_filter_fields, 200, find_listings, SQL_find_listings,
		.name = "find_listings", .summary = "Find shoes", .answer_schema = &found_schema,
		.cache = PUBLIC_IF_ANONYMOUS, .menu = "Shoes" },
	{ GET, "/suggestions", ANYONE, suggestion_filter_fields, 200, answer_statement,
		SQL_suggestions, .name = "suggestions", .summary = "What there is",
		.answer_schema = &search_suggestions_schema, .cache = PUBLIC_IF_ANONYMOUS },
	{ GET, "/listings/compare", ANYONE, compare_fields, 200, answer_statement,
		SQL_compare_listings, .name = "compare_listings", .summary = "Compare listings",
		.answer_schema = &compared_schema, .cache = PUBLIC_IF_ANONYMOUS,
		REFUSES(ERR_NOT_FOUND) },
	{ GET, LISTING, ANYONE, NULL, 200, answer_statement, SQL_listing, .name = "listing",
		.summary = "A listing", .answer_schema = &listing_schema,
		.named_by = "brand style size", .cache = PUBLIC_IF_ANONYMOUS },
	{ GET, "/shoes/{shoe_id}", ANYONE, NULL, 200, answer_statement, SQL_shoe, .name = "shoe",
		.summary = "A shoe and its offers", .answer_schema = &shoe_schema,
		.named_by = "brand style", .cache = PUBLIC_IF_ANONYMOUS },
	{ GET, "/shoes/{shoe_id}/prices", ANYONE, NULL, 200, answer_statement, SQL_shoe_prices,
		.name = "shoe_prices", .summary = "What it sold for",
		.answer_schema = &prices_schema, .cache = PUBLIC_IF_ANONYMOUS },
	{ GET, "/sales", ANYONE, sale_filter_fields, 200, answer_statement, SQL_sales,
		.name = "sales", .summary = "Flash sales", .answer_schema = &sales_schema,
		.cache = PUBLIC_IF_ANONYMOUS, .menu = "Sales" },

	{ GET, "/events", ANYONE, event_filter_fields, 200, answer_statement, SQL_events,
		.name = "events", .summary = "Release events", .answer_schema = &events_schema,
		.cache = PUBLIC_IF_ANONYMOUS, .menu = "Events" },

	/*
	 * Release events. The answer must not be cached: the version that is its ETag does not
	 * change when places are booked.
	 */
	{ POST, SHOP "/events", OWNER, new_event_fields, 201, answer_statement, SQL_create_event,
		.name = "create_event", .summary = "Announce an event",
		.answer_schema = &event_schema, .redirect = EVENT, .shown_on = { SHOP } },
	{ GET, EVENT, ANYONE, NULL, 200, answer_statement, SQL_event, .name = "event",
		.named_by = "title", .summary = "An event", .answer_schema = &event_schema,
		.versioned = true },
	{ PATCH, EVENT, OWNER, event_change_fields, 200, answer_statement, SQL_change_event,
		.name = "change_event", .summary = "Change the event",
		.answer_schema = &event_schema, .versioned = true, .redirect = EVENT,
		.shown_on = { EVENT }, .hidden_if = "called_off_at", REFUSES(ERR_INVALID_STATE) },
	{ DELETE, EVENT, OWNER, NULL, 204, answer_statement, SQL_call_off_event,
		.name = "call_off_event", .summary = "Call the event off", .redirect = EVENT,
		.shown_on = { EVENT }, .hidden_unless = "open", REFUSES(ERR_INVALID_STATE) },
	{ POST, EVENT "/booking", MEMBER, NULL, 201, answer_statement, SQL_create_booking,
		.nonblocking = true, .name = "create_booking", .summary = "Book a place",
		.answer_schema = &booking_schema, .redirect = EVENT,
		.shown_on = { EVENT, "/events" }, .guests = true, .hidden_if = "booking",
		.hidden_unless = "open", REFUSES(ERR_ALREADY_BOOKED, ERR_INVALID_STATE) },
	{ GET, EVENT "/booking", MEMBER, NULL, 200, answer_statement, SQL_booking,
		.name = "booking", .summary = "My place", .answer_schema = &booking_schema,
		.hidden_unless = "booking" },
	{ DELETE, EVENT "/booking", MEMBER, NULL, 204, answer_statement, SQL_cancel_booking,
		.name = "cancel_booking", .summary = "Give my place back", .redirect = EVENT,
		.shown_on = { EVENT, EVENT "/booking", "/events" }, .hidden_unless = "booking open",
		REFUSES(ERR_INVALID_STATE) },

	/* Cart and checkout */
	{ GET, "/cart", MEMBER, cart_fields, 200, answer_statement, SQL_cart, .name = "cart",
		.summary = "Cart", .answer_schema = &cart_schema, .menu = "Cart" },
	{ PUT, "/cart/items/{listing_id}", MEMBER, cart_item_fields, 200, answer_statement,
		SQL_put_cart_item, .name = "put_cart_item", .summary = "Put so many into the cart",
		.answer_schema = &cart_schema, .redirect = "/cart",
		.shown_on = { "/cart", "/reservations" }, REFUSES(ERR_NOT_FOUND) },
	{ DELETE, "/cart/items/{listing_id}", MEMBER, NULL, 200, answer_statement,
		SQL_remove_cart_item, .name = "remove_cart_item", .summary = "Take it out",
		.answer_schema = &cart_schema, .redirect = "/cart", .shown_on = { "/cart" } },
	{ POST, "/cart/items", MEMBER, new_cart_item_fields, 200, answer_statement,
		SQL_add_cart_item, .name = "add_cart_item", .summary = "Put into the cart",
		.answer_schema = &cart_schema, .redirect = "/cart", .shown_on = { LISTING },
		.shown_while = is_in_stock, .guests = true, .not_for_owner = true,
		REFUSES(ERR_NOT_FOUND) },
	{ POST, "/checkout", MEMBER, new_order_fields, 201, checkout, SQL_checkout,
		.nonblocking = true, .name = "checkout", .summary = "Buy",
		.answer_schema = &order_schema, .key = KEY_MUST, .redirect = "/orders/{order_id}",
		.shown_on = { "/cart", LISTING }, .shown_while = can_be_sold, .not_for_owner = true,
		REFUSES(ERR_FORBIDDEN, ERR_OUT_OF_STOCK, ERR_CART_EMPTY, ERR_PRICE_CHANGED) },
	{ GET, "/orders", MEMBER, list_fields, 200, answer_statement, SQL_orders, .name = "orders",
		.summary = "My orders", .answer_schema = &orders_schema, .menu = "Orders" },
	{ GET, "/orders/{order_id}", MEMBER, order_fields, 200, show_order, SQL_order,
		.name = "order", .summary = "An order", .answer_schema = &order_schema },
	{ POST, "/orders/{order_id}/payment", MEMBER, NULL, 201, pay_order, SQL_pay_order,
		.deferred = true, .name = "pay_order", .summary = "Pay",
		.answer_schema = &order_schema, .redirect = "/orders/{order_id}",
		.shown_on = { "/orders/{order_id}" }, .shown_while = can_be_paid,
		REFUSES(ERR_INVALID_STATE) },
	{ POST, "/orders/{order_id}/cancellation", MEMBER, NULL, 201, answer_statement,
		SQL_cancel_order, .name = "cancel_order", .summary = "Cancel the order",
		.answer_schema = &order_schema, .redirect = "/orders/{order_id}",
		.shown_on = { "/orders/{order_id}" }, .shown_while = nothing_is_sent,
		REFUSES(ERR_INVALID_STATE) },

	/* Appointments */
	{ POST, SHOP "/slots", OWNER, new_slot_fields, 201, answer_statement, SQL_create_slot,
		.name = "create_slot", .summary = "Offer a slot", .answer_schema = &slot_schema,
		.redirect = SHOP "/slots", .shown_on = { SHOP "/slots" }, REFUSES(ERR_SLOT_TAKEN) },
	{ GET, SHOP "/slots", ANYONE, slot_filter_fields, 200, answer_statement, SQL_slots,
		.name = "slots", .summary = "Slots for fitting and authentication",
		.answer_schema = &slots_schema },
	{ POST, "/slots/{slot_id}/appointment", MEMBER, NULL, 201, answer_statement, SQL_book_slot,
		.name = "book_slot", .summary = "Book", .answer_schema = &booked_slot_schema,
		.redirect = "/appointments", .shown_on = { SHOP "/slots" }, .guests = true,
		.hidden_if = "taken",
		REFUSES(ERR_SLOT_TAKEN, ERR_ALREADY_BOOKED, ERR_INVALID_STATE) },
	{ DELETE, "/slots/{slot_id}/appointment", MEMBER, NULL, 204, answer_statement,
		SQL_cancel_appointment, .name = "cancel_appointment", .summary = "Cancel",
		.redirect = "/appointments", .shown_on = { "/appointments" },
		REFUSES(ERR_INVALID_STATE) },
	{ DELETE, "/slots/{slot_id}", OWNER, NULL, 204, answer_statement, SQL_withdraw_slot,
		.name = "withdraw_slot", .summary = "Withdraw", .redirect = SHOP "/slots",
		.shown_on = { SHOP "/slots" }, .hidden_if = "taken", REFUSES(ERR_SLOT_TAKEN) },
	{ GET, "/appointments", MEMBER, list_fields, 200, answer_statement, SQL_appointments,
		.name = "appointments", .summary = "My appointments",
		.answer_schema = &appointments_schema, .menu = "Appointments" },

	/* Wishlist, friends, recommendations */
	{ GET, "/wishlist", MEMBER, list_fields, 200, answer_statement, SQL_wishlist,
		.name = "wishlist", .summary = "My wishlist", .answer_schema = &wishlist_schema,
		.menu = "Wishlist" },
	{ PUT, "/wishlist", MEMBER, wishlist_fields, 204, answer_statement, SQL_put_wishlist,
		.name = "put_wishlist", .summary = "Write the whole list anew",
		.redirect = "/wishlist", .shown_on = { "/wishlist" } },
	{ PUT, "/wishlist/{shoe_id}", MEMBER, NULL, 204, answer_statement, SQL_put_wish,
		.name = "put_wish", .summary = "Wish for this shoe", .redirect = "/wishlist",
		.guests = true, .shown_on = { LISTING, "/shoes/{shoe_id}", "/recommendations" } },
	{ DELETE, "/wishlist/{shoe_id}", MEMBER, NULL, 204, answer_statement, SQL_drop_wish,
		.name = "drop_wish", .summary = "Wish for it no more", .redirect = "/wishlist",
		.shown_on = { "/wishlist" } },
	{ GET, "/friends", MEMBER, friend_filter_fields, 200, answer_statement, SQL_friends,
		.name = "friends", .summary = "My friends", .answer_schema = &friends_schema,
		.menu = "Friends" },
	{ POST, "/friends", MEMBER, new_friend_fields, 201, answer_statement, SQL_ask_friend,
		.name = "ask_friend", .summary = "Be friends", .answer_schema = &asked_schema,
		.redirect = "/friends", .shown_on = { "/friends", "/friends/suggestions" },
		.hidden_if = "asked_at", REFUSES(ERR_NOT_FOUND) },
	{ DELETE, "/friends/{account_id}", MEMBER, NULL, 204, answer_statement, SQL_drop_friend,
		.name = "drop_friend", .summary = "Remove", .redirect = "/friends",
		.shown_on = { "/friends" }, .hidden_unless = "account_id" },
	{ DELETE, "/friends/asked", MEMBER, friend_request_fields, 204, answer_statement,
		SQL_withdraw_friend_request, .name = "withdraw_friend_request",
		.summary = "Take back", .redirect = "/friends", .shown_on = { "/friends" },
		.hidden_unless = "email", REFUSES(ERR_NOT_FOUND) },
	{ GET, "/friends/suggestions", MEMBER, list_fields, 200, answer_statement,
		SQL_friend_suggestions, .name = "friend_suggestions",
		.summary = "People you may know", .answer_schema = &suggestions_schema },
	{ GET, "/recommendations", MEMBER, list_fields, 200, answer_statement, SQL_recommendations,
		.name = "recommendations", .summary = "Your friends want these",
		.answer_schema = &recommendations_schema, .menu = "For you" },

	/* Reservations */
	{ POST, "/reservations", MEMBER, new_reservation_fields, 201, create_reservation,
		SQL_create_reservation, .nonblocking = true, .name = "create_reservation",
		.summary = "Hold a pair", .answer_schema = &reserved_schema,
		.redirect = "/reservations", .shown_on = { LISTING }, .shown_while = is_in_stock,
		.guests = true, .not_for_owner = true,
		REFUSES(ERR_NOT_FOUND, ERR_FORBIDDEN, ERR_ALREADY_RESERVED, ERR_OUT_OF_STOCK,
			ERR_TOO_MANY_REQUESTS) },
	{ GET, "/reservations", MEMBER, list_fields, 200, answer_statement, SQL_reservations,
		.name = "reservations", .summary = "Held for me",
		.answer_schema = &reservations_schema, .menu = "Held" },
	{ DELETE, "/reservations/{reservation_id}", MEMBER, NULL, 204, answer_statement,
		SQL_cancel_reservation, .name = "cancel_reservation", .summary = "Let it go",
		.redirect = "/reservations", .shown_on = { "/reservations" } },

	/* Accounts */
	{ POST, "/sessions", ANYONE, new_session_fields, 201, create_session, SQL_create_session,
		.deferred = true, .name = "create_session", .summary = "Sign in",
		.answer_schema = &session_schema, .redirect = "/account", .shown_on = { "401" },
		REFUSES(ERR_WRONG_PASSWORD, ERR_TOO_MANY_REQUESTS) },
	{ POST, "/accounts", ANYONE, new_account_fields, 201, create_account, SQL_create_account,
		.deferred = true, .key = KEY_OF_FORM, .name = "create_account",
		.summary = "Sign up", .answer_schema = &session_schema, .redirect = "/account",
		.shown_on = { "401" }, REFUSES(ERR_EMAIL_TAKEN) },
	{ GET, "/account", MEMBER, NULL, 200, answer_statement, SQL_account, .name = "account",
		.summary = "My account", .answer_schema = &account_schema, .menu = "Account" },
	{ PUT, "/account/address", MEMBER, address_fields, 200, answer_statement, SQL_put_address,
		.name = "put_address", .summary = "Save my address",
		.answer_schema = &address_schema, .redirect = "/account",
		.shown_on = { "/account" } },
	{ PUT, "/account/password", MEMBER, new_password_fields, 204, change_password,
		SQL_change_password, .deferred = true, .name = "change_password",
		.summary = "Change my password", .redirect = "/account", .shown_on = { "/account" },
		REFUSES(ERR_WRONG_PASSWORD, ERR_TOO_MANY_REQUESTS) },
	{ PUT, "/account/email", MEMBER, new_email_fields, 200, change_email, SQL_change_email,
		.deferred = true, .name = "change_email", .summary = "Change my e-mail",
		.answer_schema = &account_schema, .redirect = "/account",
		.shown_on = { "/account" },
		REFUSES(ERR_WRONG_PASSWORD, ERR_EMAIL_TAKEN, ERR_TOO_MANY_REQUESTS) },
	{ PUT, "/account/sharing", MEMBER, sharing_fields, 200, answer_statement, SQL_put_sharing,
		.name = "put_sharing", .summary = "Save what friends see",
		.answer_schema = &sharing_schema, .redirect = "/account",
		.shown_on = { "/account" } },
	{ GET, "/account/export", MEMBER, NULL, 200, answer_statement, SQL_export_account,
		.name = "export_account", .summary = "All that is kept about me",
		.answer_schema = &export_schema },
	{ DELETE, "/account", MEMBER, deletion_fields, 204, delete_account, SQL_delete_account,
		.deferred = true, .key = KEY_NEVER, .ends_session = true, .name = "delete_account",
		.summary = "Delete my account", .redirect = "/listings", .shown_on = { "/account" },
		REFUSES(ERR_WRONG_PASSWORD, ERR_INVALID_STATE, ERR_TOO_MANY_REQUESTS) },
	{ GET, "/account/confirmation", ANYONE, link_fields, 200, get_link, .name = "confirmation",
		.summary = "Confirm an e-mail", .answer_schema = &link_schema,
		.no_referrer = true },
	{ POST, "/account/confirmation", MEMBER, NULL, 202, ask_confirmation, SQL_ask_confirmation,
		.name = "ask_confirmation", .summary = "Mail me a link that confirms my e-mail",
		.answer_schema = &accepted_schema, .redirect = "/account/confirmation",
		.shown_on = { "/account" }, .hidden_if = "email_confirmed",
		REFUSES(ERR_INVALID_STATE) },
	{ PUT, "/account/confirmation", ANYONE, confirmation_fields, 204, confirm_email,
		SQL_confirm_email, .name = "confirm_email", .summary = "Confirm this e-mail",
		.redirect = "/account", .shown_on = { "/account/confirmation" },
		.hidden_unless = "token", .no_referrer = true },
	{ GET, "/password-resets", ANYONE, link_fields, 200, get_link, .name = "password_reset",
		.summary = "Forgot your password?", .answer_schema = &link_schema,
		.no_referrer = true },
	{ POST, "/password-resets", ANYONE, reset_request_fields, 202, ask_password_reset,
		SQL_ask_password_reset, .name = "ask_password_reset", .summary = "Mail me a link",
		.answer_schema = &accepted_schema, .redirect = "/password-resets",
		.shown_on = { "/password-resets" }, .hidden_if = "token", .no_referrer = true,
		REFUSES(ERR_INVALID_STATE) },
	{ PUT, "/password-resets", ANYONE, reset_fields, 204, reset_password, SQL_reset_password,
		.deferred = true, .name = "reset_password", .summary = "Set a new password",
		.redirect = "/account", .shown_on = { "/password-resets" },
		.hidden_unless = "token", .no_referrer = true },
	{ GET, "/sessions", MEMBER, list_fields, 200, answer_statement, SQL_sessions,
		.name = "sessions", .summary = "Where you are signed in",
		.answer_schema = &sessions_schema, .menu = "Sessions" },
	{ DELETE, "/sessions/{session_id}", MEMBER, NULL, 204, end_account_session,
		SQL_end_account_session, .key = KEY_NEVER, .name = "end_account_session",
		.summary = "Sign out there", .redirect = "/sessions", .shown_on = { "/sessions" },
		.hidden_if = "current" },
	{ DELETE, "/sessions", MEMBER, NULL, 204, answer_statement, SQL_end_other_sessions,
		.key = KEY_NEVER, .name = "end_other_sessions",
		.summary = "Sign out everywhere else", .redirect = "/sessions",
		.shown_on = { "/sessions" } },
	{ DELETE, "/sessions/current", MEMBER, NULL, 204, end_session, SQL_end_session,
		.key = KEY_NEVER, .ends_session = true, .name = "end_session",
		.summary = "Sign out", .redirect = "/listings", .shown_on = { "/account" } },

	/* Shops */
	{ POST, "/shops", MEMBER, new_shop_fields, 201, answer_statement, SQL_create_shop,
		.name = "create_shop", .summary = "Open a shop", .answer_schema = &shop_schema,
		.redirect = SHOP, .shown_on = { "/account" }, .hidden_if = "shop_id",
		REFUSES(ERR_SHOP_EXISTS, ERR_NAME_TAKEN) },
	{ GET, SHOP, ANYONE, NULL, 200, answer_statement, SQL_shop, .name = "shop",
		.summary = "A shop", .named_by = "name", .answer_schema = &shop_schema,
		.menu = "My shop" },
	{ GET, SHOP "/desk", OWNER, NULL, 200, answer_statement, SQL_shop_desk, .name = "shop_desk",
		.summary = "What needs attention", .answer_schema = &desk_schema },
	{ GET, LISTINGS, ANYONE, shop_listing_filter_fields, 200, find_shop_listings,
		SQL_shop_listings, .name = "shop_listings", .summary = "What the shop offers",
		.answer_schema = &shop_listings_schema },
	{ POST, LISTINGS, OWNER, new_listing_fields, 201, answer_statement, SQL_create_listing,
		.nonblocking = true, .name = "create_listing", .summary = "List a shoe",
		.answer_schema = &listing_schema, .redirect = LISTING,
		.shown_on = { LISTINGS, SHOP } },
	{ POST, LISTINGS "/import", OWNER, NULL, 201, import_listings, SQL_import_listings,
		.file = &import_file, .name = "import_listings",
		.summary = "List what a file of CSV says", .answer_schema = &import_schema,
		.redirect = LISTINGS, .shown_on = { LISTINGS } },
	{ GET, LISTINGS "/export", OWNER, NULL, 200, export_listings, SQL_export_listings,
		.name = "export_listings", .summary = "What the shop offers, as CSV",
		.answer_type = "text/csv" },
	{ GET, SHOP "/orders/export", OWNER, NULL, 200, export_orders, SQL_export_orders,
		.name = "export_orders", .summary = "What was sold, as CSV",
		.answer_type = "text/csv" },
	{ PATCH, LISTINGS "/{listing_id}", OWNER, listing_change_fields, 200, answer_statement,
		SQL_change_listing, .name = "change_listing", .summary = "Change the listing",
		.answer_schema = &listing_schema, .redirect = LISTING, .shown_on = { LISTING } },
	{ POST, LISTINGS "/{listing_id}/stock", OWNER, stock_fields, 201, answer_statement,
		SQL_adjust_stock, .name = "adjust_stock", .summary = "Change the stock",
		.answer_schema = &stock_schema, .redirect = LISTING, .shown_on = { LISTING },
		REFUSES(ERR_OUT_OF_STOCK) },
	{ DELETE, LISTINGS "/{listing_id}", OWNER, NULL, 204, answer_statement,
		SQL_withdraw_listing, .name = "withdraw_listing", .summary = "Withdraw the listing",
		.redirect = LISTINGS, .shown_on = { LISTING } },
	{ POST, PHOTOS, OWNER, NULL, 201, add_photo, SQL_add_photo, .file = &photo_body,
		.deferred = true, .name = "add_photo", .summary = "Add a photo",
		.answer_schema = &listing_schema, .redirect = LISTING, .shown_on = { LISTING } },
	{ PUT, PHOTOS, OWNER, photo_order_fields, 200, answer_statement, SQL_order_photos,
		.name = "order_photos", .summary = "Put the photos in this order",
		.answer_schema = &listing_schema, .redirect = LISTING, .shown_on = { LISTING },
		.shown_while = has_photos },
	{ DELETE, PHOTOS "/{photo_id}", OWNER, NULL, 204, answer_statement, SQL_delete_photo,
		.name = "delete_photo", .summary = "Delete the photo", .redirect = LISTING,
		.shown_on = { LISTING } },
	{ GET, "/photos/{hash}/{file}", ANYONE, NULL, 200, get_photo, SQL_photo_file,
		.name = "photo", .summary = "A photo", .cache = FOR_EVER },
	{ GET, SHOP "/sale", ANYONE, NULL, 200, answer_statement, SQL_current_sale,
		.name = "current_sale", .summary = "The running flash sale",
		.answer_schema = &sale_schema, .cache = PUBLIC },
	{ POST, SHOP "/sales", OWNER, new_sale_fields, 201, start_flash_sale, SQL_start_flash_sale,
		.name = "start_flash_sale", .summary = "Start a flash sale",
		.answer_schema = &sale_schema, .redirect = SHOP "/sale", .shown_on = { SHOP },
		REFUSES(ERR_SALE_ACTIVE) },
	{ DELETE, SHOP "/sale", OWNER, NULL, 204, answer_statement, SQL_end_sale,
		.name = "end_sale", .summary = "End the sale", .redirect = SHOP,
		.shown_on = { SHOP "/sale" } },
	{ GET, SHOP "/shipments", OWNER, shipment_filter_fields, 200, answer_statement,
		SQL_shop_shipments, .name = "shop_shipments", .summary = "What to send",
		.answer_schema = &shipments_schema },
	{ GET, SHOP "/shipments/{shipment_id}", OWNER, NULL, 200, answer_statement,
		SQL_shop_shipment, .name = "shop_shipment", .summary = "A shipment",
		.answer_schema = &shipment_schema },
	{ PATCH, SHOP "/shipments/{shipment_id}", OWNER, shipment_change_fields, 200,
		answer_statement, SQL_change_shipment, .name = "change_shipment",
		.summary = "Note what was sent", .answer_schema = &shipment_schema,
		.redirect = SHOP "/shipments",
		.shown_on = { SHOP "/shipments", SHOP "/shipments/{shipment_id}" },
		.shown_while = is_not_cancelled, REFUSES(ERR_INVALID_STATE) },
	{ GET, SHOP "/balance", OWNER, balance_fields, 200, answer_with_terms, SQL_shop_balance,
		.name = "shop_balance", .summary = "What the shop earned",
		.answer_schema = &balance_schema },
	{ GET, SHOP "/payouts", OWNER, list_fields, 200, answer_statement, SQL_shop_payouts,
		.name = "shop_payouts", .summary = "What was paid out",
		.answer_schema = &payouts_schema },
	{ POST, SHOP "/payouts", OWNER, new_payout_fields, 201, answer_with_terms,
		SQL_request_payout, .name = "request_payout", .summary = "Ask for a payout",
		.answer_schema = &payout_schema, .redirect = SHOP "/payouts",
		.shown_on = { SHOP "/balance" }, .hidden_unless = "fee_bps",
		REFUSES(ERR_OUT_OF_FUNDS, ERR_INVALID_STATE) },
	{ PUT, SHOP "/profile", OWNER, profile_fields, 200, answer_statement, SQL_put_profile,
		.name = "put_profile", .summary = "Save what the shop says of itself",
		.answer_schema = &shop_schema, .redirect = SHOP, .shown_on = { SHOP } },
	{ PUT, SHOP "/promotion", OWNER, promotion_fields, 200, answer_with_terms, SQL_promote_shop,
		.name = "promote_shop", .summary = "Promote the shop",
		.answer_schema = &shop_schema, .redirect = SHOP, .shown_on = { SHOP },
		REFUSES(ERR_OUT_OF_FUNDS) },
	{ GET, SHOP "/verification", OWNER, NULL, 200, answer_statement, SQL_verification,
		.name = "verification", .summary = "Is the shop verified?",
		.answer_schema = &verification_schema, .admins_too = true },
	{ POST, SHOP "/verification", OWNER, NULL, 201, answer_statement, SQL_ask_verification,
		.name = "ask_verification", .summary = "Ask to be verified",
		.answer_schema = &verification_schema, .redirect = SHOP "/verification",
		.shown_on = { SHOP "/verification" } },
	{ PUT, SHOP "/verification", ADMIN, verdict_fields, 200, answer_statement,
		SQL_decide_verification, .name = "decide_verification",
		.summary = "Verify the shop, or not", .answer_schema = &verification_schema,
		.redirect = SHOP "/verification",
		.shown_on = { "/admin/verifications", SHOP "/verification" } },
	{ GET, SHOP "/reviews", ANYONE, list_fields, 200, answer_statement, SQL_shop_reviews,
		.name = "shop_reviews", .summary = "What buyers say",
		.answer_schema = &reviews_schema },
	{ PUT, SHOP "/review", MEMBER, review_fields, 200, answer_statement, SQL_put_review,
		.name = "put_review", .summary = "Review the shop", .answer_schema = &review_schema,
		.redirect = SHOP "/reviews", .shown_on = { SHOP "/reviews" },
		REFUSES(ERR_FORBIDDEN) },

	/* For the payment provider */
	{ POST, "/payments/events", ANYONE, NULL, 200, take_payment_event, SQL_take_provider_event,
		.raw_body = true, .name = "take_payment_event",
		.summary = "An event of the payment provider", .answer_schema = &taken_event_schema,
		REFUSES(ERR_BAD_SIGNATURE) },

	/* For operators */
	{ GET, "/health", ANYONE, health_fields, 200, get_health, .name = "health",
		.summary = "Is it well?", .answer_schema = &health_schema },
	{ GET, "/metrics", OPERATOR, NULL, 200, get_metrics, .name = "metrics",
		.summary = "Figures for Prometheus" },
	{ GET, "/openapi.json", ANYONE, NULL, 200, get_openapi, .name = "openapi",
		.summary = "This contract as OpenAPI" },
	{ GET, "/admin/audit", ADMIN, NULL, 200, answer_statement, SQL_audit, .name = "audit",
		.summary = "Does everything add up?", .answer_schema = &audit_schema,
		.menu = "Audit" },
	{ GET, "/admin/verifications", ADMIN, list_fields, 200, answer_statement, SQL_verifications,
		.name = "verifications", .summary = "Shops that wait to be verified",
		.answer_schema = &waiting_shops_schema, .menu = "Verifications" },
	{ GET, "/admin/log", ADMIN, list_fields, 200, answer_statement, SQL_acts, .name = "acts",
		.summary = "What admins did", .answer_schema = &acts_schema, .menu = "Log" },
	{ GET, "/admin/lookup", ADMIN, lookup_fields, 200, answer_statement, SQL_lookup,
		.name = "lookup", .summary = "Find an account, an order, a shop",
		.answer_schema = &lookup_schema, .menu = "Find" },
	{ GET, "/admin/accounts/{account_id}", ADMIN, NULL, 200, answer_statement,
		SQL_admin_account, .name = "admin_account", .summary = "An account",
		.named_by = "name", .answer_schema = &admin_account_schema },
	{ GET, "/admin/orders/{order_id}", ADMIN, NULL, 200, answer_statement, SQL_admin_order,
		.name = "admin_order", .summary = "An order",
		.answer_schema = &admin_order_schema },
	{ PUT, "/admin" SHOP "/suspension", ADMIN, suspension_fields, 200, answer_statement,
		SQL_suspend_shop, .name = "suspend_shop", .summary = "Suspend the shop, or not",
		.answer_schema = &shop_suspension_schema, .redirect = SHOP, .shown_on = { SHOP } },
	{ PUT, "/admin" LISTING "/suspension", ADMIN, suspension_fields, 200, answer_statement,
		SQL_suspend_listing, .name = "suspend_listing",
		.summary = "Suspend the listing, or not",
		.answer_schema = &listing_suspension_schema, .redirect = LISTING,
		.shown_on = { LISTING } },
	{ GET, "/admin/shipments/{shipment_id}", ADMIN, NULL, 200, answer_statement,
		SQL_admin_shipment, .name = "admin_shipment", .summary = "A shipment",
		.answer_schema = &shipment_schema },
	{ PUT, "/admin/shipments/{shipment_id}", ADMIN, shipment_refund_fields, 200,
		answer_statement, SQL_refund_shipment, .name = "refund_shipment",
		.summary = "Give a shipment back", .answer_schema = &shipment_schema,
		.redirect = "/admin/shipments/{shipment_id}",
		.shown_on = { "/admin/shipments/{shipment_id}" }, .shown_while = is_pending,
		REFUSES(ERR_INVALID_STATE) },
	{ GET, "/admin/payouts", ADMIN, list_fields, 200, answer_statement, SQL_payouts,
		.name = "payouts", .summary = "Payouts to decide", .answer_schema = &payouts_schema,
		.menu = "Payouts" },
	{ PUT, "/admin/payouts/{payout_id}", ADMIN, payout_verdict_fields, 200, answer_statement,
		SQL_decide_payout, .name = "decide_payout", .summary = "Pay it, or refuse",
		.answer_schema = &payout_schema, .redirect = "/admin/payouts",
		.shown_on = { "/admin/payouts" }, .shown_while = is_requested,
		REFUSES(ERR_INVALID_STATE) },
	{ GET, "/admin/payments", ADMIN, payment_filter_fields, 200, answer_statement,
		SQL_payment_rows, .name = "payments", .summary = "Payments",
		.answer_schema = &admin_payments_schema, .menu = "Payments" },
	{ PUT, "/admin/payments/{order_id}", ADMIN, payment_change_fields, 200, answer_statement,
		SQL_decide_payment, .name = "decide_payment", .summary = "See to it",
		.answer_schema = &admin_payment_schema, .redirect = "/admin/payments",
		.shown_on = { "/admin/payments" }, .hidden_unless = "flag",
		REFUSES(ERR_INVALID_STATE) },
	{ GET, "/admin/outbox", ADMIN, outbox_filter_fields, 200, answer_statement, SQL_outbox_rows,
		.name = "outbox", .summary = "Calls of other servers, and mails",
		.answer_schema = &outbox_schema, .menu = "Outbox" },
	{ PUT, "/admin/outbox/{outbox_id}", ADMIN, outbox_change_fields, 200, answer_statement,
		SQL_outbox_again, .name = "retry_outbox", .summary = "Try again",
		.answer_schema = &outbox_row_schema, .redirect = "/admin/outbox",
		.shown_on = { "/admin/outbox" }, .shown_while = is_not_done,
		REFUSES(ERR_INVALID_STATE) },
};

/* Pages and files at the root of the site, for browsers and search engines. */
static const struct route root[] = {
	{ GET, "/shoes/{shoe_id}", ANYONE, shoe_page_fields, 200, show_shoe_page, SQL_shoe_page,
		.name = "shoe_page", .summary = "A shoe", .cache = PUBLIC_IF_ANONYMOUS },
	{ GET, LISTING, ANYONE, NULL, 200, show_listing_page, SQL_listing, .name = "listing_page",
		.summary = "A listing", .cache = PUBLIC_IF_ANONYMOUS },
	{ GET, "/docs", ANYONE, NULL, 200, show_docs, .name = "docs",
		.summary = "The API, call by call", .cache = PUBLIC },
	{ GET, "/robots.txt", ANYONE, NULL, 200, get_robots, .name = "robots",
		.summary = "For search engines", .cache = PUBLIC_FOR_AN_HOUR },
	{ GET, "/sitemap.xml", ANYONE, NULL, 200, get_sitemap, SQL_sitemap, .name = "sitemap",
		.summary = "The parts of the sitemap", .cache = PUBLIC_FOR_AN_HOUR },
	{ GET, "/sitemaps/shoes/{part_id}", ANYONE, NULL, 200, get_sitemap_shoes, SQL_sitemap_shoes,
		.deferred = true, .name = "sitemap_shoes", .summary = "A part of the sitemap",
		.cache = PUBLIC_FOR_AN_HOUR },
	{ GET, "/sitemaps/shops/{part_id}", ANYONE, NULL, 200, get_sitemap_shops, SQL_sitemap_shops,
		.deferred = true, .name = "sitemap_shops", .summary = "A part of the sitemap",
		.cache = PUBLIC_FOR_AN_HOUR },
};

const struct site market_site = {
	.routes = routes,
	.n_routes = sizeof routes / sizeof routes[0],
	.root = root,
	.n_root = sizeof root / sizeof root[0],
	.wordings = delivery_wordings,
	.viewer = answer_viewer,
	.background_tick = market_tick,
	.guarded_by_database = true,
};
