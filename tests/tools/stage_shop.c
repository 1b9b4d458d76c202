/* The seller: opens the shop and the sale by the same requests as any shop owner, and looks what became of them. */
#include "stage.h"

static const char shop_name[] = "Storm Shop";

/* Asks for what has to succeed. */
static json_t *
ask(int port, const struct person *seller, const char *method, const char *path, const char *body)
{
	json_t *answer = NULL;
	int status = http_ask(port, method, path, seller->token, body, &answer);
	const char *detail = json_string_value(json_object_get(answer, "detail"));

	if (status < 200 || status > 299)
		die("%s %s was answered %d: %s", method, path, status,
			detail == NULL ? "(no words)" : detail);
	return answer;
}

static gint64
number_in(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_integer(value))
		die("an answer has no number \"%s\"", name);
	return json_integer_value(value);
}

/* One number of what is at an address. */
static gint64
look(int port, const struct person *seller, const char *name, const char *path)
{
	json_t *answer = ask(port, seller, "GET", path, NULL);
	gint64 number = number_in(answer, name);

	json_decref(answer);
	return number;
}

/* An account has one shop: that of the last time, or a new one. */
static gint64
shop_id(int port, const struct person *seller)
{
	json_t *account = ask(port, seller, "GET", "/api/account", NULL);
	json_t *known = json_object_get(account, "shop_id"), *made;
	g_autofree char *body = g_strdup_printf("{\"name\":\"%s\"}", shop_name);
	gint64 id = json_integer_value(known);
	int status;

	if (!json_is_integer(known)) {
		status = http_ask(port, "POST", "/api/shops", seller->token, body, &made);
		if (status == 409)
			die("somebody else has a shop called \"%s\", where this wants to open its own",
				shop_name);
		if (status != 201)
			die("the shop could not be opened: POST /api/shops was answered %d",
				status);
		id = number_in(made, "shop_id");
		json_decref(made);
	}
	json_decref(account);
	return id;
}

/* What the last sale left behind: its shoe leaves the shelf, and its sale ends if it still has discounts. Orders keep what they are of. */
static void
clear_away(int port, const struct person *seller, gint64 shop)
{
	g_autofree char *shelf = g_strdup_printf("/api/shops/%" G_GINT64_FORMAT "/listings", shop);
	g_autofree char *sale = g_strdup_printf("/api/shops/%" G_GINT64_FORMAT "/sale", shop);
	g_autofree char *all = g_strconcat(shelf, "?limit=100", NULL);
	json_t *there = ask(port, seller, "GET", all, NULL), *listing, *answer;
	size_t i;
	int status;

	json_array_foreach(json_object_get(there, "listings"), i, listing) {
		g_autofree char *path = g_strdup_printf(
			"%s/%" G_GINT64_FORMAT, shelf, number_in(listing, "listing_id"));

		json_decref(ask(port, seller, "DELETE", path, NULL));
	}
	json_decref(there);
	status = http_ask(port, "DELETE", sale, seller->token, NULL, &answer);
	json_decref(answer);
	if (status != 204 && status != 404)
		die("the last sale could not be ended: DELETE %s was answered %d", sale, status);
}

struct shop
shop_open(int port, const struct person *seller, const struct plan *plan)
{
	struct shop shop = { .shop_id = shop_id(port, seller),
		.sale_price_cents = PRICE_CENTS * (100 - plan->percent_off) / 100 };
	g_autofree char *here = g_strdup_printf("/api/shops/%" G_GINT64_FORMAT, shop.shop_id);
	g_autofree char *listings = g_strconcat(here, "/listings", NULL);
	g_autofree char *sales = g_strconcat(here, "/sales", NULL);
	g_autofree char *balance = g_strconcat(here, "/balance", NULL);
	g_autofree char *listing = g_strdup_printf(
		"{\"brand\":\"Storm\",\"style\":\"Runner\",\"color\":\"yellow\",\"size\":9.5,\"condition\":\"new\","
		"\"audience\":\"unisex\",\"price_cents\":%d,\"quantity\":%d}",
		PRICE_CENTS, plan->pairs);
	g_autofree char *sale = g_strdup_printf(
		"{\"discounts\":%d,\"percent_off\":%d}", plan->discounts, plan->percent_off);
	json_t *made;

	clear_away(port, seller, shop.shop_id);
	shop.balance_cents = look(port, seller, "balance_cents", balance);
	made = ask(port, seller, "POST", listings, listing);
	shop.listing_id = number_in(made, "listing_id");
	json_decref(made);
	if (plan->discounts > 0)
		json_decref(ask(port, seller, "POST", sales, sale));
	return shop;
}

struct shop_state
shop_look(int port, const struct person *seller, const struct shop *shop, const struct plan *plan)
{
	g_autofree char *balance =
		g_strdup_printf("/api/shops/%" G_GINT64_FORMAT "/balance", shop->shop_id);
	g_autofree char *sale =
		g_strdup_printf("/api/shops/%" G_GINT64_FORMAT "/sale", shop->shop_id);
	g_autofree char *listing =
		g_strdup_printf("/api/listings/%" G_GINT64_FORMAT, shop->listing_id);

	return (struct shop_state){
		.balance_cents = look(port, seller, "balance_cents", balance),
		.available = look(port, seller, "available", listing),
		.discounts_left =
			plan->discounts > 0 ? look(port, seller, "discounts_left", sale) : 0,
	};
}
