#include "market/shoe_head.h"

#include <string.h>

#include "http/html.h"
#include "http/money.h"
#include "market/offer.h"

#define SCHEMA_ORG "https://schema.org/"

/* "Swift Dash". Free with g_free(). */
static char *
name_of(const struct json *shoe)
{
	return g_strdup_printf("%s %s", offer_text(shoe, "brand"), offer_text(shoe, "style"));
}

/* "14 offers from $95.00", "1 offer, $95.00". Free with g_free(). */
static char *
offers_of(const struct json *shoe)
{
	int64_t n = offer_integer(shoe, "offers");
	g_autofree char *low = money_words(offer_integer(shoe, "low_cents"));

	if (n == 1)
		return g_strdup_printf("1 offer, %s", low);
	return g_strdup_printf("%" G_GINT64_FORMAT " offers from %s", n, low);
}

char *
shoe_head_title(const struct json *shoe)
{
	g_autofree char *name = name_of(shoe);
	g_autofree char *offers = offers_of(shoe);

	if (offer_integer(shoe, "offers") == 0)
		return g_strdup_printf("%s, %s · Shoetopia", name, offer_text(shoe, "color"));
	return g_strdup_printf("%s, %s: %s · Shoetopia", name, offer_text(shoe, "color"), offers);
}

static char *
description_of(const struct json *shoe)
{
	g_autofree char *name = name_of(shoe);
	g_autofree char *offers = offers_of(shoe);
	int64_t shops = offer_integer(shoe, "shops");
	size_t sizes = json_count(json_get(shoe, "sizes"));

	if (offer_integer(shoe, "offers") == 0)
		return g_strdup_printf("%s in %s: no shop has it right now. Put it on your "
				       "wishlist, and see what it sold for.",
			name, offer_text(shoe, "color"));
	return g_strdup_printf(
		"%s in %s: %s, shipping included, in %zu size%s, by %d shop%s. All offers of the "
		"shoe on one page.",
		name, offer_text(shoe, "color"), offers, sizes, sizes == 1 ? "" : "s", (int)shops,
		shops == 1 ? "" : "s");
}

/* ---- markup ---- */

static void
meta_write(GString *out, const char *attribute, const char *name, const char *content)
{
	g_string_append(out, "<meta");
	html_attribute(out, attribute, name);
	html_attribute(out, "content", content);
	g_string_append(out, ">\n");
}

/* The address of a photo as JPEG, which all who preview links can read. Free with g_free(). */
static char *
image_url(const struct json *photo, const char *url)
{
	const char *path = offer_text(photo, "url");
	size_t length = strlen(path);

	if (g_str_has_suffix(path, ".webp"))
		length -= strlen(".webp");
	return g_strdup_printf("%s%.*s.jpg", url, (int)length, path);
}

static void
open_graph_write(GString *out, const struct json *shoe, const struct json *photo, const char *url,
	const char *page, const char *description)
{
	g_autofree char *name = name_of(shoe);
	g_autofree char *image = image_url(photo, url);

	meta_write(out, "name", "description", description);
	g_string_append(out, "<link rel=\"canonical\"");
	html_attribute(out, "href", page);
	g_string_append(out, ">\n");
	meta_write(out, "property", "og:type", "product");
	meta_write(out, "property", "og:site_name", "Shoetopia");
	meta_write(out, "property", "og:title", name);
	meta_write(out, "property", "og:description", description);
	meta_write(out, "property", "og:url", page);
	if (photo == NULL)
		return;
	meta_write(out, "property", "og:image", image);
	meta_write(out, "property", "og:image:alt", name);
	meta_write(out, "name", "twitter:card", "summary_large_image");
}

/* ---- JSON-LD ---- */

/* A JSON string that cannot end the element that it stands in: no "<", ">" and "&". */
static void
ld_text(GString *out, const char *text)
{
	g_autofree char *quoted = json_quote(text);

	for (const char *p = quoted; *p != '\0'; p++)
		if (strchr("<>&", *p) != NULL)
			g_string_append_printf(out, "\\u%04x", (unsigned)*p);
		else
			g_string_append_c(out, *p);
}

static void
ld_member(GString *out, const char *name, const char *text)
{
	g_string_append_printf(out, ",\"%s\":", name);
	ld_text(out, text);
}

static void
ld_price(GString *out, const char *name, int64_t cents)
{
	g_autofree char *price = money_text(cents);

	ld_member(out, name, price);
}

