/*
 * The values that the fields of the routes accept: words, numbers, lengths and counts, as in the
 * contract. market_site.c checks which fields a route has.
 */
#include <string.h>

#include "http/request.h"
#include "http/route_table.h"
#include "market/routes.h"
#include "unit.h"

#define COLORS                                                                                     \
	"black grey white ivory beige brown metallic purple blue green yellow orange pink red "    \
	"burgundy other"

static const struct route *
route_of(enum method method, const char *path)
{
	for (size_t i = 0; i < market_site.n_routes; i++)
		if (market_site.routes[i].method == method &&
			strcmp(market_site.routes[i].path, path) == 0)
			return &market_site.routes[i];
	return NULL;
}

/* ---- values ---- */

static const struct field *
field_of(const struct field *fields, const char *name)
{
	for (const struct field *f = fields; f != NULL && f->kind != FIELD_END; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

/* A field of a route by "method path name"; the field of an item by "items.name". */
static const struct field *
contract_field(enum method method, const char *path, const char *name)
{
	const struct route *route = route_of(method, path);
	const char *dot = strchr(name, '.');
	g_autofree char *outer = dot == NULL ? NULL : g_strndup(name, (gsize)(dot - name));
	const struct field *field;

	assert_non_null(route);
	field = field_of(route->fields, dot == NULL ? name : outer);
	return dot == NULL || field == NULL ? field : field_of(field->of, dot + 1);
}

static bool
accepts(const struct field *field, const char *text)
{
	struct value value = { 0 };
	bool fine = field_check(field, text, &value) == NULL;

	value_clear(&value);
	return fine;
}

static void
test_words(void **state)
{
	static const struct {
		enum method method;
		const char *path, *name, *words;
	} table[] = {
		{ POST, "/shops/{shop_id}/listings", "color", COLORS },
		{ POST, "/shops/{shop_id}/listings", "condition", "new used" },
		{ POST, "/shops/{shop_id}/listings", "audience", "youth women men unisex" },
		{ GET, "/listings", "color", COLORS },
		{ GET, "/listings", "condition", "new used" },
		{ GET, "/listings", "audience", "youth women men unisex" },
		{ GET, "/listings", "sort", "promoted price -price newest" },
		{ GET, "/shops/{shop_id}/shipments", "status",
			"pending shipped delivered cancelled" },
		{ PATCH, "/shops/{shop_id}/shipments/{shipment_id}", "status",
			"shipped delivered" },
		{ POST, "/checkout", "delivery", "pickup ship" },
		{ GET, "/friends", "status", "friends asks asked" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		const struct field *field =
			contract_field(table[i].method, table[i].path, table[i].name);
		g_autofree char *words = NULL;

		assert_non_null(field);
		words = g_strjoinv(" ", (char **)(uintptr_t)field->choices);
		assert_string_equal(words, table[i].words);
	}
}

static void
test_figures(void **state)
{
	static const struct {
		enum method method;
		const char *path, *name, *lowest, *highest, *below, *above;
	} table[] = {
		{ POST, "/shops/{shop_id}/listings", "size", "1", "20", "0.5", "20.5" },
		{ POST, "/shops/{shop_id}/listings", "price_cents", "1", "10000000", "0",
			"10000001" },
		{ POST, "/shops/{shop_id}/listings", "quantity", "1", "100000", "0", "100001" },
		{ PATCH, "/shops/{shop_id}/listings/{listing_id}", "price_cents", "1", "10000000",
			"0", "10000001" },
		{ POST, "/shops/{shop_id}/listings/{listing_id}/stock", "delta", "-1000000",
			"1000000", "-1000001", "1000001" },
		{ POST, "/shops/{shop_id}/listings/{listing_id}/stock", "delta", "-1", "1", "0",
			"0" },
		{ POST, "/shops/{shop_id}/sales", "discounts", "1", "1000000", "0", "1000001" },
		{ POST, "/shops/{shop_id}/sales", "percent_off", "1", "99", "0", "100" },
		{ POST, "/shops/{shop_id}/events", "capacity", "1", "1000000", "0", "1000001" },
		{ PATCH, "/events/{event_id}", "capacity", "1", "1000000", "0", "1000001" },
		{ PUT, "/shops/{shop_id}/profile", "shipping_cents", "0", "100000", "-1",
			"100001" },
		{ PUT, "/shops/{shop_id}/promotion", "tier", "1", "3", "0", "4" },
		{ PUT, "/shops/{shop_id}/review", "rating", "1", "5", "0", "6" },
		{ PUT, "/cart/items/{listing_id}", "quantity", "0", "100", "-1", "101" },
		{ POST, "/checkout", "items.quantity", "1", "100000", "0", "-1" },
		{ POST, "/checkout", "items.listing_id", "1", "9007199254740992", "0",
			"9007199254740993" },
		{ POST, "/checkout", "expected_total_cents", "0", "9007199254740992", "-1",
			"9007199254740993" },
		{ POST, "/checkout", "expected_price_cents", "0", "9007199254740992", "-1",
			"9007199254740993" },
		{ PUT, "/wishlist", "shoe_ids", "1", "9007199254740992", "0", "9007199254740993" },
		{ POST, "/friends", "account_id", "1", "9007199254740992", "0",
			"9007199254740993" },
		{ GET, "/listings", "limit", "1", "100", "0", "101" },
		{ GET, "/orders", "limit", "1", "100", "0", "101" },
		{ GET, "/listings", "size", "1", "20", "0.5", "20.5" },
		{ GET, "/listings", "facets", "0", "1", "-1", "2" },
		{ POST, "/reservations", "listing_ids", "1", "9007199254740992", "0",
			"9007199254740993" },
		{ GET, "/reservations", "limit", "1", "100", "0", "101" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		const struct field *field =
			contract_field(table[i].method, table[i].path, table[i].name);

		assert_non_null(field);
		if (!accepts(field, table[i].lowest) || !accepts(field, table[i].highest))
			fail_msg("%s of %s refuses %s or %s", table[i].name, table[i].path,
				table[i].lowest, table[i].highest);
		if (accepts(field, table[i].below) || accepts(field, table[i].above))
			fail_msg("%s of %s lets %s or %s in", table[i].name, table[i].path,
				table[i].below, table[i].above);
	}
}

static void
test_lengths(void **state)
{
	static const struct {
		enum method method;
		const char *path, *name;
		size_t min, max;
	} table[] = {
		{ POST, "/accounts", "name", 1, 80 },
		{ POST, "/accounts", "password", 8, 128 },
		{ PUT, "/account/password", "new_password", 8, 128 },
		{ POST, "/shops", "name", 1, 80 },
		{ POST, "/shops/{shop_id}/slots", "station", 1, 80 },
		{ POST, "/shops/{shop_id}/listings", "brand", 1, 80 },
		{ POST, "/shops/{shop_id}/listings", "style", 1, 80 },
		{ PUT, "/shops/{shop_id}/review", "comment", 0, 2000 },
		{ PUT, "/shops/{shop_id}/profile", "about", 0, 2000 },
		{ PUT, "/shops/{shop_id}/profile", "pickup_address", 0, 2000 },
		{ POST, "/shops/{shop_id}/events", "title", 1, 80 },
		{ PATCH, "/events/{event_id}", "title", 1, 80 },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		const struct field *field =
			contract_field(table[i].method, table[i].path, table[i].name);
		g_autofree char *shortest = g_strnfill(table[i].min, 'x');
		g_autofree char *longest = g_strnfill(table[i].max, 'x');
		g_autofree char *longer = g_strnfill(table[i].max + 1, 'x');

		if (table[i].min > 0)
			*shortest = 'Q'; /* 8 of the same letter are a common password */
		assert_non_null(field);
		assert_true(accepts(field, shortest));
		assert_true(accepts(field, longest));
		assert_false(accepts(field, longer));
		assert_true(table[i].min == 0 || !accepts(field, shortest + 1));
	}
}

static void
test_counts(void **state)
{
	const struct field *ids = contract_field(GET, "/listings/compare", "id");
	const struct field *items = contract_field(POST, "/checkout", "items");
	const struct field *held = contract_field(POST, "/reservations", "listing_ids");

	(void)state;
	assert_int_equal(ids->at_least, 2);
	assert_int_equal(ids->at_most, 4);
	assert_int_equal(items->at_least, 1);
	assert_int_equal(items->at_most, 100);
	assert_int_equal(contract_field(PUT, "/wishlist", "shoe_ids")->at_least, 0);
	assert_int_equal(contract_field(PUT, "/wishlist", "shoe_ids")->at_most, 1000);
	assert_int_equal(held->at_least, 1);
	assert_int_equal(held->at_most, 100);
	assert_string_equal(contract_field(GET, "/listings", "limit")->default_value, "20");
	assert_string_equal(contract_field(GET, "/friends", "status")->default_value, "friends");
	assert_string_equal(contract_field(GET, "/listings", "sort")->default_value, "promoted");
	assert_string_equal(contract_field(POST, "/checkout", "delivery")->default_value, "pickup");
}

/* No text of one line, in any route, has what cannot be seen, at either end or inside. */
static void
test_texts_are_visible(void **state)
{
	static const char *const marks[] = { "\u200b", "\u202e", "\ufeff", "\u00ad", "\u034f",
		"\ufe0f", "\u3164" };
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < market_site.n_routes; i++) {
		const struct route *route = &market_site.routes[i];

		for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END;
			f++) {
			const char *text = f->kind == FIELD_EMAIL ? "ann@example.com" : "an";

			if (f->kind != FIELD_TEXT && f->kind != FIELD_EMAIL)
				continue;
			n++;
			assert_true(accepts(f, text));
			for (size_t m = 0; m < G_N_ELEMENTS(marks); m++) {
				g_autofree char *before = g_strconcat(marks[m], text, NULL);
				g_autofree char *behind = g_strconcat(text, marks[m], NULL);
				g_autofree char *inside = g_strconcat("a", marks[m], text, NULL);

				if (accepts(f, before) || accepts(f, behind) || accepts(f, inside))
					fail_msg("%s %s takes mark %zu", route->path, f->name, m);
			}
		}
	}
	assert_true(n > 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_texts_are_visible),
	};

	return cmocka_run_group_tests_name("market_field", tests, NULL, NULL);
}
