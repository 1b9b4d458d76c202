/*
 * The worker of the outbox: takes rows that are due, has them handled by kind, and records what
 * came of them. It has threads and a connection to the database of its own, and holds no
 * transaction while a handler talks to another server.
 *
 * A handler may run more than once for a row, also at the same time in two programs: after a crash,
 * and when it takes longer than its lease. What it does must be safe then, by the key of the row.
 */
#ifndef SHOETOPIA_MARKET_OUTBOX_WORKER_H
#define SHOETOPIA_MARKET_OUTBOX_WORKER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/db.h"

/* A row that was taken; texts live as long as the handler runs. */
struct outbox_row {
	char *outbox_id;
	char *subject;
	char *order_id;   /* NULL: none */
	char *account_id; /* NULL: none */
	char *body;
	char *key; /* Idempotency-Key */
	char *lease;
	int64_t attempts;    /* from 1 */
	int64_t age_seconds; /* since the row was added */
	int64_t key_seconds; /* since its key was first sent; -1: it never was */
};

enum outbox_outcome {
	OUTBOX_DONE,
	OUTBOX_RETRY,    /* after a pause, with the same key */
	OUTBOX_NEXT_KEY, /* after a pause, with a new key */
	OUTBOX_FLAG,     /* given up: an admin decides */
	OUTBOX_RECORDED, /* the handler's statement has completed the row */
};

/* One kind of rows. Static. */
struct outbox_kind {
	const char *name;
	int at_once;  /* rows in the hands of one program */
	int lease_ms; /* longer than the handler usually takes */
	/* Does what the row says. `why`: a sentence for operators, if it was not done. */
	enum outbox_outcome (*handle)(const struct outbox_row *row, GString *why);
};

/*
 * Adds a kind that this program handles, and something that it does once a second: before the
 * worker starts. Without a kind and a step there is no worker.
 */
void outbox_add_kind(const struct outbox_kind *kind);
void outbox_add_step(void (*step)(void));

/* Lets outbox_start() start the worker: where the process lives on after a request. */
void outbox_allow_worker(void);

/* Starts the worker, once, if it may and has something to do. From the background task. */
void outbox_start(void);

/* Ends the worker; what it was doing is done later, by this or another program. */
void outbox_stop(void);

/* Says that a row was added: the worker takes it at once. Any thread may call it. */
void outbox_wake(void);

/*
 * Without a worker: does all that is due, on this thread. For --work-once and plain CGI. Returns
 * how many rows it handled.
 */
int outbox_run_due(void);

/*
 * Waits until a row of this order was handled by this program, for 500 ms at most. Where no worker
 * runs, this thread does what is due instead.
 */
void outbox_await(const char *order_id);

/* The worker's database, for its handlers and steps. */
struct db *outbox_db(void);

/* Runs a job of a step on a thread of the worker; false: none is free, try later. */
bool outbox_submit(void (*run)(void *arg), void *arg);

#endif
