#include "market/payment_page.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "market/answer.h"
#include "market/outbox_worker.h"
#include "market/payment_settings.h"

enum {
	WAIT_MS = 5000,
	THREADS = 32, /* that wait for pages */
	WAITING_MAX = 512,
	RETURNED_MAX = 20, /* times that the page asks again after the buyer has returned */
};

static struct work_queue *queue;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
queue_make(void)
{
	queue = work_queue_new("payments", THREADS, WAITING_MAX, 0);
}

void
pay_order_queue_free(void)
{
	work_queue_free(queue);
	queue = NULL;
}

/* The address of the page in an order's answer; free with g_free(). NULL: there is none yet. */
static char *
url_of(const GString *order)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *root = json_parse(order->str, order->len, &fault, &why);

	return g_strdup(json_text(json_get(json_get(root, "payment"), "url")));
}

/*
 * Where the provider sends the buyer afterwards: the page with JavaScript, or the plain one if its
 * form asked. The database puts the order's number in.
 */
static char *
settings_json(const struct request *req)
{
	const struct payment_settings *settings = payment_settings();
	g_autofree char *url = settings == NULL
		? g_strdup("")
		: g_strconcat(settings->public_url,
			  request_is_of_browser(req) ? "/api/orders/{order_id}?returned=1"
						     : "/orders.html?order={order_id}",
			  NULL);

	return json_object_with(NULL, "return_url", url);
}

/* Asks again until the page is there: the answer is kept for the key only then. */
static enum err
wait_for_page(struct request *req, struct answer *ans)
{
	gint64 until = g_get_monotonic_time() + WAIT_MS * 1000LL;
	g_autofree char *settings = settings_json(req);
	const struct db_param added = { .name = "settings", .text = settings };
	enum err e;

	do {
		e = answer_call(req, ans, SQL_pay_order, &added, 1);
		if (e != ERR_NONE)
			return e;
		ans->elsewhere = url_of(ans->body);
		if (ans->elsewhere != NULL)
			return ERR_NONE;
		outbox_wake();
		outbox_await(request_text(req, "order_id"));
	} while (g_get_monotonic_time() < until);
	return ERR_BUSY;
}

/* Whether the provider has to say what becomes of this order. */
static bool
is_awaited(const GString *order)
{
	return strstr(order->str, "\"payment\":{\"status\":\"open\"") != NULL ||
		strstr(order->str, "\"payment\":{\"status\":\"closing\"") != NULL;
}

const struct field order_fields[] = {
	{ "returned", FIELD_INTEGER, .min = 1, .max = RETURNED_MAX, .optional = true,
		.api_only = true },
	{ 0 },
};

/* The page to which a buyer returns asks again until the provider has said what it knows. */
static void
ask_again(const struct request *req, struct answer *ans)
{
	const char *returned = request_text(req, "returned");
	int times = returned == NULL ? RETURNED_MAX : atoi(returned);

	if (request_is_page(req) && times < RETURNED_MAX)
		ans->again = g_strdup_printf(
			"/orders/%s?returned=%d", request_text(req, "order_id"), times + 1);
}

enum err
show_order(struct request *req, struct answer *ans)
{
	enum err e = answer_statement(req, ans);
	const struct db_param param = { .name = "order_id", .text = request_text(req, "order_id") };
	struct db_result result = { 0 };

	if (e == ERR_NONE && payment_settings() != NULL && is_awaited(ans->body)) {
		db_call(answer_db(), SQL_ask_about_payment, &param, 1, &result);
		db_result_clear(&result);
		ask_again(req, ans);
	}
	return e;
}

enum err
pay_order(struct request *req, struct answer *ans)
{
	pthread_once(&once, queue_make);
	return answer_deferred(req, ans, queue, wait_for_page);
}
