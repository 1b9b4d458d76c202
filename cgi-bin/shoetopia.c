/*
 * The program: a server when a web server or a FastCGI process manager starts it, and the tool of
 * the operator, with one task for each run.
 */
#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commit.h" /* generated */

#include "base/log.h"
#include "base/password.h"
#include "base/secret.h"
#include "db/audit.h"
#include "db/check.h"
#include "db/db.h"
#include "db/grant.h"
#include "db/migrate.h"
#include "db/schema_check.h"
#include "http/cgi.h"
#include "http/client.h"
#include "http/fcgi.h"
#include "http/openapi.h"
#include "http/operator_access.h"
#include "http/reply.h"
#include "http/route_table.h"
#include "market/account.h"
#include "market/answer.h"
#include "market/mail.h"
#include "market/metrics.h"
#include "market/outbox_worker.h"
#include "market/payment_page.h"
#include "market/payment_settings.h"
#include "market/payment_worker.h"
#include "market/photo.h"
#include "market/reconcile.h"
#include "market/reservation.h"
#include "market/rights.h"
#include "market/routes.h"
#include "market/sale.h"
#include "market/search.h"
#include "market/session_use.h"
#include "market/sitemap.h"
#include "market/tick.h"

enum {
	DEADLINE_MS = 8000, /* of one call to the database, with its retries */
	PASSWORD_LINE_MAX = 600,
	HOLD_SECONDS_MAX = 86400,
};

