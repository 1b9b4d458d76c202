/*
 * The program payment-sandbox: simulates the payment provider in tests and for ./start. See usage,
 * or docs/payment-sandbox.md.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/secret.h"
#include "sandbox/key.h"
#include "sandbox/sandbox.h"
#include "sandbox/server.h"
#include "sandbox/webhook.h"

static const char usage[] =
	"Usage: payment-sandbox --state FILE [OPTION...]\n"
	"\n"
	"Simulates a payment provider: it speaks the part of Stripe's API that Shoetopia uses, "
	"shows\n"
	"a payment page on which test cards pay, and sends signed events. It never talks to "
	"Stripe.\n"
	"\n"
	"  --listen 127.0.0.1:PORT    where it serves (default 127.0.0.1:8181); only on "
	"loopback.\n"
	"                             Port 0 takes a free one; it prints \"ready: http://...\"\n"
	"  --state FILE               an SQLite file with everything; it is made if it is "
	"missing\n"
	"  --key-file FILE            the API key that callers must have (default: any that "
	"begins\n"
	"                             with sk_test_)\n"
	"  --public-url URL           where browsers reach it (default: where it serves)\n"
	"  --webhook-url URL          where events are sent, on loopback (default: nowhere)\n"
	"  --webhook-secret-file FILE the secret that signs events; two lines give two "
	"signatures\n"
	"  --help, --version\n"
	"\n"
	"For tests: GET /sandbox/health, GET /sandbox/charges, GET and PUT /sandbox/faults,\n"
	"PUT /sandbox/clock, PUT /sandbox/sessions/ID, PUT /sandbox/refunds/ID,\n"
	"POST /sandbox/disputes, PUT /sandbox/disputes/ID. docs/payment-sandbox.md describes\n"
	"them.\n";

struct options {
	const char *listen, *state, *key_file, *public_url, *webhook_url, *secret_file;
};

_Noreturn __attribute__((format(printf, 1, 2))) static void
die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("payment-sandbox: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(2);
}

static void
options_read(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {
		{ "listen", required_argument, NULL, 'l' },
		{ "state", required_argument, NULL, 's' },
		{ "key-file", required_argument, NULL, 'k' },
		{ "public-url", required_argument, NULL, 'p' },
		{ "webhook-url", required_argument, NULL, 'w' },
		{ "webhook-secret-file", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	const char **const targets[] = { ['l'] = &options->listen,
		['s'] = &options->state,
		['k'] = &options->key_file,
		['p'] = &options->public_url,
		['w'] = &options->webhook_url,
		['f'] = &options->secret_file };
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == 'h' || option == 'v') {
			fputs(option == 'h' ? usage : "payment-sandbox " PACKAGE_VERSION "\n",
				stdout);
			exit(0);
		}
		if (option == '?')
			die("try --help");
		*targets[option] = optarg;
	}
	if (optind < argc)
		die("\"%s\" is no option: try --help", argv[optind]);
	if (options->state == NULL)
		die("--state FILE is missing: try --help");
	if (options->webhook_url != NULL && options->secret_file == NULL)
		die("--webhook-url needs --webhook-secret-file");
}

/* 127.0.0.1:PORT and the like; dies at any other address. */
static struct sockaddr_in
address_read(const char *text)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	const char *colon = strrchr(text, ':');
	g_autofree char *host = g_strndup(text, colon != NULL ? (size_t)(colon - text) : 0);
	guint64 port;

	if (colon == NULL || inet_pton(AF_INET, host, &address.sin_addr) != 1 ||
		!g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &port, NULL))
		die("--listen takes 127.0.0.1:PORT, not \"%s\"", text);
	if (ntohl(address.sin_addr.s_addr) >> 24 != 127)
		die("it listens on loopback only, not on %s: its clients can make payments", host);
	address.sin_port = htons((uint16_t)port);
	return address;
}

/* Events must not leave the machine, whatever a test sets. */
static void
check_webhook(const char *url)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", "[::1]" };
	const char *host = url == NULL ? NULL : strstr(url, "://");

	if (url == NULL)
		return;
	for (size_t i = 0; host != NULL && i < G_N_ELEMENTS(hosts); i++)
		if (g_str_has_prefix(host + 3, hosts[i]) &&
			strchr(":/", host[3 + strlen(hosts[i])]) != NULL &&
			g_str_has_prefix(url, "http"))
			return;
	die("--webhook-url is a URL on loopback, not \"%s\"", url);
}