static void
ld_offer(GString *out, const struct json *listing, const char *url)
{
	g_autofree char *page = g_strdup_printf(
		"%s/listings/%" G_GINT64_FORMAT, url, offer_integer(listing, "listing_id"));
	bool used = strcmp(offer_text(listing, "condition"), "used") == 0;

	g_string_append(out, "{\"@type\":\"Offer\"");
	ld_member(out, "url", page);
	ld_price(out, "price", offer_price_cents(listing));
	ld_member(out, "priceCurrency", "USD");
	ld_member(out, "availability",
		offer_integer(listing, "available") > 0 ? SCHEMA_ORG "InStock"
							: SCHEMA_ORG "OutOfStock");
	ld_member(out, "itemCondition",
		used ? SCHEMA_ORG "UsedCondition" : SCHEMA_ORG "NewCondition");
	g_string_append(out, ",\"seller\":{\"@type\":\"Organization\"");
	ld_member(out, "name", offer_text(listing, "shop_name"));
	g_string_append(out, "}}");
}

/* All offers together, and those that the page shows. */
static void
ld_offers(GString *out, const struct json *shoe, const char *url)
{
	int64_t n = offer_integer(shoe, "offers");
	const char *between = "";

	g_string_append_printf(out, "{\"@type\":\"AggregateOffer\",\"offerCount\":%d", (int)n);
	ld_member(out, "priceCurrency", "USD");
	ld_member(out, "availability", n > 0 ? SCHEMA_ORG "InStock" : SCHEMA_ORG "OutOfStock");
	if (n > 0) {
		ld_price(out, "lowPrice", offer_integer(shoe, "low_price_cents"));
		ld_price(out, "highPrice", offer_integer(shoe, "high_price_cents"));
	}
	g_string_append(out, ",\"offers\":[");
	for (const struct json *offer = json_first_element(json_get(shoe, "shown")); offer != NULL;
		offer = json_next_element(offer)) {
		g_string_append(out, between);
		ld_offer(out, json_get(offer, "listing"), url);
		between = ",";
	}
	g_string_append(out, "]}");
}

static void
ld_begin(GString *out, const struct json *shoe, const struct json *photo, const char *url,
	const char *page)
{
	g_autofree char *name = name_of(shoe);

	g_string_append(out,
		"<script type=\"application/ld+json\">{\"@context\":\"https://schema.org\","
		"\"@type\":\"Product\"");
	ld_member(out, "name", name);
	ld_member(out, "color", offer_text(shoe, "color"));
	ld_member(out, "category", "Shoes");
	ld_member(out, "url", page);
	if (photo != NULL) {
		g_autofree char *image = image_url(photo, url);

		ld_member(out, "image", image);
	}
	g_string_append(out, ",\"brand\":{\"@type\":\"Brand\"");
	ld_member(out, "name", offer_text(shoe, "brand"));
	g_string_append(out, "},\"offers\":");
}

static char *
page_of(const struct json *shoe, const char *url)
{
	return g_strdup_printf("%s/shoes/%" G_GINT64_FORMAT, url, offer_integer(shoe, "shoe_id"));
}

char *
shoe_head_markup(const struct json *shoe, const struct json *photo, const char *url)
{
	GString *out = g_string_new(NULL);
	g_autofree char *page = page_of(shoe, url);
	g_autofree char *description = description_of(shoe);

	open_graph_write(out, shoe, photo, url, page, description);
	ld_begin(out, shoe, photo, url, page);
	ld_offers(out, shoe, url);
	g_string_append(out, "}</script>\n");
	return g_string_free(out, FALSE);
}

/* ---- a listing ---- */

static char *
size_of(const struct json *listing)
{
	g_autofree char *us = json_plain(json_get(listing, "size"));

	return offer_size_words(offer_text(listing, "audience"), us == NULL ? "" : us, SIZE_US);
}

char *
listing_head_title(const struct json *listing)
{
	g_autofree char *name = name_of(listing);
	g_autofree char *size = size_of(listing);

	return g_strdup_printf("%s, %s · Shoetopia", name, size);
}

char *
listing_head_markup(const struct json *listing, const char *url)
{
	GString *out = g_string_new(NULL);
	g_autofree char *page = page_of(listing, url);
	g_autofree char *name = name_of(listing);
	g_autofree char *size = size_of(listing);
	g_autofree char *price = money_words(offer_price_cents(listing));
	g_autofree char *description = g_strdup_printf("%s in %s, %s, %s, %s, sold by %s.", name,
		offer_text(listing, "color"), size, offer_text(listing, "condition"), price,
		offer_text(listing, "shop_name"));
	const struct json *photo = offer_photo(listing);

	open_graph_write(out, listing, photo, url, page, description);
	ld_begin(out, listing, photo, url, page);
	ld_offer(out, listing, url);
	g_string_append(out, "}</script>\n");
	return g_string_free(out, FALSE);
}
