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

enum {
	WAITERS_MAX = 256,
	WAIT_MS = 5000,
	LOOK_AGAIN_MS = 4,
};

/* A hash of a password that nobody has, so that an unknown account takes as long as a known one. */
static const char *nobodys_hash;
static pthread_once_t nobodys_once = PTHREAD_ONCE_INIT;

static atomic_int waiting;

static void
nobodys_make(void)
{
	char password[TOKEN_SIZE];

	secret_token(password);
	nobodys_hash = secret_password_hash(password);
}

/* Where the processes of this user meet: SHOETOPIA_RUN, else the user's own run-time folder, else a file in /tmp that only this user may open. */
static int
turnstile_open(void)
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

/* Tries to take the byte of one core. Locks of open file descriptions, since those of processes do not keep threads apart. */
static bool
turnstile_try(int fd, long cores)
{
	for (long core = 0; core < cores; core++) {
		struct flock lock = {
			.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = core, .l_len = 1
		};

		if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
			return true;
	}
	return false;
}

/* Waits for a core; answers the descriptor whose closing gives it back, or -1. */
static int
turnstile_enter(void)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_MS * 1000000L };
	long cores = MAX(sysconf(_SC_NPROCESSORS_ONLN), 1);
	gint64 until = g_get_monotonic_time() + WAIT_MS * 1000LL;
	int fd;

	if (atomic_fetch_add(&waiting, 1) >= WAITERS_MAX) {
		atomic_fetch_sub(&waiting, 1);
		return -1;
	}
	fd = turnstile_open();
	while (fd >= 0 && !turnstile_try(fd, cores)) {
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
password_hash(const char *password, char **hash)
{
	int core = turnstile_enter();
	char *made;

	if (core < 0)
		return ERR_BUSY;
	made = secret_password_hash(password);
	close(core);
	if (made == NULL)
		return ERR_BUSY;
	*hash = made;
	return ERR_NONE;
}

enum err
password_check(const char *hash_or_null, const char *password)
{
	int core = turnstile_enter();
	bool fine;

	if (core < 0)
		return ERR_BUSY;
	pthread_once(&nobodys_once, nobodys_make);
	if (nobodys_hash == NULL) {
		close(core);
		return ERR_BUSY;
	}
	fine = secret_password_matches(
		       hash_or_null != NULL ? hash_or_null : nobodys_hash, password) &&
		hash_or_null != NULL;
	close(core);
	return fine ? ERR_NONE : ERR_WRONG_PASSWORD;
}
