/*
 * The table of routes against the contract, row by row.
 *
 * The contract's tables are repeated here on purpose: a route that changes must change in two
 * places, one of which is the contract with the clients.
 */
#include <string.h>

#include "db/statement.h"
#include "http/request.h"
#include "http/route_table.h"
#include "market/routes.h"
#include "unit.h"

#define LIST "limit? cursor?"
#define FILTER                                                                                     \
	"q? brand?* style? color?* size?* condition?* audience?* "                                 \
	"min_price_cents? max_price_cents? shop_id? verified? shoe_id? on_sale? sort? facets? " LIST

/* Fields as in the contract: "?" marks optional ones, "*" repeated ones. */
static const struct contract_row {
	enum method method;
	const char *path;
	int status;
	enum who who;
	const char *fields;
	enum cache cache;
	enum keyed key;
	bool versioned;
} contract[] = {
	/* Appointments */
	{ POST, "/shops/{shop_id}/slots", 201, OWNER, "station starts_at ends_at" },
	{ GET, "/shops/{shop_id}/slots", 200, ANYONE, "from? to? " LIST },
	{ POST, "/slots/{slot_id}/appointment", 201, MEMBER, "" },
	{ DELETE, "/slots/{slot_id}/appointment", 204, MEMBER, "" },
	{ DELETE, "/slots/{slot_id}", 204, OWNER, "" },
	{ GET, "/appointments", 200, MEMBER, LIST },

	/* Accounts */
	{ POST, "/accounts", 201, ANYONE, "name email password", .key = KEY_OF_FORM },
	{ POST, "/sessions", 201, ANYONE, "email password" },
	{ GET, "/sessions", 200, MEMBER, LIST },
	{ DELETE, "/sessions", 204, MEMBER, "", .key = KEY_NEVER },
	{ DELETE, "/sessions/{session_id}", 204, MEMBER, "", .key = KEY_NEVER },
	{ DELETE, "/sessions/current", 204, MEMBER, "", .key = KEY_NEVER },
	{ GET, "/account", 200, MEMBER, "" },
	{ PUT, "/account/password", 204, MEMBER, "password new_password" },
	{ PUT, "/account/email", 200, MEMBER, "password new_email" },
	{ PUT, "/account/address", 200, MEMBER, "name line1 line2? city region? postcode country" },
	{ PUT, "/account/sharing", 200, MEMBER, "purchases" },
	{ GET, "/account/export", 200, MEMBER, "" },
	{ DELETE, "/account", 204, MEMBER, "password", .key = KEY_NEVER },
	{ GET, "/account/confirmation", 200, ANYONE, "token? asked?" },
	{ POST, "/account/confirmation", 202, MEMBER, "" },
	{ PUT, "/account/confirmation", 204, ANYONE, "token" },
	{ GET, "/password-resets", 200, ANYONE, "token? asked?" },
	{ POST, "/password-resets", 202, ANYONE, "email" },
	{ PUT, "/password-resets", 204, ANYONE, "token new_password" },

	/* Shops */
	{ POST, "/shops", 201, MEMBER, "name" },
	{ GET, "/shops/{shop_id}", 200, ANYONE, "" },
	{ POST, "/shops/{shop_id}/listings", 201, OWNER,
		"brand style color size condition audience price_cents quantity description? "
		"box?" },
	{ GET, "/shops/{shop_id}/desk", 200, OWNER, "" },
	{ GET, "/shops/{shop_id}/listings", 200, ANYONE, "q? stock? " LIST },
	{ PATCH, "/shops/{shop_id}/listings/{listing_id}", 200, OWNER,
		"price_cents? description? box?" },
	{ POST, "/shops/{shop_id}/listings/{listing_id}/stock", 201, OWNER, "delta" },
	{ DELETE, "/shops/{shop_id}/listings/{listing_id}", 204, OWNER, "" },
	{ POST, "/shops/{shop_id}/listings/import", 201, OWNER, "" },
	{ GET, "/shops/{shop_id}/listings/export", 200, OWNER, "" },
	{ GET, "/shops/{shop_id}/orders/export", 200, OWNER, "" },
	{ POST, "/shops/{shop_id}/sales", 201, OWNER,
		"discounts percent_off starts_at? ends_at? per_account?" },
	{ GET, "/shops/{shop_id}/sale", 200, ANYONE, "", PUBLIC },
	{ DELETE, "/shops/{shop_id}/sale", 204, OWNER, "" },
	{ PUT, "/shops/{shop_id}/profile", 200, OWNER,
		"about? pickup_address? pickup_hours? contact_email? shipping_cents?" },
	{ PUT, "/shops/{shop_id}/promotion", 200, OWNER, "tier" },
	{ POST, "/shops/{shop_id}/verification", 201, OWNER, "" },
	{ GET, "/shops/{shop_id}/verification", 200, OWNER, "" },
	{ PUT, "/shops/{shop_id}/verification", 200, ADMIN, "verified reason?" },
	{ PUT, "/shops/{shop_id}/review", 200, MEMBER, "rating comment?" },
	{ GET, "/shops/{shop_id}/reviews", 200, ANYONE, LIST },
	{ GET, "/shops/{shop_id}/shipments", 200, OWNER, "status? delivery? " LIST },
	{ GET, "/shops/{shop_id}/shipments/{shipment_id}", 200, OWNER, "" },
	{ PATCH, "/shops/{shop_id}/shipments/{shipment_id}", 200, OWNER, "status tracking?" },
	{ GET, "/shops/{shop_id}/balance", 200, OWNER, LIST " days? since? after? sale?" },
	{ GET, "/shops/{shop_id}/payouts", 200, OWNER, LIST },
	{ POST, "/shops/{shop_id}/payouts", 201, OWNER, "amount_cents" },
	{ GET, "/admin/shipments/{shipment_id}", 200, ADMIN, "" },
	{ PUT, "/admin/shipments/{shipment_id}", 200, ADMIN, "action? reason" },
	{ GET, "/admin/payouts", 200, ADMIN, LIST },
	{ PUT, "/admin/payouts/{payout_id}", 200, ADMIN, "status note?" },

	/* Finding */
	{ GET, "/listings", 200, ANYONE, FILTER, PUBLIC_IF_ANONYMOUS },
	{ GET, "/sales", 200, ANYONE, "shop_id? " LIST, PUBLIC_IF_ANONYMOUS },
	{ GET, "/events", 200, ANYONE, "shop_id? " LIST, PUBLIC_IF_ANONYMOUS },
	{ GET, "/listings/{listing_id}", 200, ANYONE, "", PUBLIC_IF_ANONYMOUS },
	{ GET, "/listings/compare", 200, ANYONE, "id*", PUBLIC_IF_ANONYMOUS },
	{ GET, "/photos/{hash}/{file}", 200, ANYONE, "", FOR_EVER },
	{ POST, "/shops/{shop_id}/listings/{listing_id}/photos", 201, OWNER, "" },
	{ PUT, "/shops/{shop_id}/listings/{listing_id}/photos", 200, OWNER, "photo_ids*" },
	{ DELETE, "/shops/{shop_id}/listings/{listing_id}/photos/{photo_id}", 204, OWNER, "" },
	{ GET, "/shoes/{shoe_id}", 200, ANYONE, "", PUBLIC_IF_ANONYMOUS },
	{ GET, "/shoes/{shoe_id}/prices", 200, ANYONE, "", PUBLIC_IF_ANONYMOUS },
	{ GET, "/suggestions", 200, ANYONE, "q sold_out?", PUBLIC_IF_ANONYMOUS },

	/* Cart and checkout */
	{ GET, "/cart", 200, MEMBER, "delivery?" },
	{ POST, "/cart/items", 200, MEMBER, "listing_id quantity" },
	{ PUT, "/cart/items/{listing_id}", 200, MEMBER, "quantity" },
	{ DELETE, "/cart/items/{listing_id}", 200, MEMBER, "" },
	{ POST, "/checkout", 201, MEMBER,
		"items? expected_total_cents? expected_price_cents? delivery?", .key = KEY_MUST },
	{ GET, "/orders", 200, MEMBER, LIST },
	{ GET, "/orders/{order_id}", 200, MEMBER, "returned?" },
	{ POST, "/orders/{order_id}/cancellation", 201, MEMBER, "" },
	{ POST, "/orders/{order_id}/payment", 201, MEMBER, "" },
	{ POST, "/payments/events", 200, ANYONE, "" },

	/* Wishlist, friends, recommendations */
	{ GET, "/wishlist", 200, MEMBER, LIST },
	{ PUT, "/wishlist", 204, MEMBER, "shoe_ids*" },
	{ PUT, "/wishlist/{shoe_id}", 204, MEMBER, "" },
	{ DELETE, "/wishlist/{shoe_id}", 204, MEMBER, "" },
	{ GET, "/friends", 200, MEMBER, "status? " LIST },
	{ POST, "/friends", 201, MEMBER, "email account_id?" },
	{ DELETE, "/friends/{account_id}", 204, MEMBER, "" },
	{ DELETE, "/friends/asked", 204, MEMBER, "email" },
	{ GET, "/friends/suggestions", 200, MEMBER, LIST },
	{ GET, "/recommendations", 200, MEMBER, LIST },

	/* Release events */
	{ POST, "/shops/{shop_id}/events", 201, OWNER, "title starts_at capacity" },
	{ GET, "/events/{event_id}", 200, ANYONE, "", .versioned = true },
	{ PATCH, "/events/{event_id}", 200, OWNER, "title? starts_at? capacity?",
		.versioned = true },
	{ DELETE, "/events/{event_id}", 204, OWNER, "" },
	{ POST, "/events/{event_id}/booking", 201, MEMBER, "" },
	{ GET, "/events/{event_id}/booking", 200, MEMBER, "" },
	{ DELETE, "/events/{event_id}/booking", 204, MEMBER, "" },

	/* Reservations */
	{ POST, "/reservations", 201, MEMBER, "listing_ids*" },
	{ GET, "/reservations", 200, MEMBER, LIST },
	{ DELETE, "/reservations/{reservation_id}", 204, MEMBER, "" },

	/* For operators */
	{ GET, "/health", 200, ANYONE, "for?" },
	{ GET, "/metrics", 200, OPERATOR, "" },
	{ GET, "/openapi.json", 200, ANYONE, "" },
	{ GET, "/admin/audit", 200, ADMIN, "" },
	{ GET, "/admin/verifications", 200, ADMIN, LIST },
	{ GET, "/admin/log", 200, ADMIN, LIST },
	{ GET, "/admin/lookup", 200, ADMIN, "q?" },
	{ GET, "/admin/accounts/{account_id}", 200, ADMIN, "" },
	{ GET, "/admin/orders/{order_id}", 200, ADMIN, "" },
	{ PUT, "/admin/shops/{shop_id}/suspension", 200, ADMIN, "suspended reason?" },
	{ PUT, "/admin/listings/{listing_id}/suspension", 200, ADMIN, "suspended reason?" },
	{ GET, "/admin/payments", 200, ADMIN, "attention? " LIST },
	{ PUT, "/admin/payments/{order_id}", 200, ADMIN, "action" },
	{ GET, "/admin/outbox", 200, ADMIN, "attention? " LIST },
	{ PUT, "/admin/outbox/{outbox_id}", 200, ADMIN, "action?" },
};