static const char usage[] =
	"Usage: shoetopia [TASK]\n"
	"\n"
	"Without a task it serves FastCGI if standard input is a listening socket (spawn-fcgi,\n"
	"systemd, mod_fcgid), or one request if a web server runs it as plain CGI.\n"
	"\n"
	"  --listen PATH         open the Unix socket PATH (mode 0660) and serve FastCGI on it\n"
	"  --migrate             update the schema (as shoetopia_owner); concurrent runs are safe\n"
	"  --check               whether the program would serve on this database: the version of\n"
	"                        the schema, durable commits, every statement (as shoetopia_app)\n"
	"  --audit [--full]      check every invariant (as shoetopia_owner); exit status 1 if one\n"
	"                        is violated. Of a large marketplace only what is new is checked\n"
	"                        at once; with --full everything, which takes minutes\n"
	"  --work-once           do what is due in the outbox, then end (as shoetopia_app): for\n"
	"                        cron, where plain CGI leaves no worker\n"
	"  --reconcile [--since 7d]\n"
	"                        compare the payment provider's pages and refunds with the ledger\n"
	"                        (as shoetopia_app); exit status 1 if they differ. What is merely\n"
	"                        late is booked\n"
	"  --load-photos FOLDER  keep the pictures of the demo data (as shoetopia_owner)\n"
	"  --grant-admin EMAIL   make an account an admin (as shoetopia_owner)\n"
	"  --set-password EMAIL  ask for a new password on the terminal, or read one from\n"
	"                        standard input; ends all its sessions (as shoetopia_owner)\n"
	"  --hash-password       read a password from standard input, print its Argon2id hash\n"
	"  --routes              print every route: method, path, who may use it, name\n"
	"  --openapi             print the API as an OpenAPI 3.1 document\n"
	"  --version, --help\n"
	"\n"
	"Environment: PGHOST, PGPORT, PGUSER, PGDATABASE and libpq's others name the database.\n"
	"\n"
	"  SHOETOPIA_THREADS      worker threads (256)\n"
	"  SHOETOPIA_CONNECTIONS  connections to the database (10): 3/8 for reads, the others for\n"
	"                         writes, of which 2 for batches alone; 1 is for all. Besides,\n"
	"                         at most 3 serve writes that wait for a row, 2 ask which rows\n"
	"                         are free, and 2 serve /health\n"
	"  SHOETOPIA_READERS      connection string of hot standbys, with one host or more:\n"
	"                         they answer public reads without a session while their data\n"
	"                         are at most a second old, and without a primary whatever\n"
	"                         their age (none; not for plain CGI)\n"
	"  SHOETOPIA_BACKLOG      listen backlog of the socket (4096)\n"
	"  SHOETOPIA_HOLD_SECONDS seconds until a reservation expires (900)\n"
	"  SHOETOPIA_HOLDS_MAX    pairs that one account may hold at a time (100)\n"
	"  SHOETOPIA_PAYMENTS     off: orders are placed unpaid (default); stripe: they are paid\n"
	"                         on the page of a provider that speaks Stripe's API\n"
	"  SHOETOPIA_STRIPE_KEY_FILE, SHOETOPIA_STRIPE_WEBHOOK_SECRET_FILE\n"
	"                         files with the key of its API, and with the secret that signs\n"
	"                         its events (two while one is replaced)\n"
	"  SHOETOPIA_PUBLIC_URL   where browsers reach this marketplace, for payments and for the\n"
	"                         links in mails: https://shoes.example\n"
	"  SHOETOPIA_STRIPE_API, SHOETOPIA_PAY_ORIGIN\n"
	"                         the provider's API, and the origin of its pages\n"
	"                         (https://api.stripe.com, https://checkout.stripe.com)\n"
	"  SHOETOPIA_PAYMENT_SECONDS, SHOETOPIA_PAYMENT_MIN_CENTS\n"
	"                         seconds in which an order has to be paid (900), and the least\n"
	"                         that the provider charges (50)\n"
	"  SHOETOPIA_FEE_BPS      the marketplace's fee, in hundredths of a percent (500)\n"
	"  SHOETOPIA_PAYOUT_DAYS  from delivery until a shop can be paid out (3)\n"
	"  SHOETOPIA_TIER_CENTS   what the promotion tiers cost (2000,5000,10000)\n"
	"  SHOETOPIA_PAIRS_PER_ACCOUNT\n"
	"                         discounted pairs of a flash sale for one account at most, where\n"
	"                         the sale does not say (0: no limit)\n"
	"  SHOETOPIA_TRUSTED_PROXIES\n"
	"                         CIDR ranges of proxies whose X-Forwarded-For and\n"
	"                         X-Forwarded-Proto are believed (none)\n"
	"  SHOETOPIA_PREFIX       path prefix before /api (none)\n"
	"  NOTIFY_SOCKET, SHOETOPIA_WATCHDOG_FD\n"
	"                         where to report progress: systemd's socket, a pipe of ./start\n"
	"  SHOETOPIA_SMTP_URL     the server that sends mails: smtps://, or smtp:// with STARTTLS\n"
	"                         (without it on this machine). Without one and without\n"
	"                         SHOETOPIA_MAIL_FOLDER no mails are sent\n"
	"  SHOETOPIA_SMTP_USER, SHOETOPIA_SMTP_PASSWORD_FILE\n"
	"                         its login, if it needs one; the password stands in the file\n"
	"  SHOETOPIA_SMTP_CA_FILE certificates to verify it by (those of the system); with it\n"
	"                         STARTTLS is used on this machine too\n"
	"  SHOETOPIA_MAIL_FROM    from whom mails are: Shoetopia <mail@shoes.example>\n"
	"  SHOETOPIA_MAIL_FOLDER  without SHOETOPIA_SMTP_URL: mails are files in this folder\n"
	"  SHOETOPIA_METRICS_TOKEN_FILE\n"
	"                         file with a token (16 characters or more): only requests with\n"
	"                         this bearer token read /metrics; without it only this host does\n"
	"  SHOETOPIA_DISK, SHOETOPIA_DISK_MIN_MB\n"
	"                         a folder on the disk of PostgreSQL, if that is of this machine:\n"
	"                         writes are refused (503) below so many MiB (256; 0: never)\n"
	"  SHOETOPIA_PHOTO_PROGRAM\n"
	"                         the program that decodes photos (shoetopia-photo beside this\n"
	"                         one)\n"
	"  SHOETOPIA_LOG          \"journal\": lines of the log begin with syslog's level, <3>;\n"
	"                         \"text\" (journal if that is where standard error leads)\n"
	"  SHOETOPIA_RUN          folder in which the processes of a machine share the limit of\n"
	"                         concurrent password hashes, and their metrics\n";

/* A number from the environment, or the default; exits with a message if it is invalid. */
static int
setting(const char *name, int default_value, int min, int max)
{
	const char *text = getenv(name);
	char *end;
	long number;

	if (text == NULL || *text == '\0')
		return default_value;
	errno = 0;
	number = strtol(text, &end, 10);
	if (errno != 0 || *end != '\0' || number < min || number > max) {
		log_line(LOG_FAULT, "%s must be a number from %d to %d", name, min, max);
		exit(EXIT_FAILURE);
	}
	return (int)number;
}

