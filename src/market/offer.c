#include "market/offer.h"

#include <string.h>

#include "base/secret.h"
#include "http/html.h"
#include "http/money.h"

int64_t
offer_integer(const struct json *object, const char *name)
{
	int64_t n = 0;

	json_int64(json_get(object, name), &n);
	return n;
}

const char *
offer_text(const struct json *object, const char *name)
{
	const char *text = json_text(json_get(object, name));

	return text == NULL ? "" : text;
}

static bool
is_there(const struct json *object, const char *name)
{
	const struct json *member = json_get(object, name);

	return member != NULL && json_kind(member) != JSON_KIND_NULL;
}

int64_t
offer_price_cents(const struct json *listing)
{
	return offer_integer(listing,
		is_there(listing, "sale_price_cents") ? "sale_price_cents" : "price_cents");
}

const struct json *
offer_photo(const struct json *listing)
{
	return json_first_element(json_get(listing, "photos"));
}

char *
offer_size_words(const char *audience, const char *size, enum size_unit unit)
{
	static const char *const words[][2] = { { "men", "Men's" }, { "women", "Women's" },
		{ "youth", "Youth" }, { "unisex", "Unisex" } };
	g_autofree char *of_unit = size_words(unit, audience, size);

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
		if (strcmp(words[i][0], audience) == 0)
			return g_strdup_printf("%s %s", words[i][1], of_unit);
	return g_strdup(of_unit);
}

/* "black" as the first word of a sentence. Free with g_free(). */
static char *
capital(const char *word)
{
	char *out = g_strdup(word);

	out[0] = g_ascii_toupper(out[0]);
	return out;
}

void
offer_write_picture(GString *out, const struct json *shoe, const struct json *photo)
{
	const char *color = offer_text(shoe, "color");
	g_autofree char *alt = g_strdup_printf(
		"%s %s, %s", offer_text(shoe, "brand"), offer_text(shoe, "style"), color);

	if (photo == NULL) {
		g_string_append_printf(out,
			"<div class=\"stage c-%s\"><svg viewBox=\"0 0 200 120\" "
			"aria-hidden=\"true\" focusable=\"false\">"
			"<use href=\"/shoes.svg#low\"></use></svg></div>\n",
			color);
		return;
	}
	g_string_append(out, "<div class=\"photo\"><img");
	html_attribute(out, "src", offer_text(photo, "url"));
	html_attribute(out, "alt", alt);
	g_string_append_printf(out,
		" width=\"%" G_GINT64_FORMAT "\" height=\"%" G_GINT64_FORMAT
		"\" fetchpriority=\"high\"></div>\n",
		offer_integer(photo, "width"), offer_integer(photo, "height"));
}

/* ---- what it costs ---- */

static void
money_write(GString *out, const char *tag, int64_t cents)
{
	g_autofree char *words = money_words(cents);

	html_element(out, tag, words);
}

/* The parts of a whole price: the price, if it is not all of it, and that which a sale replaces. */
static void
price_write(GString *out, const struct json *listing, bool is_all)
{
	if (is_there(listing, "sale_price_cents")) {
		g_string_append(out, "<span class=\"on-sale\"><strong>On sale</strong>");
		if (!is_all) {
			g_string_append(out, " for ");
			money_write(out, "span", offer_price_cents(listing));
		}
		g_string_append(out, " <span class=\"unseen\">instead of </span>");
		money_write(out, "s", offer_integer(listing, "price_cents"));
		g_string_append(out, "</span>");
	} else if (!is_all) {
		money_write(out, "span", offer_price_cents(listing));
	} else {
		return;
	}
	g_string_append(out, is_all ? ". " : "");
}

/* What is added to the price, and how one gets the pair. */
static void
delivery_write(GString *out, const struct json *listing)
{
	int64_t shipping_cents = offer_integer(listing, "shipping_cents");

	if (!is_there(listing, "shipping_cents")) {
		g_string_append(out, "Pick-up only");
		return;
	}
	if (shipping_cents == 0) {
		g_string_append(out, "Free shipping");
	} else {
		g_string_append(out, " + ");
		money_write(out, "span", shipping_cents);
		g_string_append(out, " shipping");
	}
	if (json_bool(json_get(listing, "offers_pickup")))
		g_string_append(out, ", or pick-up");
}

static void
cost_write(GString *out, const struct json *listing, int64_t total_cents)
{
	bool is_all = total_cents == offer_price_cents(listing);

	g_string_append(out, "<div class=\"cost\"><p class=\"price\">");
	money_write(out, "span", total_cents);
	g_string_append(out, "</p><p class=\"hint\">");
	price_write(out, listing, is_all);
	delivery_write(out, listing);
	g_string_append(out, "</p></div>\n");
}