static const struct route *
route_of(enum method method, const char *path)
{
	for (size_t i = 0; i < market_site.n_routes; i++)
		if (market_site.routes[i].method == method &&
			strcmp(market_site.routes[i].path, path) == 0)
			return &market_site.routes[i];
	return NULL;
}

/* The fields of a route as in a contract_row; free with g_free(). */
static char *
fields_of(const struct route *route)
{
	GString *out = g_string_new(NULL);

	for (const struct field *f = route->fields; f != NULL && f->kind != FIELD_END; f++)
		g_string_append_printf(out, "%s%s%s%s", out->len > 0 ? " " : "", f->name,
			f->optional || f->default_value != NULL ? "?" : "", f->repeated ? "*" : "");
	return g_string_free(out, FALSE);
}

static void
test_promised(void **state)
{
	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(contract); i++) {
		const struct contract_row *p = &contract[i];
		const struct route *r = route_of(p->method, p->path);
		g_autofree char *fields = r == NULL ? NULL : fields_of(r);

		if (r == NULL)
			fail_msg("%s %s is missing", method_name(p->method), p->path);
		if (r->status != p->status || r->who != p->who || r->cache != p->cache ||
			r->key != p->key || r->versioned != p->versioned)
			fail_msg("%s %s: status %d, for %s, cache %d, key %d, versioned %d",
				method_name(p->method), p->path, r->status, who_name(r->who),
				(int)r->cache, (int)r->key, r->versioned);
		if (strcmp(fields, p->fields) != 0)
			fail_msg("%s %s takes %s", method_name(p->method), p->path, fields);
	}
}

