/*
 * Callers of the batched statement "record" (see db_test.c), a lock at which its batches block, and
 * a group of callers that queues up behind it. A caller waits in a thread of its own in db_call(),
 * or submits its call by db_submit().
 */
#ifndef SHOETOPIA_TEST_CALLERS_H
#define SHOETOPIA_TEST_CALLERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "db_test.h"

enum {
	BLOCKERS_MAX = 16, /* more than block a batcher */
	SLACK_MS = 1500,   /* tolerance of deadlines on a busy machine */
};

/* One call. */
struct caller {
	struct db *db;
	char name[16];
	const char *key;
	const char *param, *value; /* one more parameter, or NULL */
	bool submits;              /* db_submit() instead of db_call() */
	enum err expected;         /* for group_run() */
	/* the outcome */
	pthread_t thread;
	struct db_result out;
	enum err err;
	bool own_answer; /* the answer was the call's own, or none was due */
	/* of a caller that submits */
	atomic_int completions;
	pthread_t completed_by;
	int order; /* of completion among all callers */
};

/* Makes the call that is set in it, and waits for its outcome. */
void caller_call(struct caller *me);

/* Sets a call, and makes it in a thread. */
void caller_start(struct caller *me, struct db *with, const char *name, const char *key,
	const char *param, const char *value);

/* Sets a call and submits it; false for ERR_BUSY. Overwrites the parameters before it returns. */
bool caller_submit(struct caller *me, struct db *with, const char *name, const char *key,
	const char *param, const char *value);

/* Submits the call that is set in it, perhaps once more. */
bool caller_resubmit(struct caller *me);

/* Waits for the outcome; fails unless it is `e`, and the answer of a success its own. */
void caller_finish(struct caller *me, enum err e);

/* Waits until a submitted call was completed `n` times; false if it was not, or more often. */
bool caller_wait(struct caller *me, int n);

/* Waits until that many calls wait. */
void wait_for_waiting(struct db *with, int waiting);

/* Holds and releases the lock at which calls with the parameter "lock" block. */
void lock_hold(void);
void lock_release(void);

/*
 * Starts calls that block at the lock until one call waits in the queue. Returns how many were
 * started: the last of them waits.
 */
int block_batcher(struct db *with, struct caller blockers[static BLOCKERS_MAX]);

/*
 * Sets calls that lose the connection, two times. Every third has no key: its outcome will be
 * unknown. Their keys are stored in `keys`.
 */
void group_set_lost(struct caller *group, char (*keys)[16], int n);

/*
 * Holds the lock, enqueues a group of calls one after the other, releases the lock, and checks the
 * outcomes. Sets `name` and `db` of the callers. `loses`: a connection is lost, perhaps with
 * blockers in the batch. Returns how many blockers there were.
 */
int group_run(struct db *with, const char *prefix, struct caller *group, int n, bool loses);

#endif
