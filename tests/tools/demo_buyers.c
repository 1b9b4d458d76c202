/*
 * The buyers: one non-blocking connection each, in one thread, so that only the marketplace decides
 * the order of their requests.
 */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "demo.h"

enum {
	OTHER_FILES = 64,            /* descriptors for everything else */
	SIGN_IN_PARALLEL = 128,      /* sign-in checks in flight */
	ATTEMPTS_MAX = 20,           /* of one buyer */
	RETRY_MS = 50,               /* after a lost connection */
	RETRY_AFTER_MAX_SECONDS = 5, /* an upper limit for Retry-After */
	TIMEOUT_MS = 90 * 1000,
	PROGRESS_MS = 100,
	TALLIES_MAX = 32,
};

double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

void
buyers_reserve_files(int count)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	if (files.rlim_max != RLIM_INFINITY && files.rlim_max < (rlim_t)(count + OTHER_FILES))
		die("%s buyers need %s open files, and the limit here is %s (ulimit -Hn): raise "
		    "it, or let fewer come",
			format_count(count), format_count(count + OTHER_FILES),
			format_count((gint64)files.rlim_max));
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

/* ---- one buyer's connection ---- */

static void
buyer_disconnect(struct buyer *b)
{
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
}

/* Edge-triggered: on every event both directions are tried. */
static void
buyer_connect(struct buyers *c, struct buyer *b)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.ptr = b };

	buyer_disconnect(b);
	b->fd = http_connect(c->port, false);
	if (b->fd < 0 || epoll_ctl(c->epoll, EPOLL_CTL_ADD, b->fd, &e) < 0)
		die("a buyer cannot connect: %s", g_strerror(errno));
}

/* An error shows in buyer_read() afterwards. */
static void
buyer_write(struct buyer *b)
{
	while (b->sent < b->out->len) {
		ssize_t n = send(b->fd, b->out->str + b->sent, b->out->len - b->sent, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		b->sent += (gsize)n;
	}
}

/* False when the connection has ended. */
static bool
buyer_read(struct buyer *b)
{
	char piece[4096];

	for (;;) {
		ssize_t n = recv(b->fd, piece, sizeof piece, 0);

		if (n > 0)
			g_string_append_len(b->in, piece, n);
		else if (n < 0 && errno == EINTR)
			continue;
		else
			return n < 0 && errno == EAGAIN;
	}
}

/* Sends b->out, on the open connection or on a new one. */
static void
buyer_send(struct buyers *c, struct buyer *b)
{
	b->sent = 0;
	g_string_truncate(b->in, 0);
	b->retry_at_ms = 0;
	if (b->fd < 0)
		buyer_connect(c, b);
	buyer_write(b);
}

/*
 * An event without a request in flight: the web server closes idle connections. The edge comes
 * once, so the connection is closed here, and the next request opens another.
 */
static void
buyer_read_idle(struct buyer *b)
{
	if (b->fd >= 0 && !buyer_read(b))
		buyer_disconnect(b);
}

/* ---- sign-in ---- */

/* Sends a request that needs the session. */
static void
buyer_send_sign_in(struct buyers *c, struct buyer *b)
{
	b->out = http_request("GET", "/api/account", b->user->token, NULL, NULL);
	buyer_send(c, b);
}

/*
 * Whether the response came. Retries after a lost connection: a web server at its limit closes
 * some.
 */
static bool
buyer_finish_sign_in(struct buyers *c, struct buyer *b)
{
	bool is_open = buyer_read(b);
	struct http_answer answer;
	enum http_progress progress = http_parse(b->in, &answer);

	if (progress == HTTP_INCOMPLETE && is_open)
		return false;
	if (progress != HTTP_COMPLETE) {
		if (++b->attempts > ATTEMPTS_MAX)
			die("a buyer cannot get in: GET /api/account was never answered. See the "
			    "log of the web server");
		buyer_disconnect(b);
		buyer_send(c, b);
		return false;
	}
	if (answer.status != 200)
		die("a buyer cannot sign in: GET /api/account was answered %d: %.*s", answer.status,
			(int)MIN(answer.length, 300), answer.body);
	if (answer.closes || !is_open)
		buyer_disconnect(b);
	return true;
}

struct buyers *
buyers_connect(int port, const struct user *users, int count)
{
	struct buyers *c = g_new0(struct buyers, 1);
	double deadline_ms = now_ms() + TIMEOUT_MS, progress_ms = 0;
	int signed_in = 0, next = 0;

	c->port = port;
	c->count = count;
	c->tallies = g_array_new(FALSE, FALSE, sizeof(struct tally));
	c->buyers = g_new0(struct buyer, (gsize)count);
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < count; i++)
		c->buyers[i] =
			(struct buyer){ .user = &users[i + 1], .fd = -1, .in = g_string_new(NULL) };
	while (signed_in < count) {
		struct epoll_event events[SIGN_IN_PARALLEL];
		int n;

		for (; next < count && next - signed_in < SIGN_IN_PARALLEL; next++)
			buyer_send_sign_in(c, &c->buyers[next]);
		n = epoll_wait(c->epoll, events, SIGN_IN_PARALLEL, PROGRESS_MS);
		for (int i = 0; i < n; i++) {
			struct buyer *b = events[i].data.ptr;

			if (b->out == NULL) { /* is done */
				buyer_read_idle(b);
				continue;
			}
			buyer_write(b);
			if (!buyer_finish_sign_in(c, b))
				continue;
			signed_in++;
			g_string_free(g_steal_pointer(&b->out), TRUE);
		}
		if (now_ms() > deadline_ms)
			die("only %d of %d buyers could sign in", signed_in, count);
		if (now_ms() > progress_ms) {
			report_progress("signed in and at the door: %s of %s",
				format_count(signed_in), format_count(count));
			progress_ms = now_ms() + PROGRESS_MS;
		}
	}
	return c;
}

