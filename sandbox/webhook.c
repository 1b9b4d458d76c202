#include "sandbox/webhook.h"

#include <curl/curl.h>
#include <stdbool.h>

#include "base/log.h"
#include "sandbox/due.h"
#include "sandbox/signature.h"

enum {
	AT_A_TIME = 16,
	TIMEOUT_MS = 10000,
	PAUSE_MS = 250,
	PAUSE_MS_MAX = 60000,
	GIVE_UP_S = 3 * 86400,
	TICK_MS = 200, /* the longest wait without looking for what is due */
};

/* Columns of SQL_DELIVERY_DUE. */
enum { DUE_ID, DUE_ATTEMPTS, DUE_EVENT, DUE_BODY, DUE_CREATED };

/* One delivery that is being sent. */
struct attempt {
	int64_t id, attempts, created_s;
	char *event;
	char *body;
	CURL *easy;
	struct curl_slist *headers;
};

struct webhook {
	struct sandbox *sandbox;
	CURLM *multi;
	GThread *thread;
	struct attempt *attempts[AT_A_TIME]; /* NULL: free */
	bool is_stopping;                    /* atomic */
};

static void
attempt_free(struct webhook *webhook, size_t slot)
{
	struct attempt *attempt = webhook->attempts[slot];

	curl_multi_remove_handle(webhook->multi, attempt->easy);
	curl_easy_cleanup(attempt->easy);
	curl_slist_free_all(attempt->headers);
	g_free(attempt->event);
	g_free(attempt->body);
	g_free(attempt);
	webhook->attempts[slot] = NULL;
}

static bool
is_being_sent(const struct webhook *webhook, int64_t id)
{
	for (size_t i = 0; i < AT_A_TIME; i++)
		if (webhook->attempts[i] != NULL && webhook->attempts[i]->id == id)
			return true;
	return false;
}

static size_t
drop_body(char *data, size_t size, size_t n, void *nothing)
{
	(void)data, (void)nothing;
	return size * n;
}

static void
attempt_prepare(struct webhook *webhook, struct attempt *attempt)
{
	const struct sandbox *sandbox = webhook->sandbox;
	g_autofree char *signature = signature_header((const char *const *)sandbox->secrets,
		g_get_real_time() / G_USEC_PER_SEC, attempt->body);
	g_autofree char *header = g_strconcat("Stripe-Signature: ", signature, NULL);

	attempt->headers = curl_slist_append(NULL, "Content-Type: application/json; charset=utf-8");
	attempt->headers = curl_slist_append(attempt->headers, header);
	attempt->easy = curl_easy_init();
	curl_easy_setopt(attempt->easy, CURLOPT_URL, sandbox->webhook_url);
	curl_easy_setopt(attempt->easy, CURLOPT_POSTFIELDS, attempt->body);
	curl_easy_setopt(attempt->easy, CURLOPT_HTTPHEADER, attempt->headers);
	curl_easy_setopt(
		attempt->easy, CURLOPT_USERAGENT, "Stripe/1.0 (Shoetopia payment sandbox)");
	curl_easy_setopt(attempt->easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(attempt->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(attempt->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(attempt->easy, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS);
	curl_easy_setopt(attempt->easy, CURLOPT_WRITEFUNCTION, drop_body);
	curl_multi_add_handle(webhook->multi, attempt->easy);
}

static void
attempt_start(struct webhook *webhook, size_t slot, const GStrv row)
{
	struct attempt *attempt = g_new0(struct attempt, 1);

	attempt->id = g_ascii_strtoll(row[DUE_ID], NULL, 10);
	attempt->attempts = g_ascii_strtoll(row[DUE_ATTEMPTS], NULL, 10);
	attempt->created_s = g_ascii_strtoll(row[DUE_CREATED], NULL, 10);
	attempt->event = g_strdup(row[DUE_EVENT]);
	attempt->body = g_strdup(row[DUE_BODY]);
	webhook->attempts[slot] = attempt;
	attempt_prepare(webhook, attempt);
}

/* Puts deliveries that are due into free slots. */
static void
attempts_fill(struct webhook *webhook, const GPtrArray *rows)
{
	size_t slot = 0;

	for (unsigned i = 0; i < rows->len; i++) {
		GStrv row = rows->pdata[i];

		while (slot < AT_A_TIME && webhook->attempts[slot] != NULL)
			slot++;
		if (slot == AT_A_TIME)
			return;
		if (!is_being_sent(webhook, g_ascii_strtoll(row[DUE_ID], NULL, 10)))
			attempt_start(webhook, slot, row);
	}
}

/* 250 ms, 500 ms, ... one minute, each up to a quarter longer. */
static int64_t
pause_ms(int64_t attempts)
{
	int64_t pause = attempts < 8 ? (int64_t)PAUSE_MS << attempts : PAUSE_MS_MAX;

	pause = MIN(pause, PAUSE_MS_MAX);
	return pause + g_random_int_range(0, (int)(pause / 4));
}

/* Records the end of an attempt: done, given up, or again later. */
static void
attempt_record(struct webhook *webhook, const struct attempt *attempt, CURLcode code)
{
	struct store *store = webhook->sandbox->store;
	int64_t now_ms = g_get_real_time() / 1000;
	long status = 0;

	if (code == CURLE_OK)
		curl_easy_getinfo(attempt->easy, CURLINFO_RESPONSE_CODE, &status);
	store_begin(store);
	if ((status >= 200 && status < 300) ||
		sandbox_now_s(webhook->sandbox) - attempt->created_s > GIVE_UP_S) {
		store_run(store, SQL_DELIVERY_DONE, STORE_ARGS(NUMBER(attempt->id)));
		store_run(store, SQL_DELIVERY_NOTED, STORE_ARGS(TEXT(attempt->event)));
	} else {
		log_line(LOG_WARN, "the event %s was not taken: %s %ld", attempt->event,
			code == CURLE_OK ? "status" : curl_easy_strerror(code), status);
		store_run(store, SQL_DELIVERY_AGAIN,
			STORE_ARGS(
				NUMBER(attempt->id), NUMBER(now_ms + pause_ms(attempt->attempts))));
	}
	store_commit(store);
}

static void
attempts_collect(struct webhook *webhook)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(webhook->multi, &left)) != NULL) {
		CURLcode code = message->data.result;
		size_t slot = 0;

		if (message->msg != CURLMSG_DONE)
			continue;
		while (webhook->attempts[slot] == NULL ||
			webhook->attempts[slot]->easy != message->easy_handle)
			slot++;
		attempt_record(webhook, webhook->attempts[slot], code);
		attempt_free(webhook, slot);
	}
}

