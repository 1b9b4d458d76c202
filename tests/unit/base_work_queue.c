/* The queue of jobs: its bound, its order, its threads' priority, and that its end loses no job. */
#include <glib.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "base/work_queue.h"
#include "unit.h"

enum { WAITING_MAX = 4, JOBS = 1000 };

static sem_t started, go;
static int order[WAITING_MAX + 1];
static int n_run;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void
hold(void *arg)
{
	(void)arg;
	sem_post(&started);
	while (sem_wait(&go) != 0)
		;
}

static void
note(void *arg)
{
	pthread_mutex_lock(&lock);
	order[n_run++] = *(int *)arg;
	pthread_mutex_unlock(&lock);
}

static void
test_bound_and_order(void **state)
{
	static int numbers[WAITING_MAX + 1] = { 1, 2, 3, 4, 5 };
	struct work_queue *q = work_queue_new("test", 1, WAITING_MAX, 0);

	(void)state;
	sem_init(&started, 0, 0);
	sem_init(&go, 0, 0);
	n_run = 0;
	assert_true(work_queue_submit(q, hold, NULL));
	sem_wait(&started);
	for (int i = 0; i < WAITING_MAX; i++)
		assert_true(work_queue_submit(q, note, &numbers[i]));
	assert_int_equal(work_queue_waiting(q), WAITING_MAX);
	assert_false(work_queue_submit(q, note, &numbers[WAITING_MAX])); /* at once */
	sem_post(&go);
	work_queue_free(q); /* runs what waits */
	assert_int_equal(n_run, WAITING_MAX);
	for (int i = 0; i < WAITING_MAX; i++)
		assert_int_equal(order[i], numbers[i]);
}

static char requests[2][LOG_REQUEST_SIZE];

static void
note_request(void *arg)
{
	g_strlcpy(arg, log_request(), LOG_REQUEST_SIZE);
}

/* A job logs as the request of the thread that submitted it, not as that of the job before. */
static void
test_request_of_a_job(void **state)
{
	struct work_queue *q = work_queue_new("test", 1, WAITING_MAX, 0);

	(void)state;
	log_set_request("17");
	assert_true(work_queue_submit(q, note_request, requests[0]));
	log_set_request("");
	g_strlcpy(requests[1], "unset", sizeof requests[1]);
	assert_true(work_queue_submit(q, note_request, requests[1]));
	work_queue_free(q);
	assert_string_equal(requests[0], "17");
	assert_string_equal(requests[1], "");
}

static void
add_one(void *arg)
{
	__atomic_fetch_add((int *)arg, 1, __ATOMIC_SEQ_CST);
}

static void
test_no_job_is_lost(void **state)
{
	struct work_queue *q = work_queue_new("test", 4, JOBS, 0);
	int count = 0;

	(void)state;
	for (int i = 0; i < JOBS; i++)
		assert_true(work_queue_submit(q, add_one, &count));
	work_queue_free(q);
	assert_int_equal(__atomic_load_n(&count, __ATOMIC_SEQ_CST), JOBS);
}

static void
look_at_priority(void *arg)
{
	*(int *)arg = getpriority(PRIO_PROCESS, (id_t)gettid());
}

static void
test_priority(void **state)
{
	int before = getpriority(PRIO_PROCESS, 0);
	int nice = before < 19 ? before + 1 : 19;
	struct work_queue *q = work_queue_new("test", 1, WAITING_MAX, nice);
	int seen = -1;

	(void)state;
	assert_true(work_queue_submit(q, look_at_priority, &seen));
	work_queue_free(q);
	assert_int_equal(seen, nice);
	assert_int_equal(getpriority(PRIO_PROCESS, 0), before); /* of this thread: unchanged */
}

static void
test_end_without_a_job(void **state)
{
	(void)state;
	work_queue_free(work_queue_new("test", 2, WAITING_MAX, 0));
	work_queue_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bound_and_order),
		cmocka_unit_test(test_request_of_a_job),
		cmocka_unit_test(test_no_job_is_lost),
		cmocka_unit_test(test_priority),
		cmocka_unit_test(test_end_without_a_job),
	};

	return cmocka_run_group_tests_name("base_work_queue", tests, NULL, NULL);
}
