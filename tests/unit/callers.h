/*
 * Callers of a statement whose calls travel together, the gate at which their batches wait, and how a crowd of them gathers there. A caller has a
 * thread of its own, in which it waits for its answer; or it sends its call and is told.
 */
#ifndef SHOETOPIA_TEST_CALLERS_H
#define SHOETOPIA_TEST_CALLERS_H

#include <pthread.h>
#include <stdatomic.h>

#include "db_test.h"

enum {
	FIRST_MAX = 16,  /* who fills a lane is fewer */
	SLACK_MS = 1500, /* that a deadline may be passed by, on a busy machine */
};

/* One call to "crowd" (see db_test.c). */
struct caller {
	struct db *db;
	char name[16];
	const char *key;
	const char *what, *value; /* one more parameter, or NULL */
	bool sends;               /* it does not wait: db_submit() */
	enum err wanted;          /* by crowd_travels() */
	/* what comes of it */
	pthread_t thread;
	struct db_result out;
	enum err err;
	bool own; /* the answer was its own, or none was due */
	/* of one that sends */
	atomic_int told; /* how often */
	pthread_t teller;
	int turn; /* in which all are told */
};

/* Makes the call that is written down in it, and waits for its answer. */
void caller_calls(struct caller *me);

/* Has it call from a thread of its own. */
void caller_start(struct caller *me, struct db *with, const char *name, const char *key,
	const char *what, const char *value);

/* Sends a call; false if it was not begun. What it was asked with is gone when this returns. */
bool caller_sends(struct caller *me, struct db *with, const char *name, const char *key,
	const char *what, const char *value);

/* The same for a call that is written down in it, perhaps not for the first time. */
bool caller_sends_again(struct caller *me);

/* The call came to `e`, and if that is a success, its answer is its own. */
void caller_ends(struct caller *me, enum err e);

/* Waits until one that sends was told for the `n`th time; false if it was not, or once more. */
bool caller_is_told(struct caller *me, int n);

void wait_for_line(struct db *with, int waiting);

/* A gate at which batches wait: a lock that is held by a connection, until the gate is opened. */
void gate_close(void);
void gate_open(void);

/* Fills all batches that may be under way at once with calls that wait at the gate; one more waits in line. Answers how many there are. */
int fill_lane(struct db *with, struct caller first[static FIRST_MAX]);

/* Writes down calls on which the connection is lost, twice; every third has no key, and is to be told that nobody knows. Their keys are put into `keys`. */
void crowd_is_to_lose(struct caller *crowd, char (*keys)[16], int n);

/*
 * A crowd gathers behind the gate, one after the other; the gate is opened, and each of them comes to what it wanted. `name` and `db` are written
 * down here. `loses`: a connection, on which those who filled the lane may have been as well. Answers how many filled the lane.
 */
int crowd_travels(struct db *with, const char *prefix, struct caller *crowd, int n, bool loses);

#endif
