/*
 * crowd: sends many HTTP requests at the same time, each from a client with a connection of its
 * own.
 *
 *   crowd [--flight N] [--timeout SECONDS] [--warm PATH] [--persist SECONDS]
 *         http://127.0.0.1:PORT < requests > answers
 *
 * Each line of the input is a request, a JSON object:
 *   method   "POST", if left out
 *   path     begins with "/"
 *   token    goes into Authorization: Bearer
 *   key      goes into Idempotency-Key
 *   headers  an object of more headers
 *   body     JSON of any kind, sent as application/json; or
 *   form     text, sent as application/x-www-form-urlencoded
 *
 * First each client opens its connection and sends a GET of the warm-up path (/api/health), so that
 * connecting does not spread the requests in time. Then N requests are in flight (all, if N is left
 * out), and a client sends the next one when its response has come.
 *
 * With --persist a client repeats a request whose outcome is unknown (no response, 502, 503, 504)
 * after a pause, with the same key, until it has an outcome or SECONDS have passed since the first
 * request.
 *
 * Each line of the output is a response, in the order in which they came:
 *   {"index", "status", "headers": {...}, "body": text, "latency_ms", "done_ms", "unknown",
 *    "error": null or text}
 * index counts the requests from 0; latency_ms includes repetitions; done_ms counts from the first
 * request; unknown is how many attempts before had no outcome. Without a complete response status
 * is 0 and error says why.
 *
 * Exit status: 0 each request has its line (errors are lines too), 1 the input is wrong or the
 * warm-up failed. It connects to 127.0.0.1 and [::1] only.
 */
#include "crowd_options.h"
#include "crowd_request.h"
#include "crowd_response.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
	BODY_MAX = 4 << 20,  /* of a response */
	WARM_PARALLEL = 128, /* connections opened together: fewer than any listen backlog */
	RETRY_MS = 40,       /* before a repetition */
};

/* A client: an easy handle that sends one request after the other. */
struct client {
	CURL *easy;
	size_t index; /* of the request in flight */
	double began_ms;
	double retry_at_ms; /* 0: not waiting for a repetition */
	int unknown;        /* attempts without an outcome */
	char *body;
	size_t body_size;
	bool too_large;
	bool busy;
	char error[CURL_ERROR_SIZE];
};

struct crowd {
	CURLM *multi;
	int epoll;
	double timer_ms; /* when libcurl wants to be called; negative: never */
	struct request *requests;
	size_t count;
	size_t next; /* request to send */
	struct client *clients;
	size_t flight;
	size_t busy;          /* clients with a request in flight */
	size_t waiting_retry; /* clients that wait for a repetition */
	double start_ms;
	double deadline_ms;
	struct crowd_options options;
};

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- callbacks of libcurl ---- */

