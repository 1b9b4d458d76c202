/*
 * A bounded queue of jobs that may take long, and the threads that run them in order of arrival.
 *
 * It keeps slow work (password hashes, searches) off the threads that serve requests: a job that
 * waits holds memory, and no thread. What exceeds the bound is refused at once.
 */
#ifndef SHOETOPIA_BASE_WORK_QUEUE_H
#define SHOETOPIA_BASE_WORK_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct work_queue;

/*
 * A queue of up to `waiting_max` jobs, run by `threads` threads with the nice value `nice` (0: as
 * the process). The threads start with the first job: a process may set its signal handlers before.
 * Never NULL. `name` is for the log and must outlive the queue.
 */
struct work_queue *work_queue_new(const char *name, int threads, int waiting_max, int nice);

/*
 * Runs the jobs that wait, ends the threads and frees the queue. No job may be submitted any more.
 * NULL is allowed.
 */
void work_queue_free(struct work_queue *queue);

/*
 * Enqueues a job: a thread of the queue calls run(arg) once, perhaps before this returns. False if
 * the queue is full or no thread could be started; then run() is never called. Thread-safe, and
 * does not block.
 */
bool work_queue_submit(struct work_queue *queue, void (*run)(void *arg), void *arg);

/* Jobs that wait; those that run are not counted. */
int work_queue_waiting(struct work_queue *queue);

#endif
