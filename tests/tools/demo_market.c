/* The marketplace: what ./start wrote about it, and its database as the owner of the schema. */
#include <errno.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "demo.h"

/* What $STATE/env exports. */
static const char *const exported[] = { "PGHOST", "PGPORT", "PGUSER", "PGDATABASE" };

struct market {
	char *state;
	char *url;
	int port;
	char *values[G_N_ELEMENTS(exported)];
	PGconn *db;
};

/* ---- connecting ---- */

/* The folder that ./start uses: its function default_state(). */
static char *
state_folder(void)
{
	const char *given = g_getenv("SHOETOPIA_STATE"), *home = g_getenv("XDG_STATE_HOME");

	if (given != NULL && *given != '\0')
		return g_strdup(given);
	if (geteuid() == 0)
		return g_strdup("/var/lib/shoetopia");
	if (home != NULL && *home != '\0')
		return g_build_filename(home, "shoetopia", NULL);
	home = g_getenv("HOME");
	return g_build_filename(
		home != NULL && *home != '\0' ? home : "/tmp", ".local/state/shoetopia", NULL);
}

/* The value in `export NAME='VALUE'`; ./start writes none with a quote in it. */
static char *
exported_value(const char *file, const char *text, const char *name)
{
	g_autofree char *begin = g_strdup_printf("\nexport %s='", name);
	const char *at = strstr(text, begin), *end;

	at = at == NULL ? NULL : at + strlen(begin);
	end = at == NULL ? NULL : strchr(at, '\'');
	if (end == NULL)
		die("%s does not say %s: was it written by another version? Run ./start again",
			file, name);
	return g_strndup(at, (gsize)(end - at));
}

static void
read_env(struct market *p)
{
	g_autofree char *path = g_build_filename(p->state, "env", NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	const char *wanted = g_getenv("SHOETOPIA_PORT");

	if (!g_file_get_contents(path, &text, NULL, &error)) {
		if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_ACCES))
			die("%s may not be read: run this as the user who runs ./start", path);
		die("there is no marketplace in %s. Start it with ./start. (Another folder is "
		    "named by SHOETOPIA_STATE; if another user, such as "
		    "root, runs ./start, run this as that user too.)",
			p->state);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(exported); i++)
		p->values[i] = exported_value(path, text, exported[i]);
	p->url = exported_value(path, text, "SHOETOPIA_URL");
	p->port = strrchr(p->url, ':') == NULL ? 0 : atoi(strrchr(p->url, ':') + 1);
	if (!g_str_has_prefix(p->url, "http://127.0.0.1:") || p->port < 1 || p->port > 65535)
		die("%s names the address %s, and this speaks to http://127.0.0.1:PORT only", path,
			p->url);
	if (wanted != NULL && *wanted != '\0' && atoi(wanted) != p->port)
		die("SHOETOPIA_PORT is %s, but the marketplace in %s is at port %d: name the "
		    "folder of the other one with SHOETOPIA_STATE",
			wanted, p->state, p->port);
}

static void
must_be_running(const struct market *p)
{
	int fd = http_connect(p->port, true);

	if (fd < 0)
		die("the marketplace in %s is not running (nothing answers at %s). Start it with "
		    "./start",
			p->state, p->url);
	close(fd);
}

static void
must_be_healthy(const struct market *p)
{
	JSON_AUTO struct json *answer = NULL;
	int status = http_call(p->port, "GET", "/api/health", "-", NULL, &answer);

	if (status != 200)
		die("%s is not well: /api/health answers %d, not 200", p->url, status);
}

static void
ignore_notice(void *user, const PGresult *notice)
{
	(void)user;
	(void)notice;
}

static void
connect_database(struct market *p)
{
	const char *const names[] = { "host", "port", "user", "dbname", "application_name",
		"connect_timeout", NULL };
	const char *const values[] = { p->values[0], p->values[1], p->values[2], p->values[3],
		"storm", "10", NULL };

	p->db = PQconnectdbParams(names, values, 0);
	if (PQstatus(p->db) != CONNECTION_OK)
		die("the marketplace answers, but its database does not let this in: run this as "
		    "the user who runs ./start.\n%s",
			PQerrorMessage(p->db));
	PQsetNoticeReceiver(p->db, ignore_notice, NULL);
}

/* ---- statements ---- */

static PGresult *
ask(struct market *p, const char *sql, int count, const char *const *values)
{
	PGresult *result = PQexecParams(p->db, sql, count, NULL, values, NULL, NULL, 0);

	if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
		die("the database refuses: %s", PQerrorMessage(p->db));
	return result;
}

static void
run(struct market *p, const char *sql, int count, const char *const *values)
{
	PQclear(ask(p, sql, count, values));
}

static gint64
number_at(const PGresult *result, int row, int column)
{
	return g_ascii_strtoll(PQgetvalue(result, row, column), NULL, 10);
}

/*
 * Two runs at the same time would use the same accounts and count each other's pairs. The lock is
 * held until the connection ends.
 */
static void
must_be_alone(struct market *p)
{
	PGresult *result =
		ask(p, "select pg_try_advisory_lock(hashtextextended('build/storm', 0))", 0, NULL);
	bool got = strcmp(PQgetvalue(result, 0, 0), "t") == 0;

	PQclear(result);
	if (!got)
		die("another storm is under way here: wait until it is over");
}

struct market *
market_open(void)
{
	struct market *p = g_new0(struct market, 1);

	p->state = state_folder();
	read_env(p);
	must_be_running(p);
	must_be_healthy(p);
	connect_database(p);
	must_be_alone(p);
	return p;
}