static int
socket_changed(CURL *easy, curl_socket_t fd, int what, void *user, void *known)
{
	struct crowd *c = user;
	struct epoll_event e = { .data.fd = fd };

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		/* This fails if it is closed already, which does no harm. */
		epoll_ctl(c->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
		e.events |= EPOLLIN;
	if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
		e.events |= EPOLLOUT;
	if (epoll_ctl(c->epoll, known == NULL ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &e) < 0)
		die("epoll_ctl", strerror(errno));
	curl_multi_assign(c->multi, fd, c);
	return 0;
}

static int
timer_changed(CURLM *multi, long after_ms, void *user)
{
	struct crowd *c = user;

	(void)multi;
	c->timer_ms = after_ms < 0 ? -1 : now_ms() + (double)after_ms;
	return 0;
}

static size_t
body_received(char *data, size_t size, size_t n, void *user)
{
	struct client *k = user;

	n *= size;
	if (k->body_size + n > BODY_MAX) {
		k->too_large = true;
		return 0;
	}
	k->body = must(realloc(k->body, k->body_size + n + 1));
	memcpy(k->body + k->body_size, data, n);
	k->body_size += n;
	return n;
}

/* ---- output ---- */

static void
print_response(const struct crowd *c, const struct client *k, CURLcode result)
{
	double done_ms = now_ms();
	struct response r = {
		.index = k->index,
		.easy = k->easy,
		.body = k->body,
		.body_size = k->body_size,
		.latency_ms = done_ms - k->began_ms,
		.done_ms = done_ms - c->start_ms,
		.unknown = k->unknown,
	};

	if (k->too_large)
		r.error = "the answer is too large";
	else if (result != CURLE_OK)
		r.error = k->error[0] == '\0' ? curl_easy_strerror(result) : k->error;
	response_print(&r);
}

static void
print_missing(const struct crowd *c, size_t index)
{
	double done_ms = now_ms() - c->start_ms;

	response_print(&(struct response){ .index = index,
		.latency_ms = done_ms,
		.done_ms = done_ms,
		.error = "out of time" });
}

/* ---- clients ---- */

static void
client_reset(struct crowd *c, struct client *k)
{
	curl_easy_reset(k->easy);
	curl_easy_setopt(k->easy, CURLOPT_PRIVATE, k);
	curl_easy_setopt(k->easy, CURLOPT_WRITEFUNCTION, body_received);
	curl_easy_setopt(k->easy, CURLOPT_WRITEDATA, k);
	curl_easy_setopt(k->easy, CURLOPT_ERRORBUFFER, k->error);
	curl_easy_setopt(k->easy, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(k->easy, CURLOPT_PROXY, "");
	curl_easy_setopt(k->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(k->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(k->easy, CURLOPT_TIMEOUT_MS, (long)(c->options.timeout_seconds * 1e3));
	k->error[0] = '\0';
	k->body_size = 0;
	k->too_large = false;
}

static void
client_go(struct crowd *c, struct client *k)
{
	curl_multi_add_handle(c->multi, k->easy);
	k->busy = true;
	c->busy++;
}

/* Sends the client's request, for the first time or again. */
static void
client_send(struct crowd *c, struct client *k)
{
	const struct request *r = &c->requests[k->index];

	client_reset(c, k);
	curl_easy_setopt(k->easy, CURLOPT_URL, r->url);
	curl_easy_setopt(k->easy, CURLOPT_HTTPHEADER, r->headers);
	if (strcmp(r->method, "HEAD") == 0)
		curl_easy_setopt(k->easy, CURLOPT_NOBODY, 1L);
	else if (r->body != NULL || strcmp(r->method, "GET") != 0)
		curl_easy_setopt(k->easy, CURLOPT_POSTFIELDS, r->body == NULL ? "" : r->body);
	curl_easy_setopt(k->easy, CURLOPT_CUSTOMREQUEST, r->method);
	client_go(c, k);
}

/* Sends the next request, if one is left. */
static void
client_send_next(struct crowd *c, struct client *k)
{
	if (c->next == c->count)
		return;
	k->index = c->next++;
	k->began_ms = now_ms();
	k->unknown = 0;
	client_send(c, k);
}

/* Schedules a repetition if the outcome is unknown and --persist allows it. Whether it does. */
static bool
client_retry_later(struct crowd *c, struct client *k, CURLcode result)
{
	double now = now_ms();
	long status = 0;

	curl_easy_getinfo(k->easy, CURLINFO_RESPONSE_CODE, &status);
	if (now > c->start_ms + c->options.persist_seconds * 1e3 ||
		(result == CURLE_OK && (status < 502 || status > 504)))
		return false;
	k->unknown++;
	k->retry_at_ms = now + RETRY_MS;
	c->waiting_retry++;
	return true;
}

static void
clients_retry_due(struct crowd *c)
{
	double now = now_ms();

	for (size_t i = 0; i < c->flight && c->waiting_retry > 0; i++) {
		struct client *k = &c->clients[i];

		if (k->retry_at_ms <= 0 || k->retry_at_ms > now)
			continue;
		k->retry_at_ms = 0;
		c->waiting_retry--;
		client_send(c, k);
	}
}

static void
client_warm(struct crowd *c, struct client *k)
{
	char url[256];

	snprintf(url, sizeof url, "%s%s", c->options.base, c->options.warm_path);
	client_reset(c, k);
	curl_easy_setopt(k->easy, CURLOPT_URL, url);
	curl_easy_setopt(k->easy, CURLOPT_FRESH_CONNECT, 1L);
	client_go(c, k);
}

/* Handles the transfers that have ended. In the warm-up any response is good. */
static void
clients_finish(struct crowd *c, bool is_warm_up)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
		struct client *k = NULL;
		CURLcode result = m->data.result;
		CURL *easy = m->easy_handle;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &k);
		curl_multi_remove_handle(c->multi, easy);
		k->busy = false;
		c->busy--;
		if (is_warm_up) {
			if (result != CURLE_OK)
				die("a connection could not be opened", k->error);
			continue;
		}
		if (client_retry_later(c, k, result))
			continue;
		print_response(c, k, result);
		client_send_next(c, k);
	}
}

/* Runs until no request is in flight, or until the deadline. */
static void
crowd_run(struct crowd *c, bool is_warm_up)
{
	struct epoll_event events[256];
	int running;

	while (c->busy + c->waiting_retry > 0 && now_ms() < c->deadline_ms) {
		double wait_max_ms = c->waiting_retry > 0 ? RETRY_MS / 4 : 100;
		double wait_ms = c->timer_ms < 0 ? wait_max_ms : c->timer_ms - now_ms();
		int n = epoll_wait(c->epoll, events, 256,
			wait_ms <= 0                    ? 0
				: wait_ms > wait_max_ms ? (int)wait_max_ms
							: (int)wait_ms + 1);

		if (n < 0 && errno != EINTR)
			die("epoll_wait", strerror(errno));
		for (int i = 0; i < n; i++) {
			unsigned e = events[i].events;
			int what = 0;

			if ((e & EPOLLIN) != 0)
				what |= CURL_CSELECT_IN;
			if ((e & EPOLLOUT) != 0)
				what |= CURL_CSELECT_OUT;
			if ((e & (EPOLLERR | EPOLLHUP)) != 0)
				what |= CURL_CSELECT_ERR;
			curl_multi_socket_action(c->multi, events[i].data.fd, what, &running);
		}
		if (c->timer_ms >= 0 && now_ms() >= c->timer_ms) {
			c->timer_ms = -1;
			curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		}
		clients_finish(c, is_warm_up);
		clients_retry_due(c);
	}
}

static void
crowd_open(struct crowd *c)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0) { /* a socket per client */
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll < 0)
		die("epoll_create1", strerror(errno));
	c->multi = must(curl_multi_init());
	c->timer_ms = -1;
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, socket_changed);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, timer_changed);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)c->flight + 16);
	c->clients = must(calloc(c->flight, sizeof *c->clients));
	for (size_t i = 0; i < c->flight; i++)
		c->clients[i].easy = must(curl_easy_init());
}