/* ---- the sale ---- */

static void
tally_answer(struct buyers *c, int status, const char *code, const char *detail)
{
	struct tally *t;

	for (guint i = 0; i < c->tallies->len; i++) {
		t = &g_array_index(c->tallies, struct tally, i);
		if (t->status == status && g_strcmp0(t->code, code) == 0) {
			t->count++;
			return;
		}
	}
	if (c->tallies->len == TALLIES_MAX)
		return;
	g_array_set_size(c->tallies, c->tallies->len + 1);
	t = &g_array_index(c->tallies, struct tally, c->tallies->len - 1);
	*t = (struct tally){ status, g_strdup(code), g_strdup(detail), 1 };
}

static void
buyer_complete(struct buyers *c, struct buyer *b, enum outcome outcome)
{
	b->outcome = outcome;
	b->done_ms = now_ms();
	c->done++;
	c->bought += outcome == BOUGHT;
	c->sold_out += outcome == SOLD_OUT;
}

/*
 * Schedules the same request with the same key, which takes effect once even if an earlier attempt
 * did. False after ATTEMPTS_MAX attempts.
 */
static bool
buyer_retry_later(struct buyers *c, struct buyer *b, double for_ms)
{
	if (b->attempts >= ATTEMPTS_MAX)
		return false;
	b->attempts++;
	b->retry_at_ms = now_ms() + for_ms;
	c->waiting_retry++;
	return true;
}

/* Reads the order in a response; false unless it is an order of one pair. */
static bool
read_order(const struct json *order, struct buyer *b)
{
	const struct json *shipment = json_first_element(json_get(order, "shipments"));
	const struct json *lines = json_get(shipment, "lines");
	const struct json *line = json_first_element(lines);

	b->order_id = json_integer_of(order, "order_id");
	b->total_cents = json_integer_of(order, "total_cents");
	b->discounted = (int)json_integer_of(line, "discounted");
	return b->order_id > 0 && json_count(lines) == 1 && json_integer_of(line, "quantity") == 1;
}

static void
buyer_take_answer(struct buyers *c, struct buyer *b, const struct http_answer *answer)
{
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *json = json_parse(answer->body, answer->length, &fault, &why);
	const char *code = json_text(json_get(json, "code"));
	const char *detail = json_text(json_get(json, "detail"));
	bool may_retry = answer->status == 503 && answer->retry_after_seconds >= 0;

	tally_answer(c, answer->status, code, detail);
	if (answer->closes)
		buyer_disconnect(b);
	if (answer->status == 201)
		buyer_complete(c, b, read_order(json, b) ? BOUGHT : UNEXPECTED);
	else if (answer->status == 409 && g_strcmp0(code, "out_of_stock") == 0)
		buyer_complete(c, b, SOLD_OUT);
	else if (!may_retry ||
		!buyer_retry_later(
			c, b, MIN(answer->retry_after_seconds, RETRY_AFTER_MAX_SECONDS) * 1e3))
		buyer_complete(c, b, UNEXPECTED);
}

