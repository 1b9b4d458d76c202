/* The buyers: one connection each, in one thread, so that nothing but the marketplace itself decides who comes first. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "stage.h"

enum {
	FILES_SPARE = 64, /* descriptors for all else */
	WAVE = 128,       /* who shows a session at the same time, on the way to the door */
	TRIES_MAX = 20,   /* of one buyer, with the same key */
	REST_MS = 50,     /* after a connection that was lost */
	REST_MAX_S = 5,   /* however long Retry-After would have it */
	PATIENCE_MS = 90 * 1000,
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
crowd_must_fit(int count)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	if (files.rlim_max != RLIM_INFINITY && files.rlim_max < (rlim_t)(count + FILES_SPARE))
		die("%s buyers need %s open files, and the limit here is %s (ulimit -Hn): raise it, or let fewer come",
			told_count(count), told_count(count + FILES_SPARE),
			told_count((gint64)files.rlim_max));
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

/* ---- one buyer's connection ---- */

static void
buyer_hang_up(struct buyer *b)
{
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
}

/* Edge-triggered: every event means "write and read what there is". */
static void
buyer_connect(struct crowd *c, struct buyer *b)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
		.data.ptr = b };

	buyer_hang_up(b);
	b->fd = http_connect(c->port, false);
	if (b->fd < 0 || epoll_ctl(c->epoll, EPOLL_CTL_ADD, b->fd, &e) < 0)
		die("a buyer cannot connect: %s", g_strerror(errno));
}

/* What stops here shows in buyer_read(): there is no answer to what was not sent. */
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

/* Says what is in b->out, on the connection that there is or on a new one. */
static void
buyer_say(struct crowd *c, struct buyer *b)
{
	b->sent = 0;
	g_string_truncate(b->in, 0);
	b->rest_until_ms = 0;
	if (b->fd < 0)
		buyer_connect(c, b);
	buyer_write(b);
}

/* Something happens while nothing is asked: a web server closes connections that idle. It is told once, and the next words would get no
 * answer: they go on a new connection. */
static void
buyer_idles(struct buyer *b)
{
	if (b->fd >= 0 && !buyer_read(b))
		buyer_hang_up(b);
}

/* ---- at the door ---- */

/* Shows the session, so that everybody at the door is known to be signed in. */
static void
buyer_arrive(struct crowd *c, struct buyer *b)
{
	b->out = http_request("GET", "/api/account", b->person->token, NULL, NULL);
	buyer_say(c, b);
}

/* Whether the buyer has now arrived. Who lost the connection on the way comes again: a web server with too many of them lets some go. */
static bool
buyer_has_arrived(struct crowd *c, struct buyer *b)
{
	bool goes_on = buyer_read(b);
	struct http_answer answer;
	enum http_progress progress = http_parse(b->in, &answer);

	if (progress == HTTP_MORE && goes_on)
		return false;
	if (progress != HTTP_WHOLE) {
		if (++b->tries > TRIES_MAX)
			die("a buyer cannot get in: GET /api/account was never answered. See the log of the web server");
		buyer_hang_up(b);
		buyer_say(c, b);
		return false;
	}
	if (answer.status != 200)
		die("a buyer cannot sign in: GET /api/account was answered %d: %.*s", answer.status,
			(int)MIN(answer.length, 300), answer.body);
	if (answer.closes || !goes_on)
		buyer_hang_up(b);
	return true;
}

struct crowd *
crowd_gather(int port, const struct person *people, int count)
{
	struct crowd *c = g_new0(struct crowd, 1);
	double give_up_ms = now_ms() + PATIENCE_MS, show_ms = 0;
	int came = 0, next = 0;

	c->port = port;
	c->count = count;
	c->tallies = g_array_new(FALSE, FALSE, sizeof(struct tally));
	c->buyers = g_new0(struct buyer, (gsize)count);
	c->epoll = epoll_create1(EPOLL_CLOEXEC);
	for (int i = 0; i < count; i++)
		c->buyers[i] = (struct buyer){
			.person = &people[i + 1], .fd = -1, .in = g_string_new(NULL)
		};
	while (came < count) {
		struct epoll_event events[WAVE];
		int n;

		for (; next < count && next - came < WAVE; next++)
			buyer_arrive(c, &c->buyers[next]);
		n = epoll_wait(c->epoll, events, WAVE, PROGRESS_MS);
		for (int i = 0; i < n; i++) {
			struct buyer *b = events[i].data.ptr;

			if (b->out == NULL) { /* has come */
				buyer_idles(b);
				continue;
			}
			buyer_write(b);
			if (!buyer_has_arrived(c, b))
				continue;
			came++;
			g_string_free(g_steal_pointer(&b->out), TRUE);
		}
		if (now_ms() > give_up_ms)
			die("only %d of %d buyers could sign in", came, count);
		if (now_ms() > show_ms) {
			told_progress("signed in and at the door: %s of %s", told_count(came),
				told_count(count));
			show_ms = now_ms() + PROGRESS_MS;
		}
	}
	return c;
}

/* ---- the sale ---- */

static void
count_answer(struct crowd *c, int status, const char *code, const char *detail)
{
	struct tally new = { .status = status, .count = 1 };

	for (guint i = 0; i < c->tallies->len; i++) {
		struct tally *t = &g_array_index(c->tallies, struct tally, i);

		if (t->status == status && g_strcmp0(t->code, code) == 0) {
			t->count++;
			return;
		}
	}
	if (c->tallies->len == TALLIES_MAX)
		return;
	new.code = g_strdup(code);
	new.detail = g_strdup(detail);
	g_array_append_val(c->tallies, new);
}

