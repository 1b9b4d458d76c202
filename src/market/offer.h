/* How a listing is shown on the pages of shoes: what it costs, its shop, the form to buy it. */
#ifndef SHOETOPIA_MARKET_OFFER_H
#define SHOETOPIA_MARKET_OFFER_H

#include "base/json.h"
#include "market/size.h"

/* The integer of a member; 0 if it is none. */
int64_t offer_integer(const struct json *object, const char *name);

/* The text of a member; "" if it is none. */
const char *offer_text(const struct json *object, const char *name);

/* What a pair costs now: at the price of the sale where there is one. */
int64_t offer_price_cents(const struct json *listing);

/* The first photo of a listing; NULL: none. */
const struct json *offer_photo(const struct json *listing);

/* "Men's US 9.5". Free with g_free(). */
char *offer_size_words(const char *audience, const char *size, enum size_unit unit);

/* Appends the picture of a listing or shoe: its photo, or a drawing where `photo` is NULL. */
void offer_write_picture(GString *out, const struct json *shoe, const struct json *photo);

/*
 * Appends an offer of a list, as <li>: { "total_cents", "rating", "reviews", "listing" }. With
 * `with_size` it says which size it is.
 */
void offer_write(GString *out, const struct json *offer, enum size_unit unit, bool with_size);

/* Appends the facts of a listing: price, delivery, condition; and what its shop says of it. */
void offer_write_facts(GString *out, const struct json *listing, enum size_unit unit);

/* Appends the form that puts a pair into the cart, or that there is none left. */
void offer_write_form(GString *out, const struct json *listing);

#endif