/* Handles an event of the connection. */
static void
buyer_step(struct buyers *c, struct buyer *b)
{
	struct http_answer answer;
	enum http_progress progress;
	bool is_open;

	if (b->outcome != PENDING || b->retry_at_ms > 0) {
		buyer_read_idle(b);
		return;
	}
	buyer_write(b);
	is_open = buyer_read(b);
	progress = http_parse(b->in, &answer);
	if (!is_open)
		buyer_disconnect(b);
	if (progress == HTTP_COMPLETE) {
		buyer_take_answer(c, b, &answer);
	} else if (progress == HTTP_BROKEN) {
		tally_answer(c, 0, "not HTTP", NULL);
		buyer_disconnect(b);
		buyer_complete(c, b, UNEXPECTED);
	} else if (!is_open) {
		c->lost++;
		if (!buyer_retry_later(c, b, RETRY_MS))
			buyer_complete(c, b, UNEXPECTED);
	}
}

static void
buyers_retry_due(struct buyers *c)
{
	for (int i = 0; i < c->count && c->waiting_retry > 0; i++) {
		struct buyer *b = &c->buyers[i];

		if (b->retry_at_ms > 0 && b->retry_at_ms <= now_ms()) {
			c->waiting_retry--;
			buyer_send(c, b);
		}
	}
}

/*
 * Sends in random order, so that the order of the list gives no advantage. Reads nothing meanwhile.
 */
static void
buyers_send_all(struct buyers *c)
{
	g_autofree int *order = g_new0(int, (gsize)c->count);

	for (int i = 0; i < c->count; i++) {
		int other = g_random_int_range(0, i + 1);

		order[i] = order[other];
		order[other] = i;
	}
	c->first_ms = now_ms();
	for (int i = 0; i < c->count; i++) {
		struct buyer *b = &c->buyers[order[i]];

		b->sent_ms = now_ms();
		b->attempts = 1;
		buyer_send(c, b);
	}
	c->last_ms = now_ms();
}

void
buyers_buy(struct buyers *c, gint64 listing_id)
{
	g_autofree char *body = g_strdup_printf(
		"{\"items\":[{\"listing_id\":%" G_GINT64_FORMAT ",\"quantity\":1}]}", listing_id);
	double progress_ms = 0, deadline_ms = now_ms() + TIMEOUT_MS;

	for (int i = 0; i < c->count; i++) {
		struct buyer *b = &c->buyers[i];

		secret_random_id(b->key);
		b->out = http_request("POST", "/api/checkout", b->user->token, b->key, body);
	}
	buyers_send_all(c);
	while (c->done < c->count && now_ms() < deadline_ms) {
		struct epoll_event events[256];
		int n = epoll_wait(c->epoll, events, G_N_ELEMENTS(events), 10);

		for (int i = 0; i < n; i++)
			buyer_step(c, events[i].data.ptr);
		buyers_retry_due(c);
		if (now_ms() > progress_ms || c->done == c->count) {
			report_progress("bought %s, sold out %s, waiting %s",
				format_count(c->bought), format_count(c->sold_out),
				format_count(c->count - c->done));
			progress_ms = now_ms() + PROGRESS_MS;
		}
	}
}

void
buyers_free(struct buyers *c)
{
	for (int i = 0; i < c->count; i++) {
		buyer_disconnect(&c->buyers[i]);
		g_string_free(c->buyers[i].in, TRUE);
		if (c->buyers[i].out != NULL)
			g_string_free(c->buyers[i].out, TRUE);
	}
	for (guint i = 0; i < c->tallies->len; i++) {
		g_free(g_array_index(c->tallies, struct tally, i).code);
		g_free(g_array_index(c->tallies, struct tally, i).detail);
	}
	g_array_free(c->tallies, TRUE);
	close(c->epoll);
	g_free(c->buyers);
	g_free(c);
}