static void
set_trusted_proxies(void)
{
	const char *ranges = getenv("SHOETOPIA_TRUSTED_PROXIES");

	if (client_trust_proxies(ranges))
		return;
	log_line(LOG_FAULT,
		"SHOETOPIA_TRUSTED_PROXIES must be CIDR ranges such as "
		"10.0.0.0/8,fd00::/8, not \"%s\"",
		ranges);
	exit(EXIT_FAILURE);
}

static void
set_metrics_token(void)
{
	const char *path = getenv("SHOETOPIA_METRICS_TOKEN_FILE");

	if (path != NULL && *path != '\0' && !operator_access_set_token_file(path))
		exit(EXIT_FAILURE);
}

static void
set_readers(struct db *db)
{
	const char *readers = getenv("SHOETOPIA_READERS");
	g_autofree char *why = NULL;

	if (readers == NULL || *readers == '\0' || db_set_readers(db, readers, &why))
		return;
	fprintf(stderr, "shoetopia: SHOETOPIA_READERS is no connection string: %s\n", why);
	exit(EXIT_FAILURE);
}

static void
set_disk(void)
{
	const char *folder = getenv("SHOETOPIA_DISK");
	int min_mib = setting("SHOETOPIA_DISK_MIN_MB", 256, 0, 1000000000);

	if (folder != NULL && *folder != '\0')
		tick_set_disk(folder, min_mib);
}

static void
set_payments(void)
{
	if (!payment_settings_read(setting))
		exit(EXIT_FAILURE);
	if (payment_settings() == NULL)
		return;
	payment_worker_add();
	reply_set_form_origin(payment_settings()->pay_origin);
}

/* What serving and --work-once have in common. Free it with db_close(). */
static struct db *
open_market(int connections)
{
	struct db *db = db_open(connections, DEADLINE_MS);

	answer_set_db(db);
	set_payments();
	if (!mail_set_up())
		exit(EXIT_FAILURE);
	reservation_set_hold_seconds(
		setting("SHOETOPIA_HOLD_SECONDS", HOLD_SECONDS, 1, HOLD_SECONDS_MAX));
	sale_set_per_account(setting("SHOETOPIA_PAIRS_PER_ACCOUNT", 0, 0, 1000000));
	reservation_set_holds_max(setting("SHOETOPIA_HOLDS_MAX", HOLDS_MAX, 1, 1000000));
	return db;
}

static int
work_once(void)
{
	struct db *db = open_market(1);

	printf("%d rows of the outbox were handled\n", outbox_run_due());
	db_close(db);
	return EXIT_SUCCESS;
}

static int
reconcile_since(const char *since)
{
	struct db *db = open_market(1);
	int status = EXIT_FAILURE;

	if (payment_settings() != NULL)
		status = reconcile_run(since);
	else
		fprintf(stderr, "shoetopia: payments are off; there is nothing to reconcile\n");
	db_close(db);
	return status;
}

static int
reconcile(void)
{
	return reconcile_since("7d");
}

static int
serve(const char *path)
{
	int threads = setting("SHOETOPIA_THREADS", 256, 1, 4096);
	int backlog = setting("SHOETOPIA_BACKLOG", 4096, 1, 65535);
	struct db *db = open_market(setting("SHOETOPIA_CONNECTIONS", 10, 1, 100));
	int inherited = fcgi_inherited_socket();
	int status = EXIT_FAILURE;

	set_trusted_proxies();
	set_metrics_token();
	set_disk();
	if (path != NULL || inherited >= 0)
		set_readers(db);
	metrics_set_site(&market_site);
	if (path != NULL || inherited >= 0)
		outbox_allow_worker();
	/*
	 * Refuses a schema of another version, and a server that may lose commits. A server that
	 * cannot be reached is no reason to stop: calls reconnect.
	 */
	if ((path != NULL || inherited >= 0) && schema_check() == 1) {
		log_line(LOG_FAULT, "refusing to serve on this database");
	} else if (path != NULL) {
		int fd = fcgi_listen(path, backlog);

		if (fd >= 0)
			status = fcgi_serve(&market_site, fd, true, threads);
	} else if (inherited >= 0) {
		status = fcgi_serve(&market_site, inherited, false, threads);
	} else {
		status = cgi_serve(&market_site);
		session_use_flush(db); /* no tick follows */
		metrics_publish();
	}
	outbox_stop();
	pay_order_queue_free();
	password_queue_free();
	search_queue_free();
	sitemap_queue_free();
	photo_queue_free();
	answer_queue_free();
	db_close(db);
	return status;
}

