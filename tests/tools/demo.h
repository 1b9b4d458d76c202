/*
 * build/storm: a flash sale in the marketplace that ./start runs. Many buyers ask at the same
 * moment, and a report for a shop owner says how it went. It checks its own result; the tests are
 * in tests/race.
 *
 *   demo.c         command line and order of events
 *   demo_market.c  the marketplace: its address, and its database as the owner of the schema
 *   demo_shop.c    the seller, over HTTP
 *   demo_buyers.c  the buyers, all at once, over HTTP
 *   demo_http.c    requests and responses as bytes
 *   demo_report.c  progress, the report, the checks
 *
 * Sessions are inserted into the database, since 1,000 passwords take a minute to hash; everything
 * else goes over HTTP. One thread. A function that cannot go on prints why and exits (die). Times
 * are milliseconds of the monotonic clock.
 */
#ifndef SHOETOPIA_TOOLS_DEMO_H
#define SHOETOPIA_TOOLS_DEMO_H

#include <glib.h>
#include <stdbool.h>

#include "base/json.h"
#include "base/secret.h"

enum {
	BUYERS_MAX = 10000,
	PAIRS_MAX = 100000, /* the API's limit of a listing's quantity */
	PRICE_CENTS = 12000,
};

/* The command line. */
struct plan {
	int buyers;
	int pairs;
	int discounts;
	int percent_off;
	int wait_seconds; /* between the opening of the shop and the first request of a buyer */
};

/* An account with a session. Number 0 is the seller. */
struct user {
	gint64 account_id;
	char token[TOKEN_SIZE];
};

/* ---- demo_market.c ---- */

struct market;

/* One line of an order, as the database has it. */
struct sold_line {
	gint64 order_id;
	gint64 account_id;
	gint64 total_cents;
	int quantity;
	int discounted;
};

/*
 * Connects to the marketplace in SHOETOPIA_STATE, or in the folder that ./start uses. Dies if it
 * cannot.
 */
struct market *market_open(void);
void market_close(struct market *market);
int market_port(const struct market *market);
const char *market_url(const struct market *market);

/*
 * Creates the accounts "Storm seller" and "Storm buyer 1" to "Storm buyer `buyers`", or takes those
 * of the last run, and a session of 15 minutes for each. Free with g_free().
 */
struct user *market_create_users(struct market *market, int buyers);

/* Ends the sessions of all these accounts. */
void market_end_sessions(struct market *market);

/*
 * The lines that sold a listing, in the order in which they took it from the stock: struct
 * sold_line.
 */
GArray *market_sold_lines(struct market *market, gint64 listing_id);

/*
 * Runs `shoetopia --audit` of the installed program. Whether it found nothing; its output in
 * *verdict, to be freed with g_free().
 */
bool market_audit(const struct market *market, char **verdict);

/* ---- demo_http.c ---- */

struct http_answer {
	int status;
	int retry_after_seconds; /* -1: no Retry-After */
	bool closes;             /* the server closes the connection after it */
	const char *body;        /* in the buffer that was parsed */
	gsize length;
};

enum http_progress { HTTP_INCOMPLETE, HTTP_COMPLETE, HTTP_BROKEN };

/* The bytes of a request; key and body may be NULL. */
GString *http_request(
	const char *method, const char *path, const char *token, const char *key, const char *body);

/*
 * Parses the bytes of a response received so far. Sets *out once it is complete; the buffer must
 * then not be parsed again.
 */
enum http_progress http_parse(GString *in, struct http_answer *out);

/*
 * A connection to 127.0.0.1, which may still be in progress if it is not to block; -1 with errno.
 */
int http_connect(int port, bool blocks);

/*
 * Sends a request and waits for the response. Returns the status, and the body's JSON in *out (NULL
 * if it has none), to be freed with json_free(). Dies if no response comes.
 */
int http_call(int port, const char *method, const char *path, const char *token, const char *body,
	struct json **out);

/* The integer member `name` of an object; 0 if there is none. */
gint64 json_integer_of(const struct json *object, const char *name);

/* ---- demo_shop.c ---- */

struct shop {
	gint64 shop_id;
	gint64 listing_id;
	gint64 sale_price_cents;
	gint64 won_cents; /* of its balance, paid or pending, before the sale */
};

/* Opens the seller's shop with one listing and its sale; removes those of the last run. */
struct shop shop_open(int port, const struct user *seller, const struct plan *plan);

/* What the shop shows now. discounts_left is 0 where there is no sale. */
struct shop_state {
	gint64 won_cents;
	gint64 available;
	gint64 discounts_left;
};
struct shop_state shop_read_state(
	int port, const struct user *seller, const struct shop *shop, const struct plan *plan);

/* ---- demo_buyers.c ---- */

enum outcome { PENDING, BOUGHT, SOLD_OUT, UNEXPECTED };

struct buyer {
	const struct user *user;
	enum outcome outcome;
	char key[RANDOM_ID_SIZE]; /* Idempotency-Key, the same for all attempts */
	int attempts;
	double sent_ms, done_ms;
	double retry_at_ms; /* 0: not waiting for a retry */
	gint64 order_id, total_cents;
	int discounted;
	int fd; /* -1: no connection */
	GString *out, *in;
	gsize sent; /* bytes of out */
};

/* How often one kind of answer came. */
struct tally {
	int status;
	char *code;   /* of the problem; NULL: none */
	char *detail; /* of the first one */
	int count;
};

struct buyers {
	int port;
	int epoll;
	struct buyer *buyers;
	int count;
	int done, bought, sold_out, waiting_retry;
	int lost;                 /* connections that ended without a response */
	double first_ms, last_ms; /* when the first and the last request were sent */
	GArray *tallies;
};

/* Raises the limit of open files to its maximum. Dies if that is too low for `count` buyers. */
void buyers_reserve_files(int count);

/* Opens one connection for each buyer and sends a request that needs the session on it. */
struct buyers *buyers_connect(int port, const struct user *users, int count);

/*
 * Each buyer asks for one pair, all at once, and retries after 503 with Retry-After and after a
 * lost connection, until all have an outcome or the time is up.
 */
void buyers_buy(struct buyers *buyers, gint64 listing_id);
void buyers_free(struct buyers *buyers);

double now_ms(void);

/* ---- demo_report.c ---- */

/* Prints why it cannot go on, and exits with status 1. */
void die(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;

/* Prints a line that the next one overwrites; nothing if standard output is no terminal. */
void report_progress(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Prints a line that stays. */
void report_line(const char *format, ...) G_GNUC_PRINTF(1, 2);
bool report_is_terminal(void);

/* A number with commas; cents as dollars. In one of a few static buffers: good for one line. */
const char *format_count(gint64 number);
const char *format_cents(gint64 cents);

/* Everything the report is made of. */
struct result {
	const struct plan *plan;
	const struct shop *shop;
	const struct buyers *buyers;
	const GArray *sold;
	struct shop_state after;
	bool audit_is_clean;
	const char *audit;
};

/* Prints the report. Whether every check holds. */
bool report_result(const struct result *result);

#endif