static void
crowd_close(struct crowd *c)
{
	for (size_t i = 0; i < c->flight; i++) {
		curl_multi_remove_handle(c->multi, c->clients[i].easy);
		curl_easy_cleanup(c->clients[i].easy);
		free(c->clients[i].body);
	}
	curl_multi_cleanup(c->multi);
	close(c->epoll);
	requests_free(c->requests, c->count);
	free(c->clients);
}

int
main(int argc, char **argv)
{
	struct crowd c = { 0 };

	curl_global_init(CURL_GLOBAL_DEFAULT);
	c.options = crowd_options_read(argc, argv);
	c.requests = requests_read(c.options.base, &c.count);
	c.flight = c.options.flight < c.count ? c.options.flight : c.count;
	crowd_open(&c);

	c.deadline_ms = now_ms() + c.options.timeout_seconds * 1e3;
	for (size_t i = 0; i < c.flight; i++) {
		client_warm(&c, &c.clients[i]);
		if ((i + 1) % WARM_PARALLEL == 0 || i + 1 == c.flight)
			crowd_run(&c, true);
	}
	if (c.busy > 0)
		die("the connections could not be opened in time", "");

	c.start_ms = now_ms();
	c.deadline_ms = c.start_ms + c.options.timeout_seconds * 1e3;
	for (size_t i = 0; i < c.flight; i++)
		client_send_next(&c, &c.clients[i]);
	crowd_run(&c, false);

	for (size_t i = 0; i < c.flight; i++) { /* those that had no time left */
		if (c.clients[i].busy || c.clients[i].retry_at_ms > 0)
			print_missing(&c, c.clients[i].index);
	}
	while (c.next < c.count)
		print_missing(&c, c.next++);
	crowd_close(&c);
	curl_global_cleanup();
	return fflush(stdout) == 0 ? 0 : 1;
}