static int
hash_password(void)
{
	char line[PASSWORD_LINE_MAX];
	char *hash = NULL;

	if (fgets(line, sizeof line, stdin) == NULL || line[0] == '\n') {
		fprintf(stderr, "shoetopia: expected one password on one line of standard input\n");
		return EXIT_FAILURE;
	}
	line[strcspn(line, "\n")] = '\0';
	if (password_hash(line, &hash) != ERR_NONE) {
		fprintf(stderr, "shoetopia: cannot hash the password now; try again\n");
		return EXIT_FAILURE;
	}
	secret_wipe(line, sizeof line);
	puts(hash);
	g_free(hash);
	return EXIT_SUCCESS;
}

static int
check_database(void)
{
	int refused = schema_check();

	if (refused == 2)
		return EXIT_FAILURE;
	return check_statements() == 0 && refused == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
print_and_free(char *text)
{
	int status = fputs(text, stdout) >= 0 && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;

	g_free(text);
	return status;
}

static int
print_openapi(void)
{
	return print_and_free(site_openapi(&market_site));
}

static int
print_routes(void)
{
	return print_and_free(site_routes(&market_site));
}

static int
print_usage(void)
{
	return fputs(usage, stdout) >= 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
print_version(void)
{
	return puts("shoetopia " PACKAGE_VERSION " (commit " COMMIT ")") >= 0 ? EXIT_SUCCESS
									      : EXIT_FAILURE;
}

static const struct task {
	const char *name;
	int (*plain)(void);
	const char *option; /* before the argument; NULL: none */
	int (*with)(const char *argument);
} tasks[] = {
	{ "--listen", .with = serve },
	{ "--migrate", .plain = migrate_run },
	{ "--check", .plain = check_database },
	{ "--audit", .plain = audit_run, .with = audit_run_with },
	{ "--work-once", .plain = work_once },
	{ "--reconcile", .plain = reconcile, .option = "--since", .with = reconcile_since },
	{ "--load-photos", .with = photo_load },
	{ "--grant-admin", .with = grant_admin },
	{ "--set-password", .with = account_set_password },
	{ "--hash-password", .plain = hash_password },
	{ "--routes", .plain = print_routes },
	{ "--openapi", .plain = print_openapi },
	{ "--help", .plain = print_usage },
	{ "--version", .plain = print_version },
};

static int
run_task(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
		if (strcmp(tasks[i].name, argv[1]) != 0)
			continue;
		if (argc == 2 && tasks[i].plain != NULL)
			return tasks[i].plain();
		if (argc == 3 && tasks[i].with != NULL && tasks[i].option == NULL)
			return tasks[i].with(argv[2]);
		if (argc == 4 && tasks[i].option != NULL && strcmp(argv[2], tasks[i].option) == 0)
			return tasks[i].with(argv[3]);
		break;
	}
	fprintf(stderr, "shoetopia: invalid argument \"%s\"; see shoetopia --help\n", argv[1]);
	return 2;
}

int
main(int argc, char **argv)
{
	const char *fault = site_fault(&market_site);

	signal(SIGPIPE, SIG_IGN);
	if (!log_set_format(getenv("SHOETOPIA_LOG"))) {
		log_line(LOG_FAULT, "SHOETOPIA_LOG must be journal or text");
		return EXIT_FAILURE;
	}
	if (fault != NULL) {
		log_line(LOG_FAULT, "invalid table of routes: %s", fault);
		return EXIT_FAILURE;
	}
	fault = rights_fault(&market_site);
	if (fault != NULL) {
		log_line(
			LOG_FAULT, "the route table and the SQL functions do not agree: %s", fault);
		return EXIT_FAILURE;
	}
	if (!secret_init()) {
		log_line(LOG_FAULT, "libsodium cannot be initialized");
		return EXIT_FAILURE;
	}
	if (argc > 1)
		return run_task(argc, argv);
	if (fcgi_inherited_socket() < 0 && getenv("GATEWAY_INTERFACE") == NULL &&
		getenv("REQUEST_METHOD") == NULL)
		return print_usage();
	return serve(NULL);
}
