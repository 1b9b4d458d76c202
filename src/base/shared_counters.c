#include "base/shared_counters.h"

#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

enum { FILES_MAX = 256 };

#define MAP_SIZE (SHARED_COUNTERS_MAX * sizeof(uint64_t))

static char *
file_name(uint32_t layout, int i)
{
	const char *folder = getenv("SHOETOPIA_RUN");

	if (folder == NULL || *folder == '\0')
		return NULL;
	return g_strdup_printf(
		"%s/metrics-%u-%08x-%d", folder, (unsigned)geteuid(), (unsigned)layout, i);
}

/* Opens and maps file i, made if `make`; -1 if that fails. close() the descriptor. */
static int
file_map(uint32_t layout, int i, bool make, uint64_t **out)
{
	g_autofree char *name = file_name(layout, i);
	int fd = name == NULL
		? -1
		: open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | (make ? O_CREAT : 0), 0600);
	void *mapped;

	if (fd < 0)
		return -1;
	if (ftruncate(fd, MAP_SIZE) != 0 ||
		(mapped = mmap(NULL, MAP_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) ==
			MAP_FAILED) {
		close(fd);
		return -1;
	}
	*out = mapped;
	return fd;
}

/* Takes the first file that no process holds; without one, memory of its own. */
static void
take_file(struct shared_counters *shared)
{
	shared->base = g_new0(uint64_t, SHARED_COUNTERS_MAX);
	for (int i = 0; i < FILES_MAX; i++) {
		int fd = file_map(shared->layout, i, true, &shared->mapped);

		if (fd < 0)
			break;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			shared->fd = fd;
			for (size_t k = 0; k < shared->n; k++)
				shared->base[k] = shared->mapped[k];
			return;
		}
		munmap(shared->mapped, MAP_SIZE);
		close(fd);
	}
	if (getenv("SHOETOPIA_RUN") != NULL)
		log_line(LOG_WARN, "metrics are of this process alone: no file in SHOETOPIA_RUN");
	shared->fd = -1;
	shared->mapped = g_new0(uint64_t, SHARED_COUNTERS_MAX);
}

void
shared_counters_publish(
	struct shared_counters *shared, const uint64_t *values, const bool *is_gauge)
{
	if (shared->base == NULL)
		take_file(shared);
	for (size_t i = 0; i < shared->n; i++)
		__atomic_store_n(&shared->mapped[i],
			values[i] + (is_gauge[i] ? 0 : shared->base[i]), __ATOMIC_RELAXED);
}

static void
add(const struct shared_counters *shared, const uint64_t *mapped, bool runs, const bool *is_gauge,
	uint64_t *sums)
{
	for (size_t i = 0; i < shared->n; i++)
		if (runs || !is_gauge[i])
			sums[i] += __atomic_load_n(&mapped[i], __ATOMIC_RELAXED);
}

static bool
is_own(const struct shared_counters *shared, int fd)
{
	struct stat own;
	struct stat other;

	return fstat(shared->fd, &own) == 0 && fstat(fd, &other) == 0 && own.st_ino == other.st_ino;
}

int
shared_counters_sum(const struct shared_counters *shared, const bool *is_gauge, uint64_t *sums)
{
	int running = 1;

	add(shared, shared->mapped, true, is_gauge, sums);
	for (int i = 0; shared->fd >= 0 && i < FILES_MAX; i++) {
		uint64_t *mapped;
		int fd = file_map(shared->layout, i, false, &mapped);
		bool runs;

		if (fd < 0)
			break;
		runs = flock(fd, LOCK_SH | LOCK_NB) != 0;
		if (!is_own(shared, fd)) {
			add(shared, mapped, runs, is_gauge, sums);
			running += runs;
		}
		munmap(mapped, MAP_SIZE);
		close(fd);
	}
	return running;
}