static void
buyer_is_told(struct crowd *c, struct buyer *b, enum fate fate)
{
	b->fate = fate;
	b->told_ms = now_ms();
	c->told++;
	c->bought += fate == BOUGHT;
	c->sold_out += fate == SOLD_OUT;
}

/* The same again after a while, with the same key: whatever became of it before, it happens once. False when this was tried too often. */
static bool
buyer_rests(struct crowd *c, struct buyer *b, double for_ms)
{
	if (b->tries >= TRIES_MAX)
		return false;
	b->tries++;
	b->rest_until_ms = now_ms() + for_ms;
	c->resting++;
	return true;
}

/* What the order says; false if it is none of one pair. */
static bool
read_order(const json_t *order, struct buyer *b)
{
	const json_t *lines =
		json_object_get(json_array_get(json_object_get(order, "shipments"), 0), "lines");
	const json_t *line = json_array_get(lines, 0);

	b->order_id = json_integer_value(json_object_get(order, "order_id"));
	b->total_cents = json_integer_value(json_object_get(order, "total_cents"));
	b->discounted = (int)json_integer_value(json_object_get(line, "discounted"));
	return b->order_id > 0 && json_array_size(lines) == 1 &&
		json_integer_value(json_object_get(line, "quantity")) == 1;
}

static void
buyer_answered(struct crowd *c, struct buyer *b, const struct http_answer *answer)
{
	json_t *json = json_loadb(answer->body, answer->length, 0, NULL);
	const char *code = json_string_value(json_object_get(json, "code"));
	const char *detail = json_string_value(json_object_get(json, "detail"));
	bool may_come_again = answer->status == 503 && answer->retry_after_seconds >= 0;

	count_answer(c, answer->status, code, detail);
	if (answer->closes)
		buyer_hang_up(b);
	if (answer->status == 201)
		buyer_is_told(c, b, read_order(json, b) ? BOUGHT : UNEXPECTED);
	else if (answer->status == 409 && g_strcmp0(code, "out_of_stock") == 0)
		buyer_is_told(c, b, SOLD_OUT);
	else if (!may_come_again ||
		!buyer_rests(c, b, MIN(answer->retry_after_seconds, REST_MAX_S) * 1e3))
		buyer_is_told(c, b, UNEXPECTED);
	json_decref(json);
}

/* Something came, or can be sent. */
static void
buyer_step(struct crowd *c, struct buyer *b)
{
	struct http_answer answer;
	enum http_progress progress;
	bool goes_on;

	if (b->fate != UNTOLD || b->rest_until_ms > 0) {
		buyer_idles(b);
		return;
	}
	buyer_write(b);
	goes_on = buyer_read(b);
	progress = http_parse(b->in, &answer);
	if (!goes_on)
		buyer_hang_up(b);
	if (progress == HTTP_WHOLE) {
		buyer_answered(c, b, &answer);
	} else if (progress == HTTP_BROKEN) {
		count_answer(c, 0, "not HTTP", NULL);
		buyer_hang_up(b);
		buyer_is_told(c, b, UNEXPECTED);
	} else if (!goes_on) {
		c->lost++;
		if (!buyer_rests(c, b, REST_MS))
			buyer_is_told(c, b, UNEXPECTED);
	}
}

static void
wake_rested(struct crowd *c)
{
	for (int i = 0; i < c->count && c->resting > 0; i++) {
		struct buyer *b = &c->buyers[i];

		if (b->rest_until_ms > 0 && b->rest_until_ms <= now_ms()) {
			c->resting--;
			buyer_say(c, b);
		}
	}
}

/* In an order of chance: the first in the list are not the first to buy. Nothing is read before everybody has asked. */
static void
open_door(struct crowd *c)
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

		b->asked_ms = now_ms();
		b->tries = 1;
		buyer_say(c, b);
	}
	c->last_ms = now_ms();
}

void
crowd_buy(struct crowd *c, gint64 listing_id)
{
	g_autofree char *body = g_strdup_printf(
		"{\"items\":[{\"listing_id\":%" G_GINT64_FORMAT ",\"quantity\":1}]}", listing_id);
	double show_ms = 0, give_up_ms = now_ms() + PATIENCE_MS;

	for (int i = 0; i < c->count; i++) {
		struct buyer *b = &c->buyers[i];

		secret_random_id(b->key);
		b->out = http_request("POST", "/api/checkout", b->person->token, b->key, body);
	}
	open_door(c);
	while (c->told < c->count && now_ms() < give_up_ms) {
		struct epoll_event events[256];
		int n = epoll_wait(c->epoll, events, G_N_ELEMENTS(events), 10);

		for (int i = 0; i < n; i++)
			buyer_step(c, events[i].data.ptr);
		wake_rested(c);
		if (now_ms() > show_ms || c->told == c->count) {
			told_progress("bought %s, sold out %s, waiting %s", told_count(c->bought),
				told_count(c->sold_out), told_count(c->count - c->told));
			show_ms = now_ms() + PROGRESS_MS;
		}
	}
}

void
crowd_free(struct crowd *c)
{
	for (int i = 0; i < c->count; i++) {
		buyer_hang_up(&c->buyers[i]);
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
