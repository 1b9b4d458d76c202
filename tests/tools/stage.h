/*
 * build/storm: stages a flash sale in the marketplace that ./start runs, with a crowd that buys at the same moment, and tells in words for
 * a shop owner how it went. It is a demonstration that checks itself; the storms beside it are the tests.
 *
 *   stage.c         what is asked for, and the order of events
 *   stage_place.c   the marketplace: where it is, and its database as the owner sees it
 *   stage_shop.c    the seller, over HTTP like any other
 *   stage_crowd.c   the buyers, all at once
 *   stage_http.c    requests and answers as bytes
 *   stage_told.c    progress, the table, the verdict
 *
 * Sessions are written into the database, since a thousand passwords would take a minute to hash; all else goes over HTTP. It runs in one
 * thread, and whoever cannot go on says why and ends (die). Times are milliseconds of the monotonic clock.
 */
#ifndef SHOETOPIA_STAGE_H
#define SHOETOPIA_STAGE_H

#include <glib.h>
#include <jansson.h>
#include <stdbool.h>

#include "base/secret.h"

enum {
	BUYERS_MAX = 10000,
	PAIRS_MAX = 100000, /* the contract's bound of a listing's quantity */
	PRICE_CENTS = 12000,
};

/* What was asked for. */
struct plan {
	int buyers;
	int pairs;
	int discounts;
	int percent_off;
	int wait_seconds; /* between the opening of the shop and the crowd */
};

/* Number 0 is the seller. The token is nowhere but here. */
struct person {
	gint64 account_id;
	char token[TOKEN_SIZE];
};

/* ---- stage_place.c ---- */

struct place;

/* One pair (or more) that was sold, as the database has it. */
struct sold {
	gint64 order_id;
	gint64 account_id;
	gint64 total_cents;
	int quantity;
	int discounted;
};

/* The marketplace that runs with SHOETOPIA_STATE, or the folder that ./start chooses. Dies if it cannot be reached. */
struct place *place_find(void);
void place_close(struct place *place);
int place_port(const struct place *place);
const char *place_url(const struct place *place);

/* The accounts "Storm seller" and "Storm buyer 1" to "Storm buyer `buyers`", made or used again, each with a session that ends soon. */
struct person *place_people(struct place *place, int buyers);

/* Ends the sessions of all storm accounts. */
void place_sign_out(struct place *place);

/* What was sold of a listing, in the order in which it left the stock: struct sold. */
GArray *place_sold(struct place *place, gint64 listing_id);

/* Runs `shoetopia --audit` of the program that is installed there. Whether it is content; its words in *verdict, to be freed. */
bool place_audit(const struct place *place, char **verdict);

/* ---- stage_http.c ---- */

struct http_answer {
	int status;
	int retry_after_seconds; /* -1: not said */
	bool closes;             /* the server closes the connection after it */
	const char *body;        /* in the buffer that was parsed */
	gsize length;
};

enum http_progress { HTTP_MORE, HTTP_WHOLE, HTTP_BROKEN };

/* The bytes of a request; key and body may be NULL. */
GString *http_request(
	const char *method, const char *path, const char *token, const char *key, const char *body);

/* Looks for an answer in what has come so far. *out is set once it is whole; the buffer is then not to be parsed again. */
enum http_progress http_parse(GString *in, struct http_answer *out);

/* A connection to 127.0.0.1, that may still be under way if it shall not block; -1 with errno. */
int http_connect(int port, bool blocks);

/* Asks and waits. The status, and the answer's JSON (NULL if it has none) in *out; dies if no answer comes. */
int http_ask(int port, const char *method, const char *path, const char *token, const char *body,
	json_t **out);

/* ---- stage_shop.c ---- */

struct shop {
	gint64 shop_id;
	gint64 listing_id;
	gint64 sale_price_cents;
	gint64 balance_cents; /* before the sale */
};

/* Opens the seller's shop, with its shoe and its sale; clears away those of the last time. */
struct shop shop_open(int port, const struct person *seller, const struct plan *plan);

/* What the shop shows now. discounts_left is 0 where there is no sale. */
struct shop_state {
	gint64 balance_cents;
	gint64 available;
	gint64 discounts_left;
};
struct shop_state shop_look(
	int port, const struct person *seller, const struct shop *shop, const struct plan *plan);

/* ---- stage_crowd.c ---- */

enum fate { UNTOLD, BOUGHT, SOLD_OUT, UNEXPECTED };

struct buyer {
	const struct person *person;
	enum fate fate;
	char key[RANDOM_ID_SIZE];
	int tries;
	double asked_ms, told_ms;
	double rest_until_ms; /* when to come again; 0: not resting */
	gint64 order_id, total_cents;
	int discounted;
	int fd; /* -1: no connection */
	GString *out, *in;
	gsize sent;
};

/* How often one kind of answer was given. */
struct tally {
	int status;
	char *code;   /* of the problem; NULL: none */
	char *detail; /* of the first one */
	int count;
};

struct crowd {
	int port;
	int epoll;
	struct buyer *buyers;
	int count;
	int told, bought, sold_out, resting;
	int lost;                 /* connections that ended without an answer */
	double first_ms, last_ms; /* when the first and the last buyer asked */
	GArray *tallies;
};

/* Takes as many open files as there may be. Dies where they are too few for so many buyers. */
void crowd_must_fit(int count);

/* Brings everybody to the door: one open connection each, on which they have shown that they are signed in. */
struct crowd *crowd_gather(int port, const struct person *people, int count);

/* Opens the door: each asks for one pair at once, and comes again where told to, until all are told or time is up. */
void crowd_buy(struct crowd *crowd, gint64 listing_id);
void crowd_free(struct crowd *crowd);

double now_ms(void);

/* ---- stage_told.c ---- */

/* Says why it cannot go on, and ends with status 1. */
void die(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_NORETURN;

/* A line that is written over by the next one; nothing where nobody watches. */
void told_progress(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* A line that stays. */
void told_line(const char *format, ...) G_GNUC_PRINTF(1, 2);
bool told_to_terminal(void);

/* A number with commas, cents as dollars: good until some more of them were asked for. */
const char *told_count(gint64 number);
const char *told_money(gint64 cents);

/* All that is known when it is over. */
struct outcome {
	const struct plan *plan;
	const struct shop *shop;
	const struct crowd *crowd;
	const GArray *sold;
	struct shop_state after;
	bool audit_is_clean;
	const char *audit;
};

/* Prints the table. Whether everything adds up. */
bool told_outcome(const struct outcome *outcome);

#endif
