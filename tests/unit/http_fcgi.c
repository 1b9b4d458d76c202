/*
 * The FastCGI server with real sockets and threads: a handler that blocks must not block the event
 * loop, and a request that is detached is completed by another thread. FastCGI records are written
 * by hand.
 */
#include <fastcgi.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/secret.h"
#include "http/fcgi.h"
#include "http/fcgi_record.h"
#include "http/gate.h"
#include "http/handler.h"
#include "http/watchdog.h"
#include "unit.h"

enum {
	N_THREADS = 2, /* one that blocks, one for all others */
	ANSWER_MS = 5000,
};

/* ---- the site ---- */

static sem_t slow_has_begun, slow_may_end;
static _Atomic(struct request *) detached;

static enum err
answer_fast(struct request *req, struct answer *ans)
{
	(void)req;
	g_string_assign(ans->body, "{\"fast\":true}");
	return ERR_NONE;
}

static enum err
answer_slow(struct request *req, struct answer *ans)
{
	(void)req;
	sem_post(&slow_has_begun);
	while (sem_wait(&slow_may_end) != 0)
		; /* interrupted by a signal */
	g_string_assign(ans->body, "{\"slow\":true}");
	return ERR_NONE;
}

/* As answer_statement(): it does not block if the request can be detached, else it does. */
static enum err
answer_detached(struct request *req, struct answer *ans)
{
	if (!request_can_detach(req))
		return answer_slow(req, ans);
	g_string_assign(ans->body, "{\"detached\":true}");
	request_detach(req);
	atomic_store(&detached, req);
	sem_post(&slow_has_begun);
	return ERR_PENDING;
}

/* Blocks although its route is marked nonblocking: the event loop hangs. */
static enum err
answer_stuck(struct request *req, struct answer *ans)
{
	return answer_slow(req, ans);
}

static const struct answer_schema no_schema = { "Nothing", (const struct member[]){ { 0 } } };

static const struct route routes[] = {
	{ GET, "/fast", ANYONE, NULL, 200, answer_fast, .summary = "Fast", .name = "fast",
		.answer_schema = &no_schema },
	{ GET, "/slow", ANYONE, NULL, 200, answer_slow, .summary = "Slow", .name = "slow",
		.answer_schema = &no_schema },
	{ GET, "/detached", ANYONE, NULL, 200, answer_detached, 1, .nonblocking = true,
		.summary = "Detached", .name = "detached", .answer_schema = &no_schema },
	{ GET, "/stuck", ANYONE, NULL, 200, answer_stuck, 1, .nonblocking = true,
		.summary = "Stuck", .name = "stuck", .answer_schema = &no_schema },
};

static char *
viewer(const struct request *req)
{
	(void)req;
	return NULL;
}

static const struct site site = {
	.routes = routes, .n_routes = G_N_ELEMENTS(routes), .viewer = viewer
};

/* ---- the server ---- */

static struct {
	char folder[32];
	char path[64];
	int fd;
	char notify_path[64];
	int notify_fd; /* of the supervisor that gets the reports */
	pthread_t thread;
} server;

static void *
serve(void *arg)
{
	(void)arg;
	return fcgi_serve(&site, server.fd, true, N_THREADS) == EXIT_SUCCESS ? &server : NULL;
}

static bool
supervisor_listen(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	g_snprintf(server.notify_path, sizeof server.notify_path, "%s/notify", server.folder);
	g_strlcpy(address.sun_path, server.notify_path, sizeof address.sun_path);
	setenv("NOTIFY_SOCKET", server.notify_path, 1);
	server.notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return bind(server.notify_fd, (struct sockaddr *)&address, sizeof address) == 0;
}

static int
set_up(void **state)
{
	(void)state;
	unsetenv("SHOETOPIA_PREFIX");
	g_strlcpy(server.folder, "/tmp/shoetopia-XXXXXX", sizeof server.folder);
	if (!secret_init() || mkdtemp(server.folder) == NULL)
		return -1;
	g_snprintf(server.path, sizeof server.path, "%s/socket", server.folder);
	sem_init(&slow_has_begun, 0, 0);
	sem_init(&slow_may_end, 0, 0);
	server.fd = fcgi_listen(server.path, 16);
	return server.fd < 0 || !supervisor_listen()
		? -1
		: pthread_create(&server.thread, NULL, serve, NULL);
}

