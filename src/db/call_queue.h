/*
 * A queue of pending calls, in order of arrival. Not thread-safe: a batcher has a lock for it. The
 * calls are linked by their `next`; none is in two queues.
 */
#ifndef SHOETOPIA_DB_CALL_QUEUE_H
#define SHOETOPIA_DB_CALL_QUEUE_H

#include "db/batch.h"

struct call_queue {
	struct pending_call *first;
	struct pending_call **last;
	unsigned length;
};

void queue_init(struct call_queue *queue);

void queue_push(struct call_queue *queue, struct pending_call *call);

void queue_push_front(struct call_queue *queue, struct pending_call *call);

/* Removes a call from any position. */
void queue_remove(struct call_queue *queue, struct pending_call *call);

#endif
