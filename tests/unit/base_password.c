/*
 * The limiter of password hashes: never more at a time than there are cores, over all processes,
 * and a process that dies releases its lock.
 *
 * The file under test is included, so that the hash function can be replaced by one that counts and
 * blocks, and the clock by one that only the test advances: calls do not time out because the
 * machine is slow.
 */
#include <glib.h>

#include "base/secret.h"
#include "unit.h"

static char *counted_hash(const char *password);
static gint64 test_clock(void);

#define secret_password_hash counted_hash
#define g_get_monotonic_time test_clock
#include "base/password.c"
#undef secret_password_hash
#undef g_get_monotonic_time

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { THREADS = 8, HASHES = 3, PROCESSES = 2, TIMEOUT_SECONDS = 120 };

/* Shared by all processes of the test. */
static struct {
	atomic_int running; /* hashes */
	atomic_int peak;    /* of running */
	atomic_int done;
	atomic_bool block; /* hashes do not return until this is false */
	atomic_llong now;  /* the clock, in microseconds */
} * shared;

static char folder[] = "/tmp/shoetopia-password-test.XXXXXX";

static gint64
test_clock(void)
{
	return atomic_load(&shared->now);
}

/* Yields until `condition`; the test fails if it does not become true in real time. */
#define WAIT_FOR(condition)                                                                        \
	do {                                                                                       \
		struct timespec begin_;                                                            \
		clock_gettime(CLOCK_MONOTONIC, &begin_);                                           \
		for (;;) {                                                                         \
			struct timespec now_;                                                      \
			if (condition)                                                             \
				break;                                                             \
			clock_gettime(CLOCK_MONOTONIC, &now_);                                     \
			if (now_.tv_sec - begin_.tv_sec > TIMEOUT_SECONDS)                         \
				fail_msg("still not: %s", #condition);                             \
			sched_yield();                                                             \
		}                                                                                  \
	} while (0)

static char *
counted_hash(const char *password)
{
	int running = atomic_fetch_add(&shared->running, 1) + 1;
	int peak = atomic_load(&shared->peak);
	char *hash;

	while (running > peak && !atomic_compare_exchange_weak(&shared->peak, &peak, running))
		;
	while (atomic_load(&shared->block))
		sched_yield();
	hash = secret_password_hash(password);
	atomic_fetch_sub(&shared->running, 1);
	atomic_fetch_add(&shared->done, 1);
	return hash;
}

/* fork(); the child is killed when this process ends, and so does not outlive a failed test. */
static pid_t
fork_child(void)
{
	pid_t pid = fork();

	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static int
cores(void)
{
	return (int)MAX(sysconf(_SC_NPROCESSORS_ONLN), 1);
}

static int
reset(void **state)
{
	(void)state;
	memset(shared, 0, sizeof *shared);
	return 0;
}

static void *
hash_some(void *arg)
{
	(void)arg;
	for (int i = 0; i < HASHES; i++) {
		char *hash = NULL;

		if (password_hash("correct horse", &hash) != ERR_NONE)
			return "busy";
		g_free(hash);
	}
	return NULL;
}

/* Runs `work` in many threads; returns how many of them failed. */
static int
run_threads(void *(*work)(void *), int threads)
{
	pthread_t started[512];
	int failed = 0;

	for (int i = 0; i < threads; i++)
		if (pthread_create(&started[i], NULL, work, NULL) != 0)
			abort();
	for (int i = 0; i < threads; i++) {
		void *wrong;

		pthread_join(started[i], &wrong);
		failed += wrong != NULL;
	}
	return failed;
}

static void
test_never_more_than_cores(void **state)
{
	pid_t children[PROCESSES];

	(void)state;
	atomic_store(&shared->block, true);
	for (int i = 0; i < PROCESSES; i++)
		if ((children[i] = fork_child()) == 0)
			_exit(run_threads(hash_some, THREADS));
	WAIT_FOR(atomic_load(&shared->running) == cores()); /* and not fewer */
	atomic_store(&shared->block, false);
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_int_equal(atomic_load(&shared->done), PROCESSES * THREADS * HASHES);
	assert_int_equal(atomic_load(&shared->peak), cores());
}

/* Starts a process for each core, which locks it until it is killed. */
static void
lock_all_cores(pid_t *holders)
{
	atomic_store(&shared->block, true);
	for (int i = 0; i < cores(); i++)
		if ((holders[i] = fork_child()) == 0) {
			char *hash;

			_exit((int)password_hash("correct horse", &hash));
		}
	WAIT_FOR(atomic_load(&shared->running) == cores());
}

static void
kill_holders(const pid_t *holders, int from)
{
	for (int i = from; i < cores(); i++) {
		kill(holders[i], SIGKILL);
		waitpid(holders[i], NULL, 0);
	}
}

static void *
hash_once(void *out)
{
	char *hash = NULL;
	enum err e = password_hash("correct horse", &hash);

	g_free(hash);
	return out == NULL && e != ERR_NONE ? "busy" : NULL;
}

static void
test_killed_process_releases_its_lock(void **state)
{
	pid_t holders[256];
	pthread_t waiter;
	void *wrong;

	(void)state;
	lock_all_cores(holders);
	assert_int_equal(pthread_create(&waiter, NULL, hash_once, NULL), 0);
	WAIT_FOR(atomic_load(&waiting) == 1);
	assert_int_equal(atomic_load(&shared->running), cores());
	kill(holders[0], SIGKILL);
	WAIT_FOR(
		atomic_load(&shared->running) == cores() + 1); /* the killed one is still counted */
	atomic_store(&shared->block, false);
	pthread_join(waiter, &wrong);
	assert_null(wrong);
	waitpid(holders[0], NULL, 0);
	kill_holders(holders, 1);
}

static void
test_wait_times_out(void **state)
{
	pid_t holders[256];
	pthread_t waiter;
	void *wrong;
	char *hash = (char *)"untouched";

	(void)state;
	lock_all_cores(holders);
	assert_int_equal(pthread_create(&waiter, NULL, hash_once, NULL), 0);
	WAIT_FOR(atomic_load(&waiting) == 1);
	atomic_fetch_add(&shared->now, WAIT_MS * 1000LL);
	pthread_join(waiter, &wrong);
	assert_non_null(wrong); /* busy */
	assert_int_equal(atomic_load(&waiting), 0);
	atomic_store(&shared->block, false);
	kill_holders(holders, 0);

	/* the next call succeeds */
	assert_int_equal(password_hash("correct horse", &hash), ERR_NONE);
	assert_string_not_equal(hash, "untouched");
	g_free(hash);
}

static atomic_int refused;

static void *
hash_or_count(void *arg)
{
	char *hash = NULL;
	enum err e = password_hash("correct horse", &hash);

	(void)arg;
	g_free(hash);
	if (e == ERR_BUSY)
		atomic_fetch_add(&refused, 1);
	return e == ERR_NONE || e == ERR_BUSY ? NULL : "wrong";
}

static void
test_waiters_are_bounded(void **state)
{
	enum { EXCESS = 10 };
	pid_t holders[256];
	pthread_t started[WAITERS_MAX + EXCESS];

	(void)state;
	lock_all_cores(holders);
	for (int i = 0; i < WAITERS_MAX + EXCESS; i++)
		assert_int_equal(pthread_create(&started[i], NULL, hash_or_count, NULL), 0);
	WAIT_FOR(atomic_load(&refused) == EXCESS); /* at once, while the others wait */
	assert_int_equal(atomic_load(&waiting), WAITERS_MAX);
	atomic_fetch_add(&shared->now, WAIT_MS * 1000LL);
	for (int i = 0; i < WAITERS_MAX + EXCESS; i++)
		pthread_join(started[i], NULL);
	assert_int_equal(atomic_load(&refused), WAITERS_MAX + EXCESS);
	atomic_store(&shared->block, false);
	kill_holders(holders, 0);
}

static void
test_check(void **state)
{
	g_autofree char *hash = NULL;

	(void)state;
	assert_int_equal(password_hash("correct horse", &hash), ERR_NONE);
	assert_int_equal(password_check(hash, "correct horse"), ERR_NONE);
	assert_int_equal(password_check(hash, "wrong horse"), ERR_WRONG_PASSWORD);
	assert_int_equal(password_check(NULL, "correct horse"), ERR_WRONG_PASSWORD);
	assert_int_equal(password_check(NULL, ""), ERR_WRONG_PASSWORD);
	assert_int_equal(password_check("no hash", "no hash"), ERR_WRONG_PASSWORD);
}

/* A hash of the password as it is: as earlier versions made them. */
static void
check_earlier(const char *hashed, const char *typed)
{
	g_autofree char *hash = secret_password_hash(hashed);

	assert_int_equal(password_check(hash, typed), ERR_NONE);
	assert_int_equal(password_check(hash, "another one"), ERR_WRONG_PASSWORD);
}

/* The same password typed in another normal form is the same password. */
static void
test_normal_forms(void **state)
{
	static const char composed[] = "p\u00e4ssw\u00f6rtchen";
	static const char decomposed[] = "pa\u0308sswo\u0308rtchen";
	static const char mixed[] = "pa\u0308ssw\u00f6rtchen";
	g_autofree char *hash = NULL;

	(void)state;
	assert_int_equal(password_hash(decomposed, &hash), ERR_NONE);
	assert_int_equal(password_check(hash, composed), ERR_NONE);
	assert_int_equal(password_check(hash, decomposed), ERR_NONE);
	assert_int_equal(password_check(hash, mixed), ERR_NONE);
	assert_int_equal(password_check(hash, "passwortchen"), ERR_WRONG_PASSWORD);
	check_earlier(composed, decomposed);
	check_earlier(decomposed, composed);
	check_earlier(decomposed, decomposed);
	check_earlier(mixed, mixed);
}

/* CPU seconds of this thread that a check takes; the least of five. */
static double
cost_of_check(const char *hash)
{
	double best = 1e9;

	for (int i = 0; i < 5; i++) {
		struct timespec from, to;

		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
		assert_int_equal(password_check(hash, "wrong horse"), ERR_WRONG_PASSWORD);
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
		best = MIN(best,
			(double)(to.tv_sec - from.tv_sec) +
				(double)(to.tv_nsec - from.tv_nsec) / 1e9);
	}
	return best;
}

static void
test_unknown_account_costs_the_same(void **state)
{
	g_autofree char *hash = NULL;
	double known;
	double unknown;

	(void)state;
	assert_int_equal(password_hash("correct horse", &hash), ERR_NONE);
	known = cost_of_check(hash);
	unknown = cost_of_check(NULL);
	if (unknown < known / 2 || unknown > known * 2)
		fail_msg("known %f s, unknown %f s", known, unknown);
}

static void
test_no_folder_is_busy(void **state)
{
	char *hash = (char *)"untouched";

	(void)state;
	setenv("SHOETOPIA_RUN", "/nowhere/at/all", 1);
	assert_int_equal(password_hash("correct horse", &hash), ERR_BUSY);
	assert_string_equal(hash, "untouched");
	assert_int_equal(password_check(NULL, "correct horse"), ERR_BUSY);
	setenv("SHOETOPIA_RUN", folder, 1);
}

/* Otherwise another user could make us lock or create a file elsewhere. */
static void
test_no_link_is_followed(void **state)
{
	g_autofree char *lock =
		g_strdup_printf("%s/shoetopia-password-%u.lock", folder, (unsigned)geteuid());
	char *hash = NULL;

	(void)state;
	unlink(lock);
	assert_int_equal(symlink("/dev/null", lock), 0);
	assert_int_equal(password_hash("correct horse", &hash), ERR_BUSY);
	unlink(lock);
}

static int
set_up(void **state)
{
	(void)state;
	shared = mmap(
		NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || mkdtemp(folder) == NULL)
		return -1;
	setenv("SHOETOPIA_RUN", folder, 1);
	return secret_init() ? 0 : -1;
}

static int
tear_down(void **state)
{
	g_autofree char *lock =
		g_strdup_printf("%s/shoetopia-password-%u.lock", folder, (unsigned)geteuid());

	(void)state;
	unlink(lock);
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_never_more_than_cores, reset),
		cmocka_unit_test_setup(test_killed_process_releases_its_lock, reset),
		cmocka_unit_test_setup(test_wait_times_out, reset),
		cmocka_unit_test_setup(test_waiters_are_bounded, reset),
		cmocka_unit_test_setup(test_check, reset),
		cmocka_unit_test_setup(test_normal_forms, reset),
		cmocka_unit_test_setup(test_unknown_account_costs_the_same, reset),
		cmocka_unit_test_setup(test_no_folder_is_busy, reset),
		cmocka_unit_test_setup(test_no_link_is_followed, reset),
	};

	return cmocka_run_group_tests_name("base_password", tests, set_up, tear_down);
}