static int
tear_down(void **state)
{
	void *ended = NULL;

	(void)state;
	pthread_kill(server.thread, SIGTERM);
	pthread_join(server.thread, &ended);
	close(server.fd);
	close(server.notify_fd);
	unlink(server.path);
	unlink(server.notify_path);
	rmdir(server.folder);
	return ended != NULL ? 0 : -1;
}

/* ---- the web server ---- */

static void
append_record(GString *out, int kind, const char *content, size_t length)
{
	const unsigned char header[FCGI_HEADER_LEN] = { FCGI_VERSION_1, (unsigned char)kind, 0, 1,
		(unsigned char)(length >> 8), (unsigned char)length };

	g_string_append_len(out, (const char *)header, sizeof header);
	g_string_append_len(out, content, (gssize)length);
}

static void
append_param(GString *out, const char *name, const char *value)
{
	g_string_append_c(out, (char)strlen(name));
	g_string_append_c(out, (char)strlen(value));
	g_string_append(out, name);
	g_string_append(out, value);
}

/* A GET request on a connection that is kept. Free with g_string_free(). */
static GString *
request_records(const char *uri, const char *accept)
{
	static const char begin[8] = { 0, FCGI_RESPONDER, FCGI_KEEP_CONN };
	g_autoptr(GString) params = g_string_new(NULL);
	GString *out = g_string_new(NULL);

	append_param(params, "REQUEST_METHOD", "GET");
	append_param(params, "REQUEST_URI", uri);
	append_param(params, "HTTP_ACCEPT", accept);
	append_param(params, "CONTENT_LENGTH", "");
	append_record(out, FCGI_BEGIN_REQUEST, begin, sizeof begin);
	append_record(out, FCGI_PARAMS, params->str, params->len);
	append_record(out, FCGI_PARAMS, "", 0);
	append_record(out, FCGI_STDIN, "", 0);
	return out;
}

/* Sends a request on a connection of its own, which it returns. */
static int
send_request(const char *uri, const char *accept)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	g_autoptr(GString) records = request_records(uri, accept);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, server.path, sizeof address.sun_path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(write(fd, records->str, records->len), (ssize_t)records->len);
	return fd;
}

static bool
has_text(const GString *got, const char *text)
{
	return memmem(got->str, got->len, text, strlen(text)) != NULL;
}

static bool
is_response(const GString *got, const char *body)
{
	return has_text(got, "Status: 200") && has_text(got, body);
}

/* Whether a response with this body arrives in time; closes the connection. */
static bool
receives(int fd, const char *body)
{
	g_autoptr(GString) got = g_string_new(NULL);
	struct pollfd waiting = { .fd = fd, .events = POLLIN };
	char data[4096];
	ssize_t n;

	while (!is_response(got, body) && poll(&waiting, 1, ANSWER_MS) == 1 &&
		(n = read(fd, data, sizeof data)) > 0)
		g_string_append_len(got, data, n);
	close(fd);
	return is_response(got, body);
}

static void
wait_until_begun(void)
{
	while (sem_wait(&slow_has_begun) != 0)
		; /* interrupted by a signal */
}

/* ---- tests ---- */

/* While a handler blocks, the other thread serves other connections. */
static void
assert_does_not_block_others(const char *uri, const char *accept, const char *body)
{
	int slow = send_request(uri, accept);
	bool served = true;

	wait_until_begun();
	for (int i = 0; i < 3; i++)
		served = receives(send_request("/api/fast", "*/*"), "{\"fast\":true}") && served;
	sem_post(&slow_may_end);
	assert_true(receives(slow, body));
	if (!served)
		fail_msg("the handler of %s holds up the event loop", uri);
}

static void
test_slow_handler(void **state)
{
	(void)state;
	assert_does_not_block_others("/api/slow", "*/*", "{\"slow\":true}");
}

/* A nonblocking route's handler blocks where the request cannot be detached. */
static void
test_slow_page(void **state)
{
	(void)state;
	assert_does_not_block_others("/api/detached", "text/html", "</html>");
}

