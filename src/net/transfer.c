#include "net/transfer.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum {
	CONNECT_MS = 5000,
	REPLY_MAX = 8 * 1024 * 1024, /* bytes; more than a page of a list of 100 things needs */
};

static atomic_bool stopping;

/* The handle of each thread, with its open connections. */
static pthread_key_t handles;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
free_handle(void *handle)
{
	curl_easy_cleanup(handle);
}

static void
set_up(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
	pthread_key_create(&handles, free_handle);
}

/* Without options, but with the connections of the transfers before. */
static CURL *
take_handle(void)
{
	CURL *handle;

	pthread_once(&once, set_up);
	handle = pthread_getspecific(handles);
	if (handle == NULL) {
		handle = curl_easy_init();
		if (handle == NULL)
			g_error("libcurl has no memory for a handle");
		pthread_setspecific(handles, handle);
	}
	curl_easy_reset(handle);
	return handle;
}

/* ---- addresses ---- */

/* A part of a URL; curl_free() it. NULL: it has none, or is no URL. */
static char *
part_of(const char *url, CURLUPart part)
{
	CURLU *parsed = curl_url();
	char *text = NULL;

	if (parsed == NULL || curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
		curl_url_get(parsed, part, &text, 0) != CURLUE_OK)
		text = NULL;
	curl_url_cleanup(parsed);
	return text;
}

static bool
is_of_this_machine(const char *url)
{
	char *host = part_of(url, CURLUPART_HOST);
	bool is = host != NULL &&
		(strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0 ||
			strcmp(host, "localhost") == 0);

	curl_free(host);
	return is;
}

bool
transfer_is_allowed(const char *url)
{
	char *scheme = part_of(url, CURLUPART_SCHEME);
	bool is = scheme != NULL &&
		(strcmp(scheme, "https") == 0 || strcmp(scheme, "smtps") == 0 ||
			strcmp(scheme, "smtp") == 0 ||
			(strcmp(scheme, "http") == 0 && is_of_this_machine(url)));

	curl_free(scheme);
	return is;
}

/* ---- what libcurl calls ---- */

static size_t
receive(char *data, size_t one, size_t n, void *to)
{
	GString *body = to;

	if (body->len + n > REPLY_MAX)
		return 0; /* fails the transfer */
	g_string_append_len(body, data, (gssize)(one * n));
	return n;
}

struct message {
	const char *rest;
	size_t left;
};

static size_t
send_more(char *to, size_t one, size_t n, void *from)
{
	struct message *message = from;
	size_t some = MIN(message->left, one * n);

	memcpy(to, message->rest, some);
	message->rest += some;
	message->left -= some;
	return some;
}

/* Called at least once a second; other than 0 ends the transfer. */
static int
look_for_stop(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)arg;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return atomic_load(&stopping);
}

/* ---- a transfer ---- */

static struct curl_slist *
list_of(const char *const *texts)
{
	struct curl_slist *list = NULL;

	for (; texts != NULL && *texts != NULL; texts++)
		list = curl_slist_append(list, *texts);
	return list;
}

static void
set_common(CURL *handle, const struct transfer *t, GString *body, char *why)
{
	curl_easy_setopt(handle, CURLOPT_URL, t->url);
	curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps");
	curl_easy_setopt(handle, CURLOPT_PROXY, "");
	if (t->ca_file != NULL)
		curl_easy_setopt(handle, CURLOPT_CAINFO, t->ca_file);
	curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(
		handle, CURLOPT_NOSIGNAL, 1L); /* other threads have signals of their own */
	curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
	curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, (long)t->timeout_ms);
	curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, look_for_stop);
	curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(handle, CURLOPT_WRITEDATA, body);
	curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, why);
}

static void
set_http(CURL *handle, const struct transfer *t, struct curl_slist *headers)
{
	curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
	if (t->body != NULL) {
		curl_easy_setopt(handle, CURLOPT_POSTFIELDS, t->body);
		curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_length);
	}
	curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, t->method);
}

static void
set_smtp(CURL *handle, const struct transfer *t, struct curl_slist *to, struct message *message)
{
	/* the certificate of a server on this machine is made for no name as a rule */
	bool is_open = t->ca_file == NULL && is_of_this_machine(t->url);

	curl_easy_setopt(
		handle, CURLOPT_USE_SSL, (long)(is_open ? CURLUSESSL_NONE : CURLUSESSL_ALL));
	curl_easy_setopt(handle, CURLOPT_MAIL_FROM, t->from);
	curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(handle, CURLOPT_USERNAME, t->user);
	curl_easy_setopt(handle, CURLOPT_PASSWORD, t->password);
	curl_easy_setopt(handle, CURLOPT_READFUNCTION, send_more);
	curl_easy_setopt(handle, CURLOPT_READDATA, message);
	curl_easy_setopt(handle, CURLOPT_INFILESIZE_LARGE, (curl_off_t)message->left);
	curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
}

bool
transfer_run(const struct transfer *t, struct transfer_reply *reply)
{
	struct message message = { t->body, t->body_length };
	struct curl_slist *list;
	char why[CURL_ERROR_SIZE] = "";
	CURL *handle;
	CURLcode code;

	if (!transfer_is_allowed(t->url)) {
		reply->why = g_strdup("this address may not be used");
		return false;
	}
	handle = take_handle();
	reply->body = g_string_new(NULL);
	set_common(handle, t, reply->body, why);
	list = list_of(t->method != NULL ? t->headers : t->to);
	if (t->method != NULL)
		set_http(handle, t, list);
	else
		set_smtp(handle, t, list, &message);
	code = curl_easy_perform(handle);
	curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &reply->status);
	curl_slist_free_all(list);
	curl_easy_reset(handle); /* it points to what ends with this call */
	if (code != CURLE_OK)
		reply->why = g_strdup(*why != '\0' ? why : curl_easy_strerror(code));
	return code == CURLE_OK;
}

void
transfer_reply_clear(struct transfer_reply *reply)
{
	if (reply->body != NULL)
		g_string_free(reply->body, TRUE);
	g_free(reply->why);
	*reply = (struct transfer_reply){ 0 };
}

void
transfer_stop(bool stop)
{
	atomic_store(&stopping, stop);
}
