#include "fake_db.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "db/statement.h"
#include "transport.h"
#include "unit.h"

struct fake fake;

/* ---- calls ---- */

/* Answers its number. */
static size_t
note_call(enum sql_id id, const struct db_param *params, size_t n_params)
{
	size_t n = fake.n_calls++;

	assert_true(n < FAKE_CALLS_MAX);
	fake.calls[n].id = id;
	fake.calls[n].params = g_string_new("\n");
	fake.calls[n].before_blocking_calls =
		fake.talk == NULL ? 0 : fake.talk->before_blocking_calls;
	for (size_t i = 0; i < n_params; i++)
		g_string_append_printf(fake.calls[n].params, "%s=%s\t%s\n", params[i].name,
			params[i].text, params[i].json != NULL ? params[i].json : "");
	return n;
}

static void
fill(struct db_result *out)
{
	out->answer = g_strdup(fake.answer != NULL ? fake.answer : "{\"account\":{}}");
	out->extra = g_strdup(fake.extra);
	out->replayed = fake.replayed;
}

enum err
db_call(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params,
	struct db_result *out)
{
	(void)db;
	fill(out);
	return fake.err[note_call(id, params, n_params)];
}

enum err
db_probe(struct db *db, enum sql_id id)
{
	(void)db;
	return fake.err[note_call(id, NULL, 0)];
}

/* ---- calls that are submitted ---- */

static struct {
	pthread_t thread;
	bool runs;
	sem_t go;
	struct db_result *out;
	void (*done)(void *arg, enum err e);
	void *arg;
	enum err err;
} worker;

static void *
complete(void *arg)
{
	(void)arg;
	while (sem_wait(&worker.go) != 0)
		; /* interrupted by a signal */
	fill(worker.out);
	worker.done(worker.arg, worker.err);
	return NULL;
}

bool
db_is_batched(enum sql_id id)
{
	return statements[id].batched;
}

enum err
db_submit(struct db *db, enum sql_id id, const struct db_param *params, size_t n_params,
	struct db_result *out, void (*done)(void *arg, enum err e), void *arg)
{
	enum err e;

	(void)db;
	fake.n_submits++;
	if (fake.submit == QUEUE_FULL)
		return ERR_BUSY;
	e = fake.err[note_call(id, params, n_params)];
	if (fake.submit == COMPLETES_AT_ONCE) {
		fill(out);
		done(arg, e);
		return ERR_PENDING;
	}
	assert_false(worker.runs);
	worker.out = out;
	worker.done = done;
	worker.arg = arg;
	worker.err = e;
	sem_init(&worker.go, 0, 0);
	assert_int_equal(pthread_create(&worker.thread, NULL, complete, NULL), 0);
	worker.runs = true;
	return ERR_PENDING;
}

void
fake_complete(void)
{
	assert_true(worker.runs);
	sem_post(&worker.go);
}

void
fake_join(void)
{
	if (!worker.runs)
		return;
	pthread_join(worker.thread, NULL);
	sem_destroy(&worker.go);
	worker.runs = false;
}

/* ---- the rest of the layer ---- */

struct db *
db_open(int connections, int deadline_ms)
{
	(void)connections;
	(void)deadline_ms;
	return NULL;
}

void
db_close(struct db *db)
{
	(void)db;
}

const char *
db_result_get(const struct db_result *result, const char *name)
{
	(void)result;
	for (size_t i = 0; i < G_N_ELEMENTS(fake.names); i++)
		if (fake.names[i] != NULL && strcmp(fake.names[i], name) == 0)
			return fake.values[i];
	return NULL;
}

void
db_result_clear(struct db_result *result)
{
	g_free(result->answer);
	g_free(result->extra);
	*result = (struct db_result){ 0 };
}

void
db_stats(struct db *db, struct db_stats *out)
{
	(void)db;
	*out = (struct db_stats){ .calls = 7, .connections_open = 3 };
}

void
db_refuse_writes(struct db *db, bool refuse)
{
	(void)db;
	(void)refuse;
}

void
db_batch_sizes(struct db *db, enum sql_id id, unsigned long out[DB_BATCH_BUCKETS])
{
	(void)db;
	memset(out, 0, DB_BATCH_BUCKETS * sizeof *out);
	out[1] = id == SQL_checkout ? 2 : 0;
}

/* ---- for the test ---- */

int
fake_reset(void **state)
{
	(void)state;
	for (size_t i = 0; i < fake.n_calls; i++)
		g_string_free(fake.calls[i].params, TRUE);
	memset(&fake, 0, sizeof fake);
	return 0;
}

bool
fake_was_given(size_t call, const char *param)
{
	g_autofree char *line = g_strdup_printf("\n%s", param);
	const char *at;

	assert_true(call < fake.n_calls);
	at = strstr(fake.calls[call].params->str, line);
	return at != NULL && strchr("\t\n", at[strlen(line)]) != NULL;
}

char *
fake_param(size_t call, const char *name)
{
	g_autofree char *line = g_strdup_printf("\n%s=", name);
	const char *at = call < fake.n_calls ? strstr(fake.calls[call].params->str, line) : NULL;

	if (at == NULL)
		return NULL;
	at += strlen(line);
	return g_strndup(at, strcspn(at, "\t\n"));
}