/* ---- what it is, and whose ---- */

static void
condition_write(GString *out, const struct json *listing)
{
	static const char *const boxes[][2] = { { "original", "original box" },
		{ "replaced", "replacement box" }, { "none", "no box" } };
	g_autofree char *condition = capital(offer_text(listing, "condition"));
	const char *box = offer_text(listing, "box");

	html_element(out, "strong", condition);
	for (size_t i = 0; i < G_N_ELEMENTS(boxes); i++)
		if (strcmp(boxes[i][0], box) == 0) {
			g_string_append(out, ", ");
			g_string_append(out, boxes[i][1]);
		}
}

static void
shop_write(GString *out, const struct json *listing)
{
	g_string_append_printf(out, "<a href=\"/shop.html?id=%" G_GINT64_FORMAT "\">",
		offer_integer(listing, "shop_id"));
	html_typed(out, offer_text(listing, "shop_name"));
	g_string_append(out, "</a>");
	if (json_bool(json_get(listing, "verified")))
		g_string_append(out, " <span class=\"badge good\">Verified</span>");
}

static void
rating_write(GString *out, const struct json *offer)
{
	int64_t reviews = offer_integer(offer, "reviews");

	if (reviews == 0)
		g_string_append(out, " <span class=\"hint\">No reviews yet</span>");
	else
		g_string_append_printf(out,
			" <span class=\"hint\"><span aria-hidden=\"true\">★ </span>%.1f of 5 "
			"(%" G_GINT64_FORMAT " review%s)</span>",
			json_number(json_get(offer, "rating")), reviews, reviews == 1 ? "" : "s");
}

/* What the shop says of the pair, on one line. */
static void
description_write(GString *out, const struct json *listing)
{
	const char *description = offer_text(listing, "description");

	if (*description == '\0')
		return;
	g_string_append(out, "<p class=\"said\">");
	html_typed(out, description);
	g_string_append(out, "</p>");
}

void
offer_write_form(GString *out, const struct json *listing)
{
	g_autofree char *id =
		g_strdup_printf("%" G_GINT64_FORMAT, offer_integer(listing, "listing_id"));
	char key[RANDOM_ID_SIZE];

	if (offer_integer(listing, "available") == 0) {
		g_string_append(out, "<p class=\"sold-out\">Sold out</p>\n");
		return;
	}
	secret_random_id(key);
	g_string_append(out, "<form class=\"add\" method=\"post\" action=\"/api/cart/items\">");
	html_hidden(out, "idempotency_key", key);
	html_hidden(out, "listing_id", id);
	html_hidden(out, "quantity", "1");
	g_string_append(out, "<button>Add to cart<span class=\"unseen\">: ");
	html_typed(out, offer_text(listing, "shop_name"));
	g_string_append(out, "</span></button></form>\n");
}

static void
size_write(GString *out, const struct json *listing, enum size_unit unit)
{
	g_autofree char *us = json_plain(json_get(listing, "size"));
	const char *audience = offer_text(listing, "audience");
	g_autofree char *words = offer_size_words(audience, us == NULL ? "" : us, unit);

	html_element(out, "p class=\"for\"", words);
}

void
offer_write(GString *out, const struct json *offer, enum size_unit unit, bool with_size)
{
	const struct json *listing = json_get(offer, "listing");
	int64_t id = offer_integer(listing, "listing_id");

	g_string_append(out, "<li class=\"offer\">\n");
	cost_write(out, listing, offer_integer(offer, "total_cents"));
	g_string_append(out, "<div class=\"what\">");
	if (with_size)
		size_write(out, listing, unit);
	g_string_append(out, "<p>");
	condition_write(out, listing);
	g_string_append(out, "</p>");
	description_write(out, listing);
	g_string_append(out, "<p>");
	shop_write(out, listing);
	rating_write(out, offer);
	g_string_append(out, "</p></div>\n<div class=\"do\">");
	offer_write_form(out, listing);
	g_string_append_printf(out,
		"<a href=\"/listing.html?id=%" G_GINT64_FORMAT
		"\">Details<span class=\"unseen\"> of the pair of ",
		id);
	html_typed(out, offer_text(listing, "shop_name"));
	g_string_append(out, "</span></a></div>\n</li>\n");
}

void
offer_write_facts(GString *out, const struct json *listing, enum size_unit unit)
{
	cost_write(out, listing,
		offer_price_cents(listing) + offer_integer(listing, "shipping_cents"));
	size_write(out, listing, unit);
	g_string_append(out, "<p>");
	condition_write(out, listing);
	g_string_append(out, "</p>");
	description_write(out, listing);
	g_string_append(out, "<p id=\"seller\">Sold by ");
	shop_write(out, listing);
	g_string_append(out, "</p>\n");
}
