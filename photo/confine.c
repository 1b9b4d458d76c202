#include "photo/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

enum { SLICE_NS = 100000, NICE = 15 }; /* it gets a thirtieth of a core that a sale keeps busy */

/* Sanitizers reserve terabytes of addresses, and need system calls of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED true
#else
#define IS_SANITIZED false
#endif

#if defined(__SANITIZE_ADDRESS__)
const char *__asan_default_options(void);

/* Leaks are looked for through files that a confined process cannot open. */
const char *
__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

static bool
limit(__rlimit_resource_t resource, rlim_t most)
{
	const struct rlimit value = { .rlim_cur = most, .rlim_max = most };

	return setrlimit(resource, &value) == 0;
}

static bool
limit_resources(void)
{
	return limit(RLIMIT_CORE, 0) && limit(RLIMIT_NOFILE, 3) &&
		limit(RLIMIT_CPU, CONFINED_SECONDS) &&
		(IS_SANITIZED || limit(RLIMIT_AS, CONFINED_BYTES));
}

static bool
limit_calls(void)
{
	static const int allowed[] = { SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(brk),
		SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
		SCMP_SYS(exit_group), SCMP_SYS(exit), SCMP_SYS(rt_sigreturn) };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	bool is_done = filter != NULL;

	for (size_t i = 0; is_done && i < sizeof allowed / sizeof *allowed; i++)
		is_done = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
	is_done = is_done && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return is_done;
}

/*
 * Since Linux 6.12 a process may ask for a shorter slice than 3 ms: what a sale wakes up then waits
 * less for a processor that this process has, whatever its priority. Older ones ignore it.
 */
static void
set_slice(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attributes = { .size = sizeof attributes, .nice = NICE, .runtime = SLICE_NS };

	(void)syscall(SYS_sched_setattr, 0, &attributes, 0);
}

/*
 * Calls of buyers go before pictures. Where Linux groups processes by session (autogroup), a nice
 * value counts within the group alone, and the program's group would get more of the processors
 * through this process: so it has a session of its own, whose group has the nice value too.
 */
static void
lower_priority(void)
{
	char text[8];
	int length = snprintf(text, sizeof text, "%d", NICE);
	int fd;

	(void)setsid();
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	set_slice();
	fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (write(fd, text, (size_t)length) < 0)
		(void)errno; /* another process did that just now: it goes on without */
	close(fd);
}

bool
confine(void)
{
	lower_priority();
	return close_range(IS_SANITIZED ? STDERR_FILENO + 1 : STDERR_FILENO, ~0U, 0) == 0 &&
		limit_resources() && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		(IS_SANITIZED || limit_calls());
}
