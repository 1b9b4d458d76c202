/*
 * Numbers that each process of this machine publishes, and any of them can read: for metrics.
 *
 * A process publishes into a file of its own, mapped into memory, in the folder SHOETOPIA_RUN. It
 * takes the first file that no running process holds, and adds to the counters that are there, so
 * that sums do not go down when a process is replaced. Without the folder each process is alone.
 *
 * Not thread-safe: the caller holds a lock.
 */
#ifndef SHOETOPIA_BASE_SHARED_COUNTERS_H
#define SHOETOPIA_BASE_SHARED_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHARED_COUNTERS_MAX = 16384 };

struct shared_counters {
	size_t n;
	/* A stamp of what the numbers mean; files with another one are left alone. */
	uint32_t layout;
	uint64_t *base; /* of earlier processes with this file; NULL: not opened yet */
	uint64_t *mapped;
	int fd;
};

/* Publishes this process's n numbers. The first call takes a file; it is held until the process
 * ends. Where `is_gauge[i]`, earlier processes do not count. */
void shared_counters_publish(
	struct shared_counters *shared, const uint64_t *values, const bool *is_gauge);

/*
 * Adds up the numbers of all processes of this layout: gauges of those that run, counters of all
 * there were. Returns how many run.
 */
int shared_counters_sum(const struct shared_counters *shared, const bool *is_gauge, uint64_t *sums);

#endif