/* More requests than threads are pending at once, and others are served meanwhile. */
static void
test_detached(void **state)
{
	struct request *pending[2 * N_THREADS];
	int fds[G_N_ELEMENTS(pending)];

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(pending); i++) {
		fds[i] = send_request("/api/detached", "*/*");
		wait_until_begun();
		pending[i] = atomic_exchange(&detached, NULL);
		assert_non_null(pending[i]);
	}
	assert_true(receives(send_request("/api/fast", "*/*"), "{\"fast\":true}"));
	for (size_t i = G_N_ELEMENTS(pending); i-- > 0;) {
		struct pollfd early = { .fd = fds[i], .events = POLLIN };

		assert_int_equal(poll(&early, 1, 0), 0);
		gate_complete(pending[i], ERR_NONE);
		assert_true(receives(fds[i], "{\"detached\":true}"));
	}
}

/* Whether a report with this text arrives within `ms`; reads those before it. */
static bool
is_reported(const char *text, int ms)
{
	gint64 until = g_get_monotonic_time() + ms * 1000;
	struct pollfd waiting = { .fd = server.notify_fd, .events = POLLIN };
	char got[64];
	gint64 left;

	while ((left = until - g_get_monotonic_time()) > 0 &&
		poll(&waiting, 1, (int)(left / 1000)) == 1) {
		ssize_t n = recv(server.notify_fd, got, sizeof got - 1, 0);

		got[MAX(n, 0)] = '\0';
		if (strcmp(got, text) == 0)
			return true;
	}
	return false;
}

/* Reads all reports that have come, and one tick more. */
static void
drain_reports(void)
{
	while (recv(server.notify_fd, &(char){ 0 }, 1, MSG_DONTWAIT) >= 0)
		;
	is_reported("no such report", 2 * WATCHDOG_TICK_MS);
}

static void
test_reports(void **state)
{
	int slow[N_THREADS];
	int stuck;

	(void)state;
	assert_true(is_reported("READY=1", ANSWER_MS));
	assert_true(is_reported("WATCHDOG=1", ANSWER_MS));
	/* all threads wait in handlers, whose waits are bounded: no reason to end the process */
	for (int i = 0; i < N_THREADS; i++) {
		slow[i] = send_request("/api/slow", "*/*");
		wait_until_begun();
	}
	drain_reports();
	assert_true(is_reported("WATCHDOG=1", ANSWER_MS));
	for (int i = 0; i < N_THREADS; i++)
		sem_post(&slow_may_end);
	for (int i = 0; i < N_THREADS; i++)
		assert_true(receives(slow[i], "{\"slow\":true}"));
	/* the event loop hangs, although the main thread does not, and another thread is free */
	stuck = send_request("/api/stuck", "*/*");
	wait_until_begun();
	drain_reports();
	assert_false(is_reported("WATCHDOG=1", 4 * WATCHDOG_TICK_MS));
	sem_post(&slow_may_end);
	assert_true(receives(stuck, "{\"slow\":true}"));
	assert_true(is_reported("WATCHDOG=1", ANSWER_MS));
}

static void
test_complete_request(void **state)
{
	g_autoptr(GString) records = request_records("/api/fast", "*/*");
	const unsigned char *data = (const unsigned char *)records->str;

	(void)state;
	for (size_t length = 0; length < records->len; length++)
		assert_false(fcgi_is_complete_request(data, length));
	assert_true(fcgi_is_complete_request(data, records->len));
	g_string_append(records, "the next one");
	assert_true(fcgi_is_complete_request((const unsigned char *)records->str, records->len));
	records->str[3] = 2; /* another request number than in the other records */
	assert_false(fcgi_is_complete_request((const unsigned char *)records->str, records->len));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_slow_handler),
		cmocka_unit_test(test_slow_page),
		cmocka_unit_test(test_detached),
		cmocka_unit_test(test_complete_request),
	};
	sigset_t all;

	/* fcgi_serve() waits for SIGTERM in its own thread */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	return cmocka_run_group_tests_name("http_fcgi", tests, set_up, tear_down);
}