/* Does what is due, takes what is to be sent; returns how long nothing else will be due. */
static int
webhook_tick(struct webhook *webhook)
{
	struct sandbox *sandbox = webhook->sandbox;
	int64_t now_ms = g_get_real_time() / 1000, next_ms;
	g_autofree char *next = NULL;
	g_autoptr(GPtrArray) rows = NULL;

	store_begin(sandbox->store);
	due_run(sandbox);
	rows = store_rows(sandbox->store, SQL_DELIVERY_DUE, STORE_ARGS(NUMBER(now_ms)));
	next = store_text(sandbox->store, SQL_DELIVERY_NEXT, STORE_ARGS(NUMBER(now_ms)));
	store_commit(sandbox->store);
	attempts_fill(webhook, rows);
	next_ms = next != NULL && next[0] != '\0' ? g_ascii_strtoll(next, NULL, 10) - now_ms
						  : TICK_MS;
	return (int)CLAMP(next_ms, 1, TICK_MS);
}

static void *
webhook_run(void *data)
{
	struct webhook *webhook = data;

	while (!__atomic_load_n(&webhook->is_stopping, __ATOMIC_ACQUIRE)) {
		int wait_ms = webhook_tick(webhook), running;

		curl_multi_perform(webhook->multi, &running);
		curl_multi_poll(webhook->multi, NULL, 0, wait_ms, NULL);
		curl_multi_perform(webhook->multi, &running);
		attempts_collect(webhook);
	}
	for (size_t i = 0; i < AT_A_TIME; i++)
		if (webhook->attempts[i] != NULL)
			attempt_free(webhook, i);
	return NULL;
}

void
webhook_init(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct webhook *
webhook_start(struct sandbox *sandbox)
{
	struct webhook *webhook = g_new0(struct webhook, 1);

	webhook->sandbox = sandbox;
	webhook->multi = curl_multi_init();
	webhook->thread = g_thread_new("webhook", webhook_run, webhook);
	return webhook;
}

void
webhook_wake(struct webhook *webhook)
{
	curl_multi_wakeup(webhook->multi);
}

void
webhook_stop(struct webhook *webhook)
{
	if (webhook == NULL)
		return;
	__atomic_store_n(&webhook->is_stopping, true, __ATOMIC_RELEASE);
	webhook_wake(webhook);
	g_thread_join(webhook->thread);
	curl_multi_cleanup(webhook->multi);
	g_free(webhook);
}
