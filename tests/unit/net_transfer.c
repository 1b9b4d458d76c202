/* Requests to another server: a small one of the test, which answers what it was given. */
#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/http_client.h"
#include "net/transfer.h"
#include "unit.h"

enum { SOON_MS = 300, LATE_MS = 20000 };

/* Answers one request for each of its texts, on a connection of its own; NULL: with nothing. */
struct server {
	int fd;
	char url[64];
	const char *answers[4];
	GString *seen; /* all requests */
	pthread_t thread;
};

/* Reads a request whose body, if it has one, ends with "." */
static void
read_request(int fd, GString *seen)
{
	char buffer[4096];
	ssize_t n;
	bool has_body = false;

	do {
		n = read(fd, buffer, sizeof buffer);
		if (n > 0)
			g_string_append_len(seen, buffer, n);
		has_body = strstr(seen->str, "POST ") != NULL;
	} while (n > 0 &&
		!(has_body ? g_str_has_suffix(seen->str, ".")
			   : strstr(seen->str, "\r\n\r\n") != NULL));
}

static void *
serve(void *arg)
{
	struct server *s = arg;

	for (int i = 0; i < 4; i++) {
		int fd = accept(s->fd, NULL, NULL);

		if (fd < 0)
			break;
		read_request(fd, s->seen);
		if (s->answers[i] != NULL && write(fd, s->answers[i], strlen(s->answers[i])) < 0)
			fail();
		close(fd);
	}
	return NULL;
}

static void
server_start(struct server *s)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;

	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(s->fd, 8), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&address, &size), 0);
	g_snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d/v1/things", ntohs(address.sin_port));
	s->seen = g_string_new(NULL);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void
server_stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	g_string_free(s->seen, TRUE);
}

static void
test_post(void **state)
{
	struct server s = { .answers = { "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n"
					 "Connection: close\r\n\r\n{}" } };
	struct http_reply reply = { 0 };

	(void)state;
	server_start(&s);
	assert_true(http_call_send(&(struct http_call){ .method = "POST",
					   .url = s.url,
					   .bearer = "sk_test",
					   .headers = { "Idempotency-Key: k1" },
					   .form = "a[b]=1&c=%C3%A9.",
					   .timeout_ms = LATE_MS },
		&reply));
	assert_int_equal(reply.status, 201);
	assert_string_equal(reply.body, "{}");
	assert_non_null(strstr(s.seen->str, "POST /v1/things HTTP/1.1\r\n"));
	assert_non_null(strstr(s.seen->str, "\r\nAuthorization: Bearer sk_test\r\n"));
	assert_non_null(strstr(s.seen->str, "\r\nIdempotency-Key: k1\r\n"));
	assert_non_null(
		strstr(s.seen->str, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
	assert_null(strstr(s.seen->str, "Expect"));
	assert_true(g_str_has_suffix(s.seen->str, "\r\n\r\na[b]=1&c=%C3%A9."));
	http_reply_clear(&reply);
	server_stop(&s);
}

static void
expect(const char *answer, int timeout_ms, bool answered, int status)
{
	struct server s = { .answers = { answer, answer } };
	struct http_reply reply = { 0 };

	server_start(&s);
	assert_int_equal(http_call_send(
				 &(struct http_call){
					 .method = "GET", .url = s.url, .timeout_ms = timeout_ms },
				 &reply),
		answered);
	assert_int_equal(reply.status, status);
	assert_true((reply.body != NULL) == answered);
	assert_true((reply.why != NULL) == !answered);
	http_reply_clear(&reply);
	server_stop(&s);
}

static void
test_answers(void **state)
{
	(void)state;
	expect("HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", LATE_MS, true,
		500);
	/* a redirect is an answer, and not followed */
	expect("HTTP/1.1 302 Go\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n"
	       "Connection: close\r\n\r\n",
		LATE_MS, true, 302);
	/* lost, and cut short */
	expect(NULL, LATE_MS, false, 0);
	expect("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{", LATE_MS,
		false, 0);
	expect("not HTTP", LATE_MS, false, 0);
}

/* A server that takes the connection and says nothing. */
static void
test_silence(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct http_reply reply = { 0 };
	g_autofree char *url = NULL;
	struct http_call call = { .method = "GET", .timeout_ms = SOON_MS };
	gint64 began = g_get_monotonic_time();

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	call.url = url = g_strdup_printf("http://localhost:%d/", ntohs(address.sin_port));
	assert_false(http_call_send(&call, &reply));
	assert_non_null(reply.why);
	http_reply_clear(&reply);
	/* a stop ends the wait */
	call.timeout_ms = LATE_MS;
	transfer_stop(true);
	assert_false(http_call_send(&call, &reply));
	transfer_stop(false);
	http_reply_clear(&reply);
	assert_true(g_get_monotonic_time() - began < LATE_MS * 500LL);
	close(fd);
	call.timeout_ms = SOON_MS;
	assert_false(http_call_send(&call, &reply)); /* refused */
	http_reply_clear(&reply);
}

static void
test_addresses(void **state)
{
	static const char *const allowed[] = { "https://api.stripe.com", "https://127.0.0.1:8",
		"http://127.0.0.1:8080/x", "http://[::1]:80", "http://localhost/",
		"smtp://mail.example.com:587", "smtps://mail.example.com" };
	static const char *const refused[] = { "http://api.stripe.com", "http://127.0.0.1.example",
		"http://localhost@example.com/", "http://127.0.0.2/", "ftp://127.0.0.1/",
		"file:///etc/passwd", "api.stripe.com", "", "https://", "http://127.1@x/" };
	struct http_reply reply = { 0 };

	(void)state;
	for (size_t i = 0; i < G_N_ELEMENTS(allowed); i++)
		assert_true(transfer_is_allowed(allowed[i]));
	for (size_t i = 0; i < G_N_ELEMENTS(refused); i++)
		assert_false(transfer_is_allowed(refused[i]));
	assert_false(http_call_send(
		&(struct http_call){
			.method = "GET", .url = "http://192.0.2.1/", .timeout_ms = SOON_MS },
		&reply));
	http_reply_clear(&reply);
}

static void
test_form(void **state)
{
	GString *form = g_string_new(NULL);

	(void)state;
	http_form_add(form, "a[b][0]", "1 & 2");
	http_form_add(form, "c", "é=+%");
	assert_string_equal(form->str, "a[b][0]=1%20%26%202&c=%C3%A9%3D%2B%25");
	g_string_free(form, TRUE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_post),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
