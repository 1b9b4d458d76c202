#include "db/audit.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "db/clock.h"
#include "db/console.h"

enum {
	PAUSE_MS = 100,          /* while no step can be made */
	PATIENCE_MS = 20 * 1000, /* with transactions that stay open */
	SECOND_MS = 1000,
};

static bool
is_true(const struct reply *reply, const char *column)
{
	return g_strcmp0(reply_get(reply, 0, column), "t") == 0;
}

/*
 * Makes steps until all that was committed at `began` has been checked. Gives up when a transaction
 * that is open keeps it from going on; the results say as of when they are.
 */
static bool
check_new(struct conn *conn, const char *began)
{
	const char *values[] = { began };
	int64_t give_up = clock_ms() + PATIENCE_MS;
	bool is_through = false, good = true;

	while (good && !is_through && clock_ms() < give_up) {
		struct reply reply = { 0 };

		good = console_query(conn, &statements[SQL_audit_new], values, &reply);
		is_through = is_true(&reply, "is_through");
		if (is_true(&reply, "made"))
			give_up = clock_ms() + PATIENCE_MS;
		else if (!is_through)
			g_usleep(PAUSE_MS * 1000);
		reply_clear(&reply);
	}
	return good;
}

/* The earliest time of a column; "never" if one is missing. */
static const char *
earliest(const struct reply *reply, const char *column)
{
	const char *first = NULL;

	for (int i = 0; i < reply_row_count(reply); i++) {
		const char *at = reply_get(reply, i, column);

		if (at == NULL)
			return "never";
		if (first == NULL || strcmp(at, first) < 0)
			first = at;
	}
	return first == NULL ? "never" : first;
}

/* How many invariants are violated. */
static int
count_violated(const struct reply *reply)
{
	int violated = 0;

	for (int i = 0; i < reply_row_count(reply); i++)
		violated += strcmp(reply_get(reply, i, "violations"), "0") != 0;
	return violated;
}

static void
print_invariants(const struct reply *reply)
{
	for (int i = 0; i < reply_row_count(reply); i++)
		printf("%8s  %s\n", reply_get(reply, i, "violations"), reply_get(reply, i, "name"));
	printf("%d invariants, %d violated; ", reply_row_count(reply), count_violated(reply));
}

/*
 * Reads the results: of all rows, or of what the steps have found. Steps keep a violation until
 * they come to its row again, so what they have found is confirmed by a check of all rows, and
 * `full` is set.
 */
static bool
read_results(struct conn *conn, bool *full, struct reply *found)
{
	bool good = true;

	if (!*full) {
		good = console_query(conn, &statements[SQL_audit_kept], NULL, found);
		*full = good && count_violated(found) > 0;
		if (!*full)
			return good;
		reply_clear(found);
	}
	return console_query(conn, &statements[SQL_audit_rows], NULL, found);
}

static int
run(bool full)
{
	struct conn *conn = console_connect(true);
	struct reply begun = { 0 }, found = { 0 };
	int64_t began_ms = clock_ms();
	bool good;

	if (conn == NULL)
		return 1;
	good = console_query(conn, &statements[SQL_audit_begin], NULL, &begun);
	full = full || is_true(&begun, "is_small");
	if (good && !full)
		good = check_new(conn, reply_get(&begun, 0, "began"));
	good = good && read_results(conn, &full, &found);
	if (good) {
		print_invariants(&found);
		if (full)
			printf("checked all rows");
		else
			printf("checked what is new, as of %s, and all rows since %s",
				earliest(&found, "checked_at"), earliest(&found, "swept_at"));
		printf(", in %.1f s\n", (double)(clock_ms() - began_ms) / SECOND_MS);
	}
	good = good && count_violated(&found) == 0 && reply_row_count(&found) > 0;
	reply_clear(&begun);
	reply_clear(&found);
	conn_close(conn);
	return good ? 0 : 1;
}

int
audit_run(void)
{
	return run(false);
}

int
audit_run_with(const char *argument)
{
	if (strcmp(argument, "--full") == 0)
		return run(true);
	console_print("--audit takes --full or nothing, not \"%s\"", argument);
	return 2;
}