void
market_close(struct market *p)
{
	PQfinish(p->db);
	for (size_t i = 0; i < G_N_ELEMENTS(exported); i++)
		g_free(p->values[i]);
	g_free(p->url);
	g_free(p->state);
	g_free(p);
}

int
market_port(const struct market *p)
{
	return p->port;
}

const char *
market_url(const struct market *p)
{
	return p->url;
}

/* ---- accounts and orders ---- */

/*
 * Missing accounts, each with a cart as every account has. "!" is the hash of no password: no
 * sign-in.
 */
static const char make_accounts[] =
	"with made as ("
	"  insert into market.account (name, email, password_hash, created_at)"
	"  select case n when 0 then 'Storm seller' else 'Storm buyer ' || n end, 'storm.' || n "
	"|| '@example.com', '!', clock_timestamp()"
	"  from generate_series(0, $1::int) as n"
	"  where not exists (select from market.account a where a.email_key = 'storm.' || n || "
	"'@example.com')"
	"  order by n"
	"  returning account_id)"
	" insert into market.cart (account_id) select account_id from made";

/* One session each, from digests in hexadecimal; old kept keys are deleted, as a sign-in does. */
static const char make_sessions[] =
	"with known as ("
	"  select t.n - 1 as n, t.digest, a.account_id"
	"  from unnest($1::text[]) with ordinality as t(digest, n)"
	"  join market.account a on a.email_key = 'storm.' || (t.n - 1) || '@example.com' and "
	"a.password_hash = '!'),"
	" old as (delete from market.idempotency i using known k"
	"  where i.account_id = k.account_id and i.created_at < clock_timestamp() - interval '48 "
	"hours'),"
	" made as (insert into market.session (session_digest, account_id, created_at, expires_at)"
	"  select decode(digest, 'hex'), account_id, clock_timestamp(), clock_timestamp() + "
	"interval '15 minutes' from known)"
	" select n, account_id from known order by n";

static const char end_sessions[] =
	"delete from market.session s using market.account a"
	" where s.account_id = a.account_id and a.email_key ~ '^storm\\.[0-9]+@example\\.com$' "
	"and a.password_hash = '!'";

static const char find_sold[] =
	"select i.order_id, o.account_id, i.total_cents, i.quantity, i.discounted"
	" from market.order_line i"
	" join market.listing l on l.shop_id = i.shop_id and l.listing_id = i.listing_id"
	" left join market.orders o on o.order_id = i.order_id"
	" where l.listing_id = $1"
	" order by i.shipment_id";

struct user *
market_create_users(struct market *p, int buyers)
{
	struct user *users = g_new0(struct user, (gsize)buyers + 1);
	g_autoptr(GString) digests = g_string_new("{");
	g_autofree char *count = g_strdup_printf("%d", buyers);
	const char *values[] = { count };
	PGresult *made;

	for (int i = 0; i <= buyers; i++) {
		char digest[DIGEST_SIZE];

		secret_token(users[i].token);
		secret_digest(users[i].token, TOKEN_LENGTH, digest);
		g_string_append_printf(digests, "%s%s", i == 0 ? "" : ",", digest + strlen("\\x"));
	}
	g_string_append_c(digests, '}');
	market_end_sessions(p);
	run(p, make_accounts, 1, values);
	values[0] = digests->str;
	made = ask(p, make_sessions, 1, values);
	if (PQntuples(made) != buyers + 1)
		die("%d of the addresses storm.N@example.com belong to accounts that are not the "
		    "storm's",
			buyers + 1 - PQntuples(made));
	for (int i = 0; i <= buyers; i++)
		users[i].account_id = number_at(made, i, 1);
	PQclear(made);
	return users;
}

void
market_end_sessions(struct market *p)
{
	run(p, end_sessions, 0, NULL);
}

GArray *
market_sold_lines(struct market *p, gint64 listing_id)
{
	g_autofree char *listing = g_strdup_printf("%" G_GINT64_FORMAT, listing_id);
	const char *values[] = { listing };
	PGresult *found = ask(p, find_sold, 1, values);
	GArray *sold = g_array_new(FALSE, FALSE, sizeof(struct sold_line));

	for (int i = 0; i < PQntuples(found); i++) {
		struct sold_line s = { number_at(found, i, 0), number_at(found, i, 1),
			number_at(found, i, 2), (int)number_at(found, i, 3),
			(int)number_at(found, i, 4) };

		g_array_append_val(sold, s);
	}
	PQclear(found);
	return sold;
}

/* ---- the audit ---- */

bool
market_audit(const struct market *p, char **verdict)
{
	g_autofree char *program = g_build_filename(p->state, "app/bin/shoetopia", NULL);
	g_autofree char *out = NULL, *err = NULL;
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) env = g_get_environ();
	g_auto(GStrv) lines = NULL;
	char *arguments[] = { program, (char[]){ "--audit" }, NULL };
	GString *report = g_string_new(NULL);
	int status = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(exported); i++)
		env = g_environ_setenv(env, exported[i], p->values[i], TRUE);
	if (!g_spawn_sync(
		    NULL, arguments, env, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, &status, &error))
		die("the audit could not be run: %s", error->message);
	/* The last line, which is the sum, comes first; then the checks that found something. */
	lines = g_strsplit(g_strchomp(out), "\n", -1);
	for (char **line = lines; *line != NULL; line++)
		if (line[1] == NULL)
			g_string_prepend(report, *line);
		else if (!g_str_has_prefix(g_strchug(*line), "0 "))
			g_string_append_printf(report, "\n%s", *line);
	if (*err != '\0')
		g_string_append_printf(report, "\n%s", g_strchomp(err));
	*verdict = g_string_free(report, FALSE);
	return g_spawn_check_wait_status(status, NULL);
}
