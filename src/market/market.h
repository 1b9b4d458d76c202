/*
 * What the nouns of the market give to the table of routes: the fields that each lets in, the shapes of its answers, and the few
 * handlers where C has something to do. Each noun is one file; none includes another.
 */
#ifndef SHOETOPIA_MARKET_MARKET_H
#define SHOETOPIA_MARKET_MARKET_H

#include "http/http.h"

enum {
	NAME_MAX_CHARACTERS = 80,
	TEXT_MAX_CHARACTERS = 2000,
	PRICE_CENTS_MAX = 10000000,
	QUANTITY_MAX = 100000,
	PAIRS_MAX = 1000000, /* of a change of stock, and of a sale's discounts */
	LIMIT_MAX = 100,
	HOLD_SECONDS = 900, /* how long a pair is held, if nothing else is said */
};

/* The two fields of every list. */
#define PAGING                                                                                     \
	{ "limit", FIELD_INTEGER, .min = 1, .max = LIMIT_MAX, .default_value = "20",               \
		.api_only = true },                                                                \
	{                                                                                          \
		"cursor", FIELD_TEXT, .min = 1, .max = 300, .optional = true, .api_only = true     \
	}

/* The whole site: routes.c. */
extern const struct site market_site;

/* A list of some schema and nothing else. */
extern const struct field list_fields[];

/* account.c */
extern const struct field new_account_fields[], new_session_fields[], new_password_fields[],
	new_email_fields[], address_fields[];
extern const struct answer_schema account_schema, session_schema, address_schema;
enum err create_account(const struct request *req, struct answer *ans);
enum err create_session(const struct request *req, struct answer *ans);
enum err end_session(const struct request *req, struct answer *ans);
enum err change_password(const struct request *req, struct answer *ans);
enum err change_email(const struct request *req, struct answer *ans);

/* shop.c */
extern const struct field new_shop_fields[], promotion_fields[], verdict_fields[], review_fields[];
extern const struct answer_schema shop_schema, verification_schema, review_schema, reviews_schema,
	balance_schema, waiting_shops_schema;

/* listing.c */
extern const struct field new_listing_fields[], price_fields[], stock_fields[];
extern const struct answer_schema listing_schema, stock_schema, shop_listings_schema;

/* search.c */
extern const struct field listing_filter_fields[], compare_fields[];
extern const struct answer_schema found_schema, compared_schema, shoe_schema;

/* sale.c */
extern const struct field new_sale_fields[];
extern const struct answer_schema sale_schema, sales_schema;

/* appointment.c */
extern const struct field new_slot_fields[], slot_filter_fields[];
extern const struct answer_schema slot_schema, slots_schema, booked_slot_schema,
	appointments_schema;

/* event.c */
extern const struct field new_event_fields[], event_change_fields[];
extern const struct answer_schema event_schema, events_schema, booking_schema;

/* cart.c */
extern const struct field cart_item_fields[];
extern const struct answer_schema cart_schema;

/* order.c */
extern const struct field new_order_fields[], shipment_filter_fields[], shipment_change_fields[];
extern const struct answer_schema order_schema, orders_schema, shipment_schema, shipments_schema;

/* wishlist.c */
extern const struct field wishlist_fields[];
extern const struct answer_schema wishlist_schema;

/* friend.c */
extern const struct field new_friend_fields[], friend_filter_fields[];
extern const struct answer_schema asked_schema, friends_schema, suggestions_schema;

/* recommendation.c */
extern const struct answer_schema recommendations_schema;

/* reservation.c */
extern const struct field new_reservation_fields[];
extern const struct answer_schema reserved_schema, reservations_schema;
enum err create_reservation(const struct request *req, struct answer *ans);
/* Says how long a pair is held. Call it, if at all, before the first request. */
void reservation_set_hold_seconds(int seconds);
/* Frees some hundreds of pairs whose holds have expired. False: there were none, or it could not be done now. */
bool release_expired(void);

/* operator.c */
extern const struct answer_schema health_schema, audit_schema;
enum err get_metrics(const struct request *req, struct answer *ans);
enum err get_openapi(const struct request *req, struct answer *ans);

/* words.c: what a shoe can be */
extern const char *const shoe_colors[];
extern const char *const shoe_conditions[];
extern const char *const shoe_audiences[];

#endif
