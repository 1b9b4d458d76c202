/* The OpenAPI document, the list of routes, and the check of the table. */
#include <string.h>

#include "base/json.h"
#include "http/openapi.h"
#include "http/request.h"
#include "http/route_table.h"
#include "market/routes.h"
#include "small_site.h"
#include "unit.h"

static struct json *
document_of(const struct site *site)
{
	g_autofree char *text = site_openapi(site);
	enum json_fault fault;
	const char *why = NULL;
	struct json *root = json_parse(text, strlen(text), &fault, &why);

	if (root == NULL)
		fail_msg("the document is not JSON: %s", why);
	return root;
}

static const struct json *
find(const struct json *value, const char *const *names)
{
	for (; *names != NULL && value != NULL; names++)
		value = json_get(value, *names);
	return value;
}
#define FIND(value, ...) find(value, (const char *const[]){ __VA_ARGS__, NULL })

/* ---- references ---- */

/* The value that a reference such as "#/components/schemas/Shop" points to; NULL. */
static const struct json *
follow(const struct json *root, const char *reference)
{
	g_auto(GStrv) names = g_strsplit(reference, "/", -1);

	if (strcmp(names[0], "#") != 0)
		return NULL;
	return find(root, (const char *const *)names + 1);
}

static unsigned
check_references(const struct json *root, const struct json *value)
{
	unsigned n = 0;

	for (const struct json *element = json_first_element(value); element != NULL;
		element = json_next_element(element))
		n += check_references(root, element);
	if (json_kind(value) != JSON_KIND_OBJECT)
		return n;
	for (void *it = json_first(value); it != NULL; it = json_next(value, it)) {
		const char *text = json_text(json_value(it));

		if (strcmp(json_name(it), "$ref") == 0 && text != NULL) {
			if (json_kind(follow(root, text)) != JSON_KIND_OBJECT)
				fail_msg("%s points to nothing", text);
			n++;
		}
		n += check_references(root, json_value(it));
	}
	return n;
}

static void
test_references(void **state)
{
	JSON_AUTO struct json *market = document_of(&market_site);
	JSON_AUTO struct json *small = document_of(&small_site);

	(void)state;
	assert_true(check_references(market, market) > market_site.n_routes);
	assert_true(check_references(small, small) > small_site.n_routes);
	assert_string_equal(json_text(json_get(market, "openapi")), "3.1.0");
}

/* ---- operations ---- */

static const char *const methods[] = {
	[GET] = "get", [POST] = "post", [PUT] = "put", [PATCH] = "patch", [DELETE] = "delete"
};

/* The operations are the routes, each with its own name and the schemas of success and refusals. */
static void
test_operations(void **state)
{
	JSON_AUTO struct json *root = document_of(&market_site);
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);
	const struct json *paths = json_get(root, "paths");
	size_t n = 0;

	(void)state;
	for (void *it = json_first(paths); it != NULL; it = json_next(paths, it))
		for (void *op = json_first(json_value(it)); op != NULL;
			op = json_next(json_value(it), op)) {
			const char *name = json_text(json_get(json_value(op), "operationId"));

			assert_non_null(name);
			assert_true(g_hash_table_add(names, (gpointer)(uintptr_t)name));
			assert_true(json_text(json_get(json_value(op), "summary")) != NULL);
			n++;
		}
	assert_int_equal(n, market_site.n_routes);
	for (size_t i = 0; i < market_site.n_routes; i++) {
		const struct route *r = &market_site.routes[i];
		g_autofree char *path = g_strconcat("/api", r->path, NULL);
		g_autofree char *status = g_strdup_printf("%d", r->status);
		const struct json *operation = FIND(paths, path, methods[r->method]);
		const struct json *schema = FIND(
			operation, "responses", status, "content", "application/json", "schema");

		assert_string_equal(json_text(json_get(operation, "operationId")), r->name);
		assert_non_null(FIND(operation, "responses", status));
		assert_int_equal(schema != NULL, r->answer_schema != NULL);
		assert_non_null(FIND(operation, "responses", "503", "content",
			"application/problem+json", "schema"));
		assert_int_equal(json_get(operation, "security") != NULL,
			r->who == MEMBER || r->who == OWNER || r->who == ADMIN);
		assert_int_equal(json_get(operation, "requestBody") != NULL,
			r->method != GET && (r->fields != NULL || r->file != NULL));
		assert_int_equal(
			FIND(operation, "responses", "404") != NULL || strchr(r->path, '{') == NULL,
			true);
	}
}

/* The parameter of an operation by its "in" and its name; NULL. */
static const struct json *
parameter_of(const struct json *operation, const char *in, const char *name)
{
	const struct json *all = json_get(operation, "parameters");

	for (const struct json *parameter = json_first_element(all); parameter != NULL;
		parameter = json_next_element(parameter))
		if (strcmp(json_text(json_get(parameter, "in")), in) == 0 &&
			strcmp(json_text(json_get(parameter, "name")), name) == 0)
			return parameter;
	return NULL;
}

