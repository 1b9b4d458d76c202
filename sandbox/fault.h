/*
 * The faults that the sandbox makes on purpose, set by PUT /sandbox/faults. A rate is from 0 to 1.
 * What happens follows from the seed, the kind of the fault, and how many such decisions came
 * before, so a run with the same seed and the same order of calls has the same faults.
 */
#ifndef SHOETOPIA_SANDBOX_FAULT_H
#define SHOETOPIA_SANDBOX_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fault {
	FAULT_LOSE_ANSWERS, /* close the connection after the effect */
	FAULT_ERRORS,       /* 500, in half of the cases after the effect */
	FAULT_TOO_MANY,     /* 429, without an effect */
	FAULT_LOSE_EVENTS,  /* never send an event */
	FAULT_DOUBLE_EVENTS,
	FAULT_REORDER_EVENTS,  /* send it after those that come later */
	FAULT_PENDING_REFUNDS, /* answer a refund as pending, settle it later */
	FAULT_REFUSE_EXPIRES,  /* refuse to expire a session although it is open */
	FAULT_FAIL_REFUNDS,    /* a refund fails later, whatever was answered */
	FAULT_RATES,
	FAULT_AFTER_EFFECT = FAULT_RATES, /* decisions without a rate of their own */
	FAULT_TIMES,
	FAULT_COUNT
};

enum fault_time {
	TIME_DELAY,        /* each call of the API takes so long; half of them before the effect */
	TIME_DELAY_EVENTS, /* an event is sent up to so much later */
	TIME_SETTLE_REFUNDS, /* until a refund's end */
	TIME_COUNT
};

struct faults;

/* Reads what faults_dump() wrote (NULL: no faults). `start` is another number at each start. */
struct faults *faults_new(const char *saved, int64_t start);
void faults_free(struct faults *faults);

/* Replaces all faults by those of a JSON object; others are 0. NULL, or what is wrong (static). */
const char *faults_set(struct faults *faults, const char *text, size_t length);

/* The faults as JSON; free it with g_free(). */
char *faults_dump(struct faults *faults);

/* Decides whether it happens now; thread-safe. */
bool fault_happens(struct faults *faults, enum fault fault);

/* A decision of even chances. */
bool fault_flips(struct faults *faults);

int64_t fault_time_ms(struct faults *faults, enum fault_time time);

/* A random time from 0 to max_ms. */
int64_t fault_random_ms(struct faults *faults, int64_t max_ms);

#endif
