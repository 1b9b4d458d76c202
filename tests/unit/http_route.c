/* Routes found by method and path, and paths made from ids. */
#include <string.h>

#include "http/route.h"
#include "unit.h"

static const struct route routes[] = {
	{ GET, "/listings", ANYONE, .name = "find" },
	{ GET, "/listings/{listing_id}", ANYONE, .name = "listing" },
	{ GET, "/listings/compare", ANYONE, .name = "compare" },
	{ DELETE, "/shops/{shop_id}/listings/{listing_id}", OWNER, .name = "withdraw" },
	{ PATCH, "/shops/{shop_id}/listings/{listing_id}", OWNER, .name = "price" },
	{ GET, "/shops/{shop_id}/sale", ANYONE, .name = "sale" },
	{ POST, "/shops/{shop_id}/sales", OWNER, .name = "start" },
	{ POST, "/checkout", MEMBER, .name = "checkout" },
	{ GET, "/a/{a}/{b}/{c}/{d}", ANYONE, .name = "four" },
};

static const struct site site = { .routes = routes, .n_routes = G_N_ELEMENTS(routes) };

static void
test_found(void **state)
{
	static const struct {
		enum method method;
		const char *path, *name, *ids; /* ids as name=value,... */
	} table[] = {
		{ GET, "/listings", "find", "" },
		{ GET, "/listings/7", "listing", "listing_id=7" },
		{ GET, "/listings/compare", "compare", "" },
		{ GET, "/listings/999999999999999999", "listing", "listing_id=999999999999999999" },
		{ DELETE, "/shops/1/listings/20", "withdraw", "shop_id=1,listing_id=20" },
		{ PATCH, "/shops/1/listings/20", "price", "shop_id=1,listing_id=20" },
		{ GET, "/shops/10/sale", "sale", "shop_id=10" },
		{ POST, "/shops/10/sales", "start", "shop_id=10" },
		{ GET, "/a/1/2/3/4", "four", "a=1,b=2,c=3,d=4" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GString) ids = g_string_new(NULL);
		const struct route *route = NULL;
		struct path_ids found = { .n = 0 };

		assert_int_equal(route_find(&site, table[i].method, table[i].path, &route, &found),
			ERR_NONE);
		assert_string_equal(route->name, table[i].name);
		for (size_t n = 0; n < found.n; n++)
			g_string_append_printf(
				ids, "%s%s=%s", n > 0 ? "," : "", found.names[n], found.values[n]);
		assert_string_equal(ids->str, table[i].ids);
		path_ids_clear(&found);
	}
}

static void
test_not_found(void **state)
{
	static const char *const paths[] = {
		"",
		"/",
		"/nothing",
		"/listing",
		"/listingss",
		"/listings/",
		"//listings",
		"/listings//7",
		"/listings/7/",
		"/Listings",
		"/listings/0",
		"/listings/07",
		"/listings/-7",
		"/listings/+7",
		"/listings/7.0",
		"/listings/7x",
		"/listings/x7",
		"/listings/ 7",
		"/listings/1000000000000000000",
		"/listings/99999999999999999999",
		"/listings/٧",
		"/listings/{listing_id}",
		"/listings/7/8",
		"/listings/compare/",
		"/listings/Compare",
		"/shops//sale",
		"/shops/1/sale/2",
		"/shops/1/listings/",
		"/shops/1/2/listings",
		"/a/1/2/3",
		"/a/1/2/3/4/5",
		"/listings/%37",
		"/listings/7;a=b",
		"/listings/../listings",
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
		const struct route *route = NULL;
		struct path_ids ids = { .n = 0 };

		if (route_find(&site, GET, paths[i], &route, &ids) != ERR_NOT_FOUND)
			fail_msg("\"%s\" was found", paths[i]);
		assert_null(route);
		assert_int_equal(ids.n, 0);
	}
}

static void
test_method_not_allowed(void **state)
{
	static const struct {
		enum method method;
		const char *path, *allowed;
	} table[] = {
		{ POST, "/listings", "GET, HEAD" },
		{ DELETE, "/listings/compare", "GET, HEAD" },
		{ GET, "/checkout", "POST" },
		{ METHOD_NONE, "/checkout", "POST" },
		{ GET, "/shops/1/listings/2", "DELETE, PATCH" },
		{ PUT, "/shops/1/sale", "GET, HEAD" },
		{ GET, "/shops/1/sales", "POST" },
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autoptr(GString) allowed = g_string_new(NULL);
		const struct route *route = NULL;
		struct path_ids ids = { .n = 0 };

		assert_int_equal(route_find(&site, table[i].method, table[i].path, &route, &ids),
			ERR_METHOD_NOT_ALLOWED);
		assert_null(route);
		assert_int_equal(ids.n, 0);
		route_methods(&site, table[i].path, allowed);
		assert_string_equal(allowed->str, table[i].allowed);
	}
}

static void
test_methods(void **state)
{
	static const char *const none[] = { "", "get", "Get", "HEAD", "OPTIONS", "TRACE", "CONNECT",
		"GETT", "GE", " GET", "BREW" };

	(void)state;
	for (int m = GET; m <= DELETE; m++)
		assert_int_equal(method_of(method_name((enum method)m)), m);
	for (size_t i = 0; i < G_N_ELEMENTS(none); i++)
		assert_int_equal(method_of(none[i]), METHOD_NONE);
}

static char *
look_up(const void *with, const char *name)
{
	(void)with;
	if (strcmp(name, "empty") == 0)
		return g_strdup("");
	return strcmp(name, "missing") == 0 ? NULL : g_strdup_printf("<%s>", name);
}

static void
test_paths(void **state)
{
	static const struct {
		const char *template, *path;
	} table[] = {
		{ "", "" }, { "/account", "/account" }, { "/shops/{shop_id}", "/shops/<shop_id>" },
		{ "/shops/{shop_id}/listings/{listing_id}/stock",
			"/shops/<shop_id>/listings/<listing_id>/stock" },
		{ "/shops/{missing}", NULL },
		{ "/shops/{shop_id}/{empty}", NULL }, /* an id is empty */
	};

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
		g_autofree char *path = route_path(table[i].template, look_up, NULL);

		if (table[i].path == NULL)
			assert_null(path);
		else
			assert_string_equal(path, table[i].path);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_not_found),
		cmocka_unit_test(test_method_not_allowed),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests_name("http_route", tests, NULL, NULL);
}
