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
#define PAGING \
	{ "limit", WHOLE, .min = 1, .max = LIMIT_MAX, .otherwise = "20", .off_page = true }, \
	{ \
		"cursor", TEXT, .min = 1, .max = 300, .optional = true, .off_page = true \
	}

/* The whole site: routes.c. */
extern const struct site market_site;

/* A list of some shape and nothing else. */
extern const struct field list_fields[];

/* account.c */
extern const struct field new_account_fields[], new_session_fields[], new_password_fields[], new_email_fields[], address_fields[];
extern const struct shape account_shape, session_shape, address_shape;
enum err create_account(const struct request *req, struct answer *ans);
enum err create_session(const struct request *req, struct answer *ans);
enum err end_session(const struct request *req, struct answer *ans);
enum err change_password(const struct request *req, struct answer *ans);
enum err change_email(const struct request *req, struct answer *ans);

/* shop.c */
extern const struct field new_shop_fields[], promotion_fields[], verdict_fields[], review_fields[];
extern const struct shape shop_shape, verification_shape, review_shape, reviews_shape, balance_shape, waiting_shops_shape;

/* listing.c */
extern const struct field new_listing_fields[], price_fields[], stock_fields[];
extern const struct shape listing_shape, stock_shape, shop_listings_shape;

/* search.c */
extern const struct field listing_filter_fields[], compare_fields[];
extern const struct shape found_shape, compared_shape, shoe_shape;

/* sale.c */
extern const struct field new_sale_fields[];
extern const struct shape sale_shape, sales_shape;

/* appointment.c */
extern const struct field new_slot_fields[], slot_filter_fields[];
extern const struct shape slot_shape, slots_shape, booked_slot_shape, appointments_shape;

/* event.c */
extern const struct field new_event_fields[], event_change_fields[];
extern const struct shape event_shape, events_shape, booking_shape;

/* cart.c */
extern const struct field cart_item_fields[];
extern const struct shape cart_shape;

/* order.c */
extern const struct field new_order_fields[], shipment_filter_fields[], shipment_change_fields[];
extern const struct shape order_shape, orders_shape, shipment_shape, shipments_shape;

/* wishlist.c */
extern const struct field wishlist_fields[];
extern const struct shape wishlist_shape;

/* friend.c */
extern const struct field new_friend_fields[], friend_filter_fields[];
extern const struct shape asked_shape, friends_shape, suggestions_shape;

/* recommendation.c */
extern const struct shape recommendations_shape;

/* reservation.c */
extern const struct field new_reservation_fields[];
extern const struct shape reserved_shape, reservations_shape;
enum err create_reservation(const struct request *req, struct answer *ans);
/* Says how long a pair is held. Call it, if at all, before the first request. */
void reservation_lasts(int seconds);
/* Frees some hundreds of pairs whose holds have expired. False: there were none, or it could not be done now. */
bool release_expired(void);

/* operator.c */
extern const struct shape health_shape, audit_shape;
enum err get_metrics(const struct request *req, struct answer *ans);
enum err get_openapi(const struct request *req, struct answer *ans);

/* words.c: what a shoe can be */
extern const char *const shoe_colors[];
extern const char *const shoe_conditions[];
extern const char *const shoe_audiences[];

#endif
