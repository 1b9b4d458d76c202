/*
 * The seller: opens the shop and the sale by the requests that any shop owner sends, and reads them
 * back.
 */
#include "demo.h"

static const char shop_name[] = "Storm Shop";

/* Sends a request that must succeed. */
static struct json *
ask(int port, const struct user *seller, const char *method, const char *path, const char *body)
{
	struct json *answer = NULL;
	int status = http_call(port, method, path, seller->token, body, &answer);
	const char *detail = json_text(json_get(answer, "detail"));

	if (status < 200 || status > 299)
		die("%s %s was answered %d: %s", method, path, status,
			detail == NULL ? "(no words)" : detail);
	return answer;
}

static gint64
number_in(const struct json *object, const char *name)
{
	int64_t number;

	if (!json_int64(json_get(object, name), &number))
		die("an answer has no number \"%s\"", name);
	return number;
}

/* One number of a resource. */
static gint64
read_number(int port, const struct user *seller, const char *name, const char *path)
{
	JSON_AUTO struct json *answer = ask(port, seller, "GET", path, NULL);

	return number_in(answer, name);
}

/* What the shop has and will have: orders are won before they are paid, where payments are on. */
static gint64
read_won_cents(int port, const struct user *seller, const char *path)
{
	JSON_AUTO struct json *answer = ask(port, seller, "GET", path, NULL);

	return number_in(answer, "balance_cents") + number_in(answer, "pending_cents");
}

/* An account has one shop: that of the last run, or a new one. */
static gint64
shop_id(int port, const struct user *seller)
{
	JSON_AUTO struct json *account = ask(port, seller, "GET", "/api/account", NULL);
	JSON_AUTO struct json *made = NULL;
	g_autofree char *body = g_strdup_printf("{\"name\":\"%s\"}", shop_name);
	gint64 id = json_integer_of(account, "shop_id");
	int status;

	if (id == 0) {
		status = http_call(port, "POST", "/api/shops", seller->token, body, &made);
		if (status == 409)
			die("somebody else has a shop called \"%s\", where this wants to open its "
			    "own",
				shop_name);
		if (status != 201)
			die("the shop could not be opened: POST /api/shops was answered %d",
				status);
		id = number_in(made, "shop_id");
	}
	return id;
}

/*
 * Withdraws the listings of the last run and ends its sale, if that has discounts left. Orders keep
 * what they refer to.
 */
static void
remove_last_sale(int port, const struct user *seller, gint64 shop)
{
	g_autofree char *listings =
		g_strdup_printf("/api/shops/%" G_GINT64_FORMAT "/listings", shop);
	g_autofree char *sale = g_strdup_printf("/api/shops/%" G_GINT64_FORMAT "/sale", shop);
	g_autofree char *all = g_strconcat(listings, "?limit=100", NULL);
	JSON_AUTO struct json *page = ask(port, seller, "GET", all, NULL);
	JSON_AUTO struct json *answer = NULL;
	const struct json *listing = json_first_element(json_get(page, "listings"));
	int status;

	for (; listing != NULL; listing = json_next_element(listing)) {
		g_autofree char *path = g_strdup_printf(
			"%s/%" G_GINT64_FORMAT, listings, number_in(listing, "listing_id"));

		json_free(ask(port, seller, "DELETE", path, NULL));
	}
	status = http_call(port, "DELETE", sale, seller->token, NULL, &answer);
	if (status != 204 && status != 404)
		die("the last sale could not be ended: DELETE %s was answered %d", sale, status);
}

struct shop
shop_open(int port, const struct user *seller, const struct plan *plan)
{
	struct shop shop = { .shop_id = shop_id(port, seller),
		.sale_price_cents = PRICE_CENTS * (100 - plan->percent_off) / 100 };
	g_autofree char *here = g_strdup_printf("/api/shops/%" G_GINT64_FORMAT, shop.shop_id);
	g_autofree char *listings = g_strconcat(here, "/listings", NULL);
	g_autofree char *sales = g_strconcat(here, "/sales", NULL);
	g_autofree char *balance = g_strconcat(here, "/balance", NULL);
	g_autofree char *listing = g_strdup_printf(
		"{\"brand\":\"Storm\",\"style\":\"Runner\",\"color\":\"yellow\",\"size\":9.5,"
		"\"condition\":\"new\",\"audience\":\"unisex\",\"price_cents\":%d,\"quantity\":%d}",
		PRICE_CENTS, plan->pairs);
	g_autofree char *sale = g_strdup_printf(
		"{\"discounts\":%d,\"percent_off\":%d}", plan->discounts, plan->percent_off);
	JSON_AUTO struct json *made = NULL;

	remove_last_sale(port, seller, shop.shop_id);
	shop.won_cents = read_won_cents(port, seller, balance);
	made = ask(port, seller, "POST", listings, listing);
	shop.listing_id = number_in(made, "listing_id");
	if (plan->discounts > 0)
		json_free(ask(port, seller, "POST", sales, sale));
	return shop;
}

struct shop_state
shop_read_state(
	int port, const struct user *seller, const struct shop *shop, const struct plan *plan)
{
	g_autofree char *balance =
		g_strdup_printf("/api/shops/%" G_GINT64_FORMAT "/balance", shop->shop_id);
	g_autofree char *sale =
		g_strdup_printf("/api/shops/%" G_GINT64_FORMAT "/sale", shop->shop_id);
	g_autofree char *listing =
		g_strdup_printf("/api/listings/%" G_GINT64_FORMAT, shop->listing_id);

	return (struct shop_state){
		.won_cents = read_won_cents(port, seller, balance),
		.available = read_number(port, seller, "available", listing),
		.discounts_left =
			plan->discounts > 0 ? read_number(port, seller, "discounts_left", sale) : 0,
	};
}