static void
test_parameters(void **state)
{
	JSON_AUTO struct json *root = document_of(&market_site);
	const struct json *paths = json_get(root, "paths");

	(void)state;
	for (size_t i = 0; i < market_site.n_routes; i++) {
		const struct route *r = &market_site.routes[i];
		g_autofree char *path = g_strconcat("/api", r->path, NULL);
		const struct json *operation = FIND(paths, path, methods[r->method]);
		const struct json *key = parameter_of(operation, "header", "Idempotency-Key");

		for (const char *p = strchr(r->path, '{'); p != NULL; p = strchr(p + 1, '{')) {
			g_autofree char *id = g_strndup(p + 1, strcspn(p + 1, "}"));

			assert_true(json_bool(
				json_get(parameter_of(operation, "path", id), "required")));
		}
		for (const struct field *f = r->fields; f != NULL && f->kind != FIELD_END; f++) {
			const struct json *query = parameter_of(operation, "query", f->name);
			const struct json *member = FIND(operation, "requestBody", "content",
				"application/json", "schema", "properties", f->name);

			assert_int_equal(query != NULL, r->method == GET);
			assert_int_equal(member != NULL, r->method != GET);
			if (query != NULL)
				assert_int_equal(json_bool(json_get(query, "required")),
					!f->optional && f->default_value == NULL);
		}
		assert_int_equal(key != NULL,
			r->method != GET && r->who != ANYONE && !r->ends_session &&
				strncmp(r->path, "/sessions", strlen("/sessions")) != 0);
		assert_int_equal(json_bool(json_get(key, "required")), r->key == KEY_MUST);
		assert_int_equal(json_bool(json_get(parameter_of(operation, "header", "If-Match"),
					 "required")),
			r->versioned && r->method != GET);
		assert_int_equal(FIND(operation, "responses", "200", "headers", "ETag") != NULL,
			r->versioned);
		assert_int_equal(FIND(operation, "responses", "412") != NULL,
			r->versioned && r->method != GET);
		assert_int_equal(FIND(operation, "responses", "428") != NULL,
			r->versioned && r->method != GET);
	}
}

/* The limits and choices of a field are in its schema. */
static void
test_schema_of_fields(void **state)
{
	JSON_AUTO struct json *root = document_of(&market_site);
	const struct json *listing = FIND(root, "paths", "/api/shops/{shop_id}/listings", "post",
		"requestBody", "content", "application/json", "schema");
	const struct json *order = FIND(root, "paths", "/api/checkout", "post", "requestBody",
		"content", "application/json", "schema");
	const struct json *friend = FIND(root, "paths", "/api/friends", "post", "requestBody",
		"content", "application/json", "schema");
	int64_t number = 0;

	(void)state;
	assert_int_equal(json_count(json_get(listing, "required")), 8);
	assert_true(json_kind(json_get(listing, "additionalProperties")) == JSON_KIND_BOOL &&
		!json_bool(json_get(listing, "additionalProperties")));
	assert_true(json_number(FIND(listing, "properties", "size", "multipleOf")) == 0.5);
	assert_true(json_int64(FIND(listing, "properties", "price_cents", "maximum"), &number));
	assert_int_equal(number, 10000000);
	assert_int_equal(json_count(FIND(listing, "properties", "color", "enum")), 16);
	assert_null(json_get(friend, "required")); /* one of the two */
	assert_int_equal(json_count(json_get(friend, "oneOf")), 2);
	assert_null(json_get(order, "required"));
	assert_true(json_int64(FIND(order, "properties", "items", "maxItems"), &number));
	assert_int_equal(number, 100);
	assert_int_equal(json_count(FIND(order, "properties", "items", "items", "required")), 2);
}

/* ---- the list of routes ---- */

static void
test_routes(void **state)
{
	g_autofree char *text = site_routes(&market_site);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	(void)state;
	assert_int_equal(g_strv_length(lines),
		market_site.n_routes + market_site.n_root + 1); /* the last line is empty */
	for (size_t i = 0; i < market_site.n_routes; i++) {
		const struct route *r = &market_site.routes[i];

		assert_true(g_str_has_prefix(lines[i], method_name(r->method)));
		assert_non_null(strstr(lines[i], r->path));
		assert_non_null(strstr(lines[i], who_name(r->who)));
		assert_true(g_str_has_suffix(lines[i], r->name));
	}
}

/* ---- faults ---- */

static enum err
handle(struct request *req, struct answer *ans)
{
	(void)req;
	(void)ans;
	return ERR_NONE;
}

static void
test_faults(void **state)
{
	static const struct member none[] = { { 0 } };
	static const struct answer_schema schema = { "Nothing", none };
	static const struct route good = { GET, "/a", ANYONE, NULL, 200, handle, 1, .name = "a",
		.summary = "A", .answer_schema = &schema };
	struct field many[FIELDS_MAX + 2] = { { 0 } };
	struct route routes[14];
	const struct site sound = { .routes = &good, .n_routes = 1 };

	(void)state;
	assert_null(site_fault(&sound));
	for (int i = 0; i <= FIELDS_MAX; i++)
		many[i] = (struct field){ "f", FIELD_TEXT };
	for (size_t i = 0; i < G_N_ELEMENTS(routes); i++)
		routes[i] = good;
	routes[0].who = WHO_UNSET;
	routes[1].method = METHOD_NONE;
	routes[2].path = "a";
	routes[3].name = NULL;
	routes[4].summary = NULL;
	routes[5].handler = NULL;
	routes[6].status = 204; /* and a schema */
	routes[7].status = 0;
	routes[8].status = 303;
	routes[9].who = OWNER;
	routes[10].fields = many;
	routes[11].answer_schema = NULL;
	routes[12].method = POST; /* what it creates had no version before */
	routes[12].versioned = true;
	routes[13].nonblocking = true;
	routes[13].statement = 0;
	for (size_t i = 0; i < G_N_ELEMENTS(routes); i++) {
		const struct site site = { .routes = &routes[i], .n_routes = 1 };
		char *fault = site_fault(&site);

		if (fault == NULL)
			fail_msg("the fault of route %zu is not found", i);
		g_free(fault);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_operations),
		cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_schema_of_fields),
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests_name("http_openapi", tests, NULL, NULL);
}
