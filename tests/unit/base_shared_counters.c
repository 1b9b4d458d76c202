/* Figures that several processes publish in one folder: sums, restarts, another layout. */
#include <glib.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/shared_counters.h"
#include "unit.h"

enum { COUNTER, GAUGE, N };

static const bool is_gauge[SHARED_COUNTERS_MAX] = { [GAUGE] = true };

static void
publish(struct shared_counters *shared, uint64_t counter, uint64_t gauge)
{
	const uint64_t values[N] = { counter, gauge };

	shared_counters_publish(shared, values, is_gauge);
}

/* Another process publishes; it ends when a byte or the end comes on `until`. */
static pid_t
publish_elsewhere(uint32_t layout, uint64_t counter, uint64_t gauge, int until[2], int done[2])
{
	pid_t pid = fork();
	char byte;

	if (pid == 0) {
		static struct shared_counters other; /* its memory is held to the end */

		other = (struct shared_counters){ .n = N, .layout = layout };
		close(until[1]);
		publish(&other, counter, gauge);
		_exit(write(done[1], "x", 1) == 1 && read(until[0], &byte, 1) >= 0 ? 0 : 1);
	}
	assert_int_equal(read(done[0], &byte, 1), 1);
	return pid;
}

static void
assert_sums(const struct shared_counters *shared, int running, uint64_t counter, uint64_t gauge)
{
	uint64_t sums[SHARED_COUNTERS_MAX] = { 0 };

	assert_int_equal(shared_counters_sum(shared, is_gauge, sums), running);
	assert_int_equal(sums[COUNTER], counter);
	assert_int_equal(sums[GAUGE], gauge);
}

static void
test_processes(void **state)
{
	static struct shared_counters own = { .n = N, .layout = 1 };
	int until[2];
	int done[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(until), 0);
	assert_int_equal(pipe(done), 0);
	publish(&own, 5, 2);
	assert_sums(&own, 1, 5, 2);
	pid = publish_elsewhere(1, 10, 3, until, done);
	assert_sums(&own, 2, 15, 5);
	publish(&own, 6, 0);
	assert_sums(&own, 2, 16, 3);
	close(until[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_sums(&own, 1, 16, 0); /* what it counted stays */

	assert_int_equal(pipe(until), 0);
	pid = publish_elsewhere(1, 100, 7, until, done); /* goes on with its file */
	assert_sums(&own, 2, 116, 7);
	close(until[1]);
	waitpid(pid, NULL, 0);

	assert_int_equal(pipe(until), 0);
	pid = publish_elsewhere(2, 1000, 9, until, done); /* a program of another version */
	assert_sums(&own, 1, 116, 0);
	close(until[1]);
	waitpid(pid, NULL, 0);
}

static void
test_alone(void **state)
{
	static struct shared_counters own = { .n = N, .layout = 1 };

	(void)state;
	setenv("SHOETOPIA_RUN", "/nowhere/at/all", 1);
	publish(&own, 5, 2);
	publish(&own, 8, 1);
	assert_sums(&own, 1, 8, 1);
	unsetenv("SHOETOPIA_RUN");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_alone),
	};
	g_autofree char *folder = g_dir_make_tmp("shoetopia-XXXXXX", NULL);
	g_autofree char *remove = g_strdup_printf("rm -r %s", folder);
	int failed;

	setenv("SHOETOPIA_RUN", folder, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	return system(remove) != 0 ? 1 : failed;
}
