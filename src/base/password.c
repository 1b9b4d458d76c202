#include "base/password.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/unicode.h"

enum {
	WAITERS_MAX = 256,
	QUEUE_MAX = 128, /* each holds a connection: together with searches fewer than there are */
	WAIT_MS = 5000,
	POLL_MS = 4,
	/*
	 * of the threads that hash: requests that are served at the same time keep most of the CPU,
	 * and hashes are not stopped by them
	 */
	NICE = 5,
};

/* The hash of a random password, checked where there is no account. */
static const char *dummy_hash;
static pthread_once_t dummy_hash_once = PTHREAD_ONCE_INIT;

static atomic_int waiting;

/* The lock of this thread's turn; -1: it has none. */
static _Thread_local int turn = -1;

static struct work_queue *queue;
static pthread_once_t queue_once = PTHREAD_ONCE_INIT;

static long
core_count(void)
{
	return MAX(sysconf(_SC_NPROCESSORS_ONLN), 1);
}

static void
dummy_hash_make(void)
{
	char password[TOKEN_SIZE];

	secret_token(password);
	dummy_hash = secret_password_hash(password);
}

/*
 * Opens the semaphore file that the processes of this user share: in SHOETOPIA_RUN, else in the
 * user's runtime directory, else in /tmp. It must be this user's own and no symbolic link, since
 * others may write to /tmp. -1, logged, if it cannot be opened.
 */
static int
limiter_open(void)
{
	const char *folder = getenv("SHOETOPIA_RUN");
	g_autofree char *path = NULL;
	struct stat st;
	int fd;

	if (folder == NULL || *folder == '\0')
		folder = getenv("XDG_RUNTIME_DIR");
	if (folder == NULL || *folder == '\0')
		folder = "/tmp";
	path = g_strdup_printf("%s/shoetopia-password-%u.lock", folder, (unsigned)geteuid());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_uid != geteuid()) {
		log_line(LOG_FAULT, "cannot use the lock file %s: %s", path, g_strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

/*
 * Tries to lock the byte of any core, without waiting. The lock belongs to the open file
 * description: traditional record locks belong to the process and would not exclude its threads.
 */
static bool
limiter_try_lock(int fd, long n_cores)
{
	for (long core = 0; core < n_cores; core++) {
		struct flock lock = {
			.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = core, .l_len = 1
		};

		if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
			return true;
	}
	return false;
}

/* Waits for a lock byte. Returns a file descriptor, to be closed to release the lock, or -1. */
static int
limiter_acquire(void)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
	long n = core_count();
	gint64 until = g_get_monotonic_time() + WAIT_MS * 1000LL;
	int fd;

	if (atomic_fetch_add(&waiting, 1) >= WAITERS_MAX) {
		atomic_fetch_sub(&waiting, 1);
		return -1;
	}
	fd = limiter_open();
	while (fd >= 0 && !limiter_try_lock(fd, n)) {
		if (g_get_monotonic_time() >= until) {
			close(fd);
			fd = -1;
			break;
		}
		nanosleep(&pause, NULL);
	}
	atomic_fetch_sub(&waiting, 1);
	return fd;
}

enum err
password_turn_begin(void)
{
	turn = limiter_acquire();
	return turn < 0 ? ERR_BUSY : ERR_NONE;
}

void
password_turn_end(void)
{
	close(turn);
	turn = -1;
}

/* Begins a turn unless the thread has one; `begun`: it must be ended. */
static enum err
turn_ensure(bool *begun)
{
	*begun = turn < 0;
	return *begun ? password_turn_begin() : ERR_NONE;
}

static void
turn_restore(bool begun)
{
	if (begun)
		password_turn_end();
}

/* Of a copy of a password: it is overwritten when it goes out of scope. */
#define WIPED __attribute__((cleanup(wipe)))

static void
wipe(char **text)
{
	if (*text != NULL)
		secret_wipe(*text, strlen(*text));
	g_free(*text);
}

enum err
password_hash(const char *password, char **hash)
{
	WIPED char *composed = unicode_compose(password);
	bool begun;
	enum err e = turn_ensure(&begun);
	char *made;

	if (e != ERR_NONE)
		return e;
	made = secret_password_hash(composed);
	turn_restore(begun);
	if (made == NULL)
		return ERR_BUSY;
	*hash = made;
	return ERR_NONE;
}

/*
 * Whether the password has this hash in one of its forms, each tried once: in form C, which is what
 * is hashed; as it was typed, and in form D, which earlier versions may have hashed. Most passwords
 * are the same in all of them.
 */
static bool
matches_in_a_form(const char *hash, const char *password)
{
	WIPED char *composed = unicode_compose(password);
	WIPED char *decomposed = unicode_decompose(password);

	if (secret_password_matches(hash, composed))
		return true;
	if (strcmp(password, composed) != 0 && secret_password_matches(hash, password))
		return true;
	return strcmp(decomposed, composed) != 0 && strcmp(decomposed, password) != 0 &&
		secret_password_matches(hash, decomposed);
}

enum err
password_check(const char *hash_or_null, const char *password)
{
	bool begun;
	enum err e = turn_ensure(&begun);
	const char *hash;
	bool matches;

	if (e != ERR_NONE)
		return e;
	pthread_once(&dummy_hash_once, dummy_hash_make);
	hash = hash_or_null != NULL ? hash_or_null : dummy_hash;
	matches = hash != NULL && matches_in_a_form(hash, password);
	turn_restore(begun);
	if (hash == NULL)
		return ERR_BUSY;
	return matches && hash_or_null != NULL ? ERR_NONE : ERR_WRONG_PASSWORD;
}

/* ---- the queue ---- */

static void
queue_make(void)
{
	queue = work_queue_new("password hashes", (int)core_count(), QUEUE_MAX, NICE);
}

struct work_queue *
password_queue(void)
{
	pthread_once(&queue_once, queue_make);
	return queue;
}

void
password_queue_free(void)
{
	work_queue_free(queue);
	queue = NULL;
}
