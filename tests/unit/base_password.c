/*
 * The limiter before the password hashes: never more at once than there are cores, over all processes; who dies, lets go.
 *
 * The file under test is included, so that a hash can be replaced by one that is counted and held, and the clock by one that jumps.
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

enum { THREADS = 8, HASHES = 3, PROCESSES = 2, PATIENCE_MS = 30000 };

/* What all processes of the test share. */
static struct {
	atomic_int inside; /* hashes under way */
	atomic_int most;   /* the most that there were */
	atomic_int done;
	atomic_bool hold;     /* hashes wait inside until this is false */
	atomic_llong skipped; /* microseconds that the clock has jumped */
} * shared;

static char folder[] = "/tmp/shoetopia-password-test.XXXXXX";

static gint64
test_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000 + atomic_load(&shared->skipped);
}

/* Gives way until `fine`; false if that never happens. */
#define WAIT_FOR(fine)                                                                             \
	do {                                                                                       \
		struct timespec begin_;                                                            \
		clock_gettime(CLOCK_MONOTONIC, &begin_);                                           \
		for (;;) {                                                                         \
			struct timespec now_;                                                      \
			if (fine)                                                                  \
				break;                                                             \
			clock_gettime(CLOCK_MONOTONIC, &now_);                                     \
			if (now_.tv_sec - begin_.tv_sec > PATIENCE_MS / 1000)                      \
				fail_msg("never came: %s", #fine);                                 \
			sched_yield();                                                             \
		}                                                                                  \
	} while (0)

static char *
counted_hash(const char *password)
{
	int inside = atomic_fetch_add(&shared->inside, 1) + 1;
	int most = atomic_load(&shared->most);
	char *hash;

	while (inside > most && !atomic_compare_exchange_weak(&shared->most, &most, inside))
		;
	while (atomic_load(&shared->hold))
		sched_yield();
	hash = secret_password_hash(password);
	atomic_fetch_sub(&shared->inside, 1);
	atomic_fetch_add(&shared->done, 1);
	return hash;
}

/* fork(), but a child does not outlive a test that failed. */
static pid_t
child_begin(void)
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

/* Many threads of this process; answers how many of them failed. */
static int
crowd_run(void *(*work)(void *), int threads)
{
	pthread_t crowd[512];
	int failed = 0;

	for (int i = 0; i < threads; i++)
		if (pthread_create(&crowd[i], NULL, work, NULL) != 0)
			abort();
	for (int i = 0; i < threads; i++) {
		void *wrong;

		pthread_join(crowd[i], &wrong);
		failed += wrong != NULL;
	}
	return failed;
}

static void
test_never_more_than_cores(void **state)
{
	pid_t children[PROCESSES];

	(void)state;
	atomic_store(&shared->hold, true);
	for (int i = 0; i < PROCESSES; i++)
		if ((children[i] = child_begin()) == 0)
			_exit(crowd_run(hash_some, THREADS));
	WAIT_FOR(atomic_load(&shared->inside) == cores()); /* all cores are used */
	atomic_store(&shared->hold, false);
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	assert_int_equal(atomic_load(&shared->done), PROCESSES * THREADS * HASHES);
	assert_int_equal(atomic_load(&shared->most), cores());
}

/* Begins a process for each core that holds it, until it is killed. */
static void
hold_all_cores(pid_t *holders)
{
	atomic_store(&shared->hold, true);
	for (int i = 0; i < cores(); i++)
		if ((holders[i] = child_begin()) == 0) {
			char *hash;

			_exit((int)password_hash("correct horse", &hash));
		}
	WAIT_FOR(atomic_load(&shared->inside) == cores());
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
test_killed_holder_lets_go(void **state)
{
	pid_t holders[256];
	pthread_t waiter;
	void *wrong;

	(void)state;
	hold_all_cores(holders);
	assert_int_equal(pthread_create(&waiter, NULL, hash_once, NULL), 0);
	WAIT_FOR(atomic_load(&waiting) == 1);
	assert_int_equal(atomic_load(&shared->inside), cores());
	kill(holders[0], SIGKILL);
	WAIT_FOR(atomic_load(&shared->inside) ==
		cores() + 1); /* the dead one never counted itself out */
	atomic_store(&shared->hold, false);
	pthread_join(waiter, &wrong);
	assert_null(wrong);
	waitpid(holders[0], NULL, 0);
	kill_holders(holders, 1);
}

static void
test_patience_ends(void **state)
{
	pid_t holders[256];
	pthread_t waiter;
	void *wrong;
	char *hash = (char *)"untouched";

	(void)state;
	hold_all_cores(holders);
	assert_int_equal(pthread_create(&waiter, NULL, hash_once, NULL), 0);
	WAIT_FOR(atomic_load(&waiting) == 1);
	atomic_fetch_add(&shared->skipped, WAIT_MS * 1000LL);
	pthread_join(waiter, &wrong);
	assert_non_null(wrong); /* busy */
	assert_int_equal(atomic_load(&waiting), 0);
	atomic_store(&shared->hold, false);
	kill_holders(holders, 0);

	/* Who came too late goes on as if nothing had been. */
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
test_line_is_bounded(void **state)
{
	enum { BEYOND = 10 };
	pid_t holders[256];
	pthread_t crowd[WAITERS_MAX + BEYOND];

	(void)state;
	hold_all_cores(holders);
	for (int i = 0; i < WAITERS_MAX + BEYOND; i++)
		assert_int_equal(pthread_create(&crowd[i], NULL, hash_or_count, NULL), 0);
	WAIT_FOR(atomic_load(&refused) == BEYOND); /* at once, while the others wait */
	assert_int_equal(atomic_load(&waiting), WAITERS_MAX);
	atomic_fetch_add(&shared->skipped, WAIT_MS * 1000LL);
	for (int i = 0; i < WAITERS_MAX + BEYOND; i++)
		pthread_join(crowd[i], NULL);
	assert_int_equal(atomic_load(&refused), WAITERS_MAX + BEYOND);
	atomic_store(&shared->hold, false);
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

/* Seconds of this thread's processor that a check takes; the best of some. */
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

/* Nobody may lead us to lock, or truncate, a file of somebody else's. */
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
		cmocka_unit_test_setup(test_killed_holder_lets_go, reset),
		cmocka_unit_test_setup(test_patience_ends, reset),
		cmocka_unit_test_setup(test_line_is_bounded, reset),
		cmocka_unit_test_setup(test_check, reset),
		cmocka_unit_test_setup(test_unknown_account_costs_the_same, reset),
		cmocka_unit_test_setup(test_no_folder_is_busy, reset),
		cmocka_unit_test_setup(test_no_link_is_followed, reset),
	};

	return cmocka_run_group_tests_name("base_password", tests, set_up, tear_down);
}
