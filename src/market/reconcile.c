#include "market/reconcile.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "market/answer.h"
#include "market/payment_provider.h"

enum {
	HOUR_SECONDS = 3600,
	DAY_SECONDS = 86400,
	DAYS_MAX = 365,
	/* A page lives for a day at most, so what is booked may be of one that is so much older. */
	OLDER_SECONDS = 2 * DAY_SECONDS,
};

struct comparison {
	GString *seen; /* names of the provider's payments and refunds, as an array of PostgreSQL */
	int compared, healed, different;
	bool failed;
};

/* Seconds of "7d" or "12h"; -1: it is neither. */
static int
seconds_of(const char *since)
{
	char *unit;
	long n = strtol(since, &unit, 10);

	if (n < 1 || n > DAYS_MAX * 24 || strlen(unit) != 1)
		return -1;
	if (*unit == 'd' && n <= DAYS_MAX)
		return (int)n * DAY_SECONDS;
	return *unit == 'h' ? (int)n * HOUR_SECONDS : -1;
}

static void
note_seen(struct comparison *c, const struct json *name)
{
	const char *text = json_text(name);

	if (text == NULL || text[strspn(text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_")] != '\0')
		return;
	g_string_append_printf(c->seen, "%s%s", c->seen->len > 1 ? "," : "", text);
}

static bool
compare(void *with, const struct json *object)
{
	struct comparison *c = with;
	g_autofree char *text = json_dump(object);
	const struct db_param param = { .name = "object", .text = text };
	struct db_result row = { 0 };
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *found = NULL;
	const char *difference;

	note_seen(c, json_get(object, "id"));
	note_seen(c, json_get(object, "payment_intent"));
	if (db_call(answer_db(), SQL_reconcile_object, &param, 1, &row) == ERR_NONE)
		found = json_parse(row.answer, strlen(row.answer), &fault, &why);
	db_result_clear(&row);
	c->failed = c->failed || found == NULL;
	c->compared++;
	difference = json_text(json_get(found, "difference"));
	if (difference == NULL)
		return true;
	if (json_bool(json_get(found, "healed")))
		c->healed++;
	else
		c->different++;
	printf("%s: %s\n", json_bool(json_get(found, "healed")) ? "healed" : "different",
		difference);
	return true;
}

static void
compare_list(struct comparison *c, const char *path, int seconds)
{
	g_autofree char *query = g_strdup_printf("created[gte]=%" G_GINT64_FORMAT,
		g_get_real_time() / G_USEC_PER_SEC - seconds - OLDER_SECONDS);
	g_autofree char *why = NULL;

	if (provider_list(path, query, compare, c, &why) == PROVIDER_DONE)
		return;
	fprintf(stderr, "shoetopia: the provider's list %s was not read to its end: %s\n", path,
		why);
	c->failed = true;
}

/* What is booked, and not among what was seen. */
static void
compare_rest(struct comparison *c, int seconds)
{
	g_autofree char *text = g_strdup_printf("%d", seconds);
	const struct db_param params[] = {
		{ .name = "seconds", .text = text },
		{ .name = "seen", .text = c->seen->str },
	};
	struct db_result row = { 0 };
	enum json_fault fault;
	const char *why;
	JSON_AUTO struct json *rest = NULL;

	if (db_call(answer_db(), SQL_reconcile_rest, params, G_N_ELEMENTS(params), &row) ==
		ERR_NONE)
		rest = json_parse(row.answer, strlen(row.answer), &fault, &why);
	db_result_clear(&row);
	c->failed = c->failed || rest == NULL;
	for (const struct json *one = json_first_element(rest); one != NULL;
		one = json_next_element(one)) {
		printf("different: %s\n", json_text(one));
		c->different++;
	}
}

int
reconcile_run(const char *since)
{
	int seconds = seconds_of(since);
	struct comparison c = { .seen = g_string_new("{") };

	if (seconds < 0) {
		fprintf(stderr, "shoetopia: --since takes days or hours such as 7d or 12h\n");
		g_string_free(c.seen, TRUE);
		return 2;
	}
	compare_list(&c, "checkout/sessions", seconds);
	compare_list(&c, "refunds", seconds);
	g_string_append_c(c.seen, '}');
	if (!c.failed)
		compare_rest(&c, seconds);
	printf("%d sessions and refunds compared, %d healed, %d different%s\n", c.compared,
		c.healed, c.different, c.failed ? "; NOT ALL were compared" : "");
	g_string_free(c.seen, TRUE);
	return c.different == 0 && !c.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