static void
test_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < market_site.n_routes; i++) {
		const struct route *r = &market_site.routes[i];
		bool promised = false;

		for (size_t j = 0; j < G_N_ELEMENTS(contract); j++)
			promised = promised ||
				(contract[j].method == r->method &&
					strcmp(contract[j].path, r->path) == 0);
		if (!promised)
			fail_msg("%s %s is not in the contract", method_name(r->method), r->path);
		assert_ptr_equal(route_of(r->method, r->path), r); /* each is there once */
	}
}

static void
test_sound(void **state)
{
	(void)state;
	assert_null(site_fault(&market_site));
}

static bool
has_name(GHashTable *names, const char *name)
{
	return !g_hash_table_add(names, (gpointer)(uintptr_t)name);
}

static void
test_names_are_unique(void **state)
{
	g_autoptr(GHashTable) names = g_hash_table_new(g_str_hash, g_str_equal);

	(void)state;
	for (size_t i = 0; i < market_site.n_routes; i++) {
		const struct route *r = &market_site.routes[i];

		if (has_name(names, r->name))
			fail_msg("two routes are named %s", r->name);
		assert_int_equal(strspn(r->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(r->name));
	}
}

/* ---- forms and redirects ---- */

/* Whether a member of a schema, at its top, has this name. */
static bool
schema_has(const struct answer_schema *schema, const char *name)
{
	for (const struct member *m = schema == NULL ? NULL : schema->members;
		m != NULL && m->kind != MEMBER_END; m++)
		if (strcmp(m->name, name) == 0)
			return true;
	return false;
}

static void
test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < market_site.n_routes; i++) {
		const struct route *r = &market_site.routes[i];

		if (r->method == GET || r->raw_body)
			continue;
		if (r->redirect == NULL || route_of(GET, r->redirect) == NULL)
			fail_msg("%s has no redirect to a page", r->name);
		for (const char *p = strchr(r->redirect, '{'); p != NULL; p = strchr(p + 1, '{')) {
			g_autofree char *id = g_strndup(p + 1, strcspn(p + 1, "}"));
			g_autofree char *in_path = g_strdup_printf("{%s}", id);

			/* The answer behind a 204 has no schema; tests/http sends all forms. */
			if (strstr(r->path, in_path) == NULL && r->status != 204 &&
				!schema_has(r->answer_schema, id))
				fail_msg("the redirect of %s takes an unknown %s", r->name, id);
		}
		if (r->shown_on[0] == NULL)
			fail_msg("no page shows the form of %s", r->name);
		for (int n = 0; n < SHOWN_ON_MAX && r->shown_on[n] != NULL; n++)
			if (strcmp(r->shown_on[n], "401") != 0 &&
				route_of(GET, r->shown_on[n]) == NULL)
				fail_msg("the form of %s is shown on %s, which is no page", r->name,
					r->shown_on[n]);
	}
}

/* What guests read goes on without a primary: such a statement is marked `public`. */
static void
test_guests_read_standbys(void **state)
{
	(void)state;
	for (size_t i = 0; i < market_site.n_routes; i++) {
		const struct route *r = &market_site.routes[i];

		if (r->method == GET && r->who == ANYONE && r->statement != SQL_NONE &&
			!statements[r->statement].is_public)
			fail_msg("%s is a page for guests; mark its statement `public`, and "
				 "add its path to tests/race/failover.py",
				r->name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_promised),
		cmocka_unit_test(test_nothing_else),
		cmocka_unit_test(test_sound),
		cmocka_unit_test(test_names_are_unique),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_guests_read_standbys),
	};

	return cmocka_run_group_tests_name("market_site", tests, NULL, NULL);
}
