#include "sandbox/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "sandbox/form.h"
#include "sandbox/route.h"

enum {
	BODY_MAX = 1024 * 1024,
	IDLE_S = 30,
	CONNECTIONS_MAX = 2000,
	BACKLOG = 1024,
};

struct server {
	struct sandbox *sandbox;
	struct MHD_Daemon *daemon;
	void (*wake)(void *data);
	void *data;
};

/* A call whose body is still being received. */
struct incoming {
	char *query; /* behind the '?' of the address, not decoded; NULL: none */
	GString *body;
	bool is_begun; /* its headers are there */
	bool is_too_large;
};

/*
 * The query as it was sent: libmicrohttpd would decode it, and lose which "&" were part of a value.
 */
static void *
incoming_new(void *nothing, const char *uri, struct MHD_Connection *connection)
{
	struct incoming *incoming = g_new0(struct incoming, 1);
	const char *mark = strchr(uri, '?');

	(void)nothing, (void)connection;
	incoming->query = g_strdup(mark != NULL ? mark + 1 : "");
	incoming->body = g_string_new(NULL);
	return incoming;
}

static void
incoming_free(void *nothing, struct MHD_Connection *connection, void **state,
	enum MHD_RequestTerminationCode code)
{
	struct incoming *incoming = *state;

	(void)nothing, (void)connection, (void)code;
	if (incoming == NULL)
		return;
	g_free(incoming->query);
	g_string_free(incoming->body, TRUE);
	g_free(incoming);
	*state = NULL;
}

static const char *
header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* What every answer has besides its body. */
static void
add_headers(
	struct MHD_Response *response, const struct request *request, const struct answer *answer)
{
	MHD_add_response_header(response, "Content-Type", answer->type);
	MHD_add_response_header(response, "Cache-Control", "no-cache, no-store");
	MHD_add_response_header(response, "Request-Id", request->id);
	MHD_add_response_header(response, "Stripe-Version", SANDBOX_API_VERSION);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
	MHD_add_response_header(response, "Content-Security-Policy",
		"default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors "
		"'none'");
	if (request->key != NULL)
		MHD_add_response_header(response, "Idempotency-Key", request->key);
	if (answer->is_replayed)
		MHD_add_response_header(response, "Idempotent-Replayed", "true");
	if (answer->location != NULL)
		MHD_add_response_header(response, "Location", answer->location);
}

/* MHD_NO closes the connection without an answer. */
static enum MHD_Result
send_answer(struct MHD_Connection *connection, const struct request *request, struct answer *answer)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (answer->status == 0)
		return MHD_NO;
	response = MHD_create_response_from_buffer(
		strlen(answer->body), answer->body, MHD_RESPMEM_MUST_COPY);
	add_headers(response, request, answer);
	result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

/* No keys and no values: what a test looks for is which calls came, and in which order. */
static void
log_call(const struct request *request, const struct answer *answer)
{
	if (answer->status == 0)
		log_line(LOG_NOTE, "%s %s: the answer is lost", request->method, request->path);
	else
		log_line(LOG_NOTE, "%s %s: %u%s", request->method, request->path, answer->status,
			answer->is_replayed ? ", replayed" : "");
}

static enum MHD_Result
answer_call(struct server *server, struct MHD_Connection *connection, const char *method,
	const char *path, const struct incoming *incoming)
{
	bool reads = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
	struct request request = {
		.method = reads ? "GET" : method,
		.path = path,
		.body = incoming->body->str,
		.length = incoming->body->len,
		.authorization = header(connection, "Authorization"),
		.content_type = header(connection, "Content-Type"),
		.key = reads ? NULL : header(connection, "Idempotency-Key"),
	};
	struct answer answer = { 0 };
	enum MHD_Result result;

	sandbox_new_id("req", request.id);
	request.form = reads ? form_parse(incoming->query, strlen(incoming->query))
			     : form_parse(request.body, request.length);
	if (incoming->is_too_large)
		answer_error(&answer, 413, "invalid_request_error", NULL, NULL,
			"The body is too large.");
	else
		route_answer(server->sandbox, &request, &answer);
	if (!reads)
		server->wake(server->data);
	log_call(&request, &answer);
	result = send_answer(connection, &request, &answer);
	answer_clear(&answer);
	g_free(request.argument);
	if (request.form != NULL)
		g_ptr_array_unref(request.form);
	return result;
}

/* Called when the headers are there, for each piece of the body, and at its end. */
static enum MHD_Result
handle(void *data, struct MHD_Connection *connection, const char *path, const char *method,
	const char *version, const char *piece, size_t *length, void **state)
{
	struct incoming *incoming = *state;

	(void)version;
	if (!incoming->is_begun) {
		incoming->is_begun = true;
		return MHD_YES;
	}
	if (*length > 0) {
		if (incoming->body->len + *length > BODY_MAX)
			incoming->is_too_large = true;
		else
			g_string_append_len(incoming->body, piece, (gssize)*length);
		*length = 0;
		return MHD_YES;
	}
	return answer_call(data, connection, method, path, incoming);
}

int
server_listen(struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
	socklen_t length = sizeof *address;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)address, length) == 0 &&
		listen(fd, BACKLOG) == 0 &&
		getsockname(fd, (struct sockaddr *)address, &length) == 0)
		return fd;
	log_line(LOG_FAULT, "cannot listen on port %u: %s", ntohs(address->sin_port),
		g_strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

struct server *
server_start(struct sandbox *sandbox, int listening, void (*wake)(void *data), void *data)
{
	struct server *server = g_new0(struct server, 1);

	server->sandbox = sandbox;
	server->wake = wake;
	server->data = data;
	server->daemon = MHD_start_daemon(
		MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_THREAD_PER_CONNECTION, 0, NULL, NULL, handle,
		server, MHD_OPTION_LISTEN_SOCKET, listening, MHD_OPTION_CONNECTION_TIMEOUT,
		(unsigned)IDLE_S, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
		MHD_OPTION_URI_LOG_CALLBACK, incoming_new, NULL, MHD_OPTION_NOTIFY_COMPLETED,
		incoming_free, NULL, MHD_OPTION_END);
	if (server->daemon == NULL)
		g_error("no thread for the server"); /* ends the program */
	return server;
}

void
server_stop(struct server *server)
{
	MHD_stop_daemon(server->daemon);
	g_free(server);
}