/* The lines of a file without blanks around them; dies if there is none. */
static GStrv
secrets_read(const char *path)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) lines = NULL;
	g_autoptr(GPtrArray) found = g_ptr_array_new();

	if (!g_file_get_contents(path, &text, NULL, &error))
		die("%s", error->message);
	lines = g_strsplit(text, "\n", 0);
	for (char **line = lines; *line != NULL; line++)
		if (g_strstrip(*line)[0] != '\0')
			g_ptr_array_add(found, g_strdup(*line));
	if (found->len == 0)
		die("%s is empty", path);
	g_ptr_array_add(found, NULL);
	return (GStrv)g_ptr_array_free(g_steal_pointer(&found), FALSE);
}

/* Reads what an earlier run kept beside the objects. */
static void
settings_load(struct sandbox *sandbox)
{
	g_autofree char *faults = NULL, *ahead = NULL, *starts = NULL, *next = NULL;
	int64_t start;

	store_begin(sandbox->store);
	faults = store_text(sandbox->store, SQL_SETTING_GET, STORE_ARGS(TEXT("faults")));
	ahead = store_text(sandbox->store, SQL_SETTING_GET, STORE_ARGS(TEXT("ahead_ms")));
	starts = store_text(sandbox->store, SQL_SETTING_GET, STORE_ARGS(TEXT("starts")));
	start = starts != NULL ? g_ascii_strtoll(starts, NULL, 10) + 1 : 1;
	next = g_strdup_printf("%" G_GINT64_FORMAT, start);
	store_run(sandbox->store, SQL_SETTING_PUT, STORE_ARGS(TEXT("starts"), TEXT(next)));
	store_commit(sandbox->store);
	sandbox->ahead_ms = ahead != NULL ? g_ascii_strtoll(ahead, NULL, 10) : 0;
	sandbox->faults = faults_new(faults, start);
}

static void
sandbox_clear(struct sandbox *sandbox)
{
	store_close(sandbox->store);
	faults_free(sandbox->faults);
	key_set_free(sandbox->keys_in_flight);
	g_free(sandbox->key);
	g_free(sandbox->public_url);
	g_free(sandbox->webhook_url);
	g_strfreev(sandbox->secrets);
}

static void
wake(void *webhook)
{
	webhook_wake(webhook);
}

/* Serves until SIGTERM or SIGINT; the status of the program. */
static int
serve(struct sandbox *sandbox, struct sockaddr_in *address, const char *public_url,
	const sigset_t *signals)
{
	int listening = server_listen(address), signal_number;
	char host[INET_ADDRSTRLEN];
	struct webhook *webhook;
	struct server *server;
	g_autofree char *url = NULL;

	if (listening < 0)
		return EXIT_FAILURE;
	inet_ntop(AF_INET, &address->sin_addr, host, sizeof host);
	url = g_strdup_printf("http://%s:%u", host, ntohs(address->sin_port));
	sandbox->public_url = g_strdup(public_url != NULL ? public_url : url);
	webhook = webhook_start(sandbox);
	server = server_start(sandbox, listening, wake, webhook);
	printf("ready: %s\n", url);
	fflush(stdout);
	sigwait(signals, &signal_number);
	server_stop(server);
	webhook_stop(webhook);
	return EXIT_SUCCESS;
}

/* Before any thread is started: all of them leave these signals to sigwait(). */
static void
signals_block(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int
main(int argc, char **argv)
{
	struct options options = { .listen = "127.0.0.1:8181" };
	struct sandbox sandbox = { 0 };
	struct sockaddr_in address;
	sigset_t signals;
	int status = EXIT_FAILURE;

	options_read(argc, argv, &options);
	address = address_read(options.listen);
	check_webhook(options.webhook_url);
	if (!secret_init())
		die("the system gives no random bytes");
	webhook_init();
	umask(077);
	signals_block(&signals);
	if (options.key_file != NULL) {
		g_auto(GStrv) lines = secrets_read(options.key_file);

		sandbox.key = g_strdup(lines[0]);
	}
	if (options.secret_file != NULL)
		sandbox.secrets = secrets_read(options.secret_file);
	sandbox.webhook_url = g_strdup(options.webhook_url);
	sandbox.keys_in_flight = key_set_new();
	sandbox.store = store_open(options.state);
	if (sandbox.store != NULL) {
		settings_load(&sandbox);
		status = serve(&sandbox, &address, options.public_url, &signals);
	}
	sandbox_clear(&sandbox);
	return status;
}
