#include "http/fcgi.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "http/background.h"
#include "http/connection.h"
#include "http/leader.h"
#include "http/slow_request.h"
#include "http/watchdog.h"

enum {
	STOP_SECONDS = 30, /* how long a shutdown waits for requests in progress */
	STOP_TICK_MS = 20, /* between two looks of a shutdown for idle connections */
	/*
	 * how long all threads may be blocked before the process counts as hung: longer than the
	 * deadlines of everything that a handler waits for
	 */
	BLOCKED_SECONDS = 20,
	THREAD_STACK = 512 * 1024,
};

struct server {
	struct leader *leader;
	struct connections *connections;
	int stop_fd;   /* readable once the shutdown has started */
	bool stopping; /* the leader has seen that */
	atomic_int threads_left;
	atomic_int threads_busy; /* those that serve a connection */
	/* a question to the event loop by the main thread: answered by the thread that leads */
	int probe_fd;
	atomic_bool probe_answered;
	int blocked_ticks; /* of the main thread, since the last answer: all threads were busy */
};

/* ---- worker threads ---- */

static void
answer_probe(struct server *s)
{
	eventfd_t count;

	if (eventfd_read(s->probe_fd, &count) == 0)
		atomic_store(&s->probe_answered, true);
}

/*
 * The event loop: the leader accepts connections and returns the next one with an event. NULL: the
 * shutdown is complete.
 */
static struct connection *
next_connection(struct server *s)
{
	while (!s->stopping || !connections_all_closed(s->connections)) {
		void *owner = leader_next_event(s->leader, s->stopping ? STOP_TICK_MS : -1);

		if (owner == s->connections)
			connections_accept(s->connections);
		else if (owner == s)
			s->stopping = leader_watch(s->leader, s->stop_fd, EPOLL_CTL_DEL, 0, NULL);
		else if (owner == &s->probe_fd)
			answer_probe(s);
		else if (owner != NULL)
			return owner;
		else if (s->stopping)
			connections_close_idle(s->connections);
	}
	leader_end(s->leader);
	return NULL;
}

static void *
work(void *arg)
{
	struct server *s = arg;
	struct connection *c;

	while (leader_acquire(s->leader) && (c = next_connection(s)) != NULL) {
		atomic_fetch_add(&s->threads_busy, 1);
		connection_serve(c);
		slow_request_end();
		atomic_fetch_sub(&s->threads_busy, 1);
	}
	leader_release(s->leader);
	atomic_fetch_sub(&s->threads_left, 1);
	return NULL;
}

/* ---- start and shutdown ---- */

/*
 * SIGTERM and SIGINT are taken by sigwait(), SIGPIPE is ignored since the write reports it. All
 * other signals but faults are blocked: EINTR would truncate libfcgi's writes.
 */
static void
set_signals(sigset_t *awaited)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t blocked;

	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(awaited);
	sigaddset(awaited, SIGTERM);
	sigaddset(awaited, SIGINT);
	sigfillset(&blocked);
	sigdelset(&blocked, SIGSEGV);
	sigdelset(&blocked, SIGBUS);
	sigdelset(&blocked, SIGFPE);
	sigdelset(&blocked, SIGILL);
	sigdelset(&blocked, SIGABRT);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
}

/* NULL, logged, on failure: the process then ends. */
static struct server *
server_new(const struct site *site, int fd)
{
	struct server *s = calloc(1, sizeof *s);

	if (s == NULL || (s->leader = leader_new()) == NULL ||
		(s->stop_fd = eventfd(0, EFD_CLOEXEC)) < 0 ||
		!leader_watch(s->leader, s->stop_fd, EPOLL_CTL_ADD, EPOLLIN, s) ||
		(s->probe_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0 ||
		!leader_watch(s->leader, s->probe_fd, EPOLL_CTL_ADD, EPOLLIN, &s->probe_fd) ||
		(s->connections = connections_new(s->leader, site, fd)) == NULL) {
		log_line(LOG_FAULT, "cannot set up FastCGI: %s", strerror(errno));
		return NULL;
	}
	return s;
}

static void
server_free(struct server *s)
{
	connections_free(s->connections);
	leader_free(s->leader);
	close(s->stop_fd);
	close(s->probe_fd);
	free(s);
}

/* Returns how many were started. */
static int
threads_start(struct server *s, pthread_t *threads, int n)
{
	pthread_attr_t attr;
	int started = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	for (; started < n; started++) {
		atomic_fetch_add(&s->threads_left, 1);
		if (pthread_create(&threads[started], &attr, work, s) != 0) {
			atomic_fetch_sub(&s->threads_left, 1);
			log_line(LOG_WARN, "started only %d of %d threads", started, n);
			break;
		}
	}
	pthread_attr_destroy(&attr);
	return started;
}

/* Starts the shutdown and waits until all threads have ended. False if some had not in time. */
static bool
threads_stop(struct server *s, bool owns_socket)
{
	const struct timespec tick = { .tv_nsec = STOP_TICK_MS * 1000000L };

	watchdog_stopping();
	connections_stop(s->connections, owns_socket);
	eventfd_write(s->stop_fd, 1);
	for (int waited = 0; atomic_load(&s->threads_left) > 0; waited += STOP_TICK_MS) {
		if (waited >= STOP_SECONDS * 1000)
			return false;
		watchdog_ping();
		nanosleep(&tick, NULL);
	}
	return true;
}

/* ---- the watchdog ---- */

/*
 * Whether a worker thread took the last probe out of the event loop; asks the next one. While all
 * of the `n` threads are blocked in handlers no thread leads; their waits end by deadlines.
 */
static bool
makes_progress(struct server *s, int n)
{
	if (atomic_exchange(&s->probe_answered, false))
		s->blocked_ticks = 0;
	else if (atomic_load(&s->threads_busy) < n ||
		++s->blocked_ticks > BLOCKED_SECONDS * 1000 / WATCHDOG_TICK_MS)
		return false;
	eventfd_write(s->probe_fd, 1);
	return true;
}

/* Reports progress to the supervisor, if there is one, until a signal asks for the shutdown. */
static void
await_stop(struct server *s, int n, const sigset_t *awaited)
{
	const struct timespec tick = { .tv_nsec = WATCHDOG_TICK_MS * 1000000L };
	int signal_number;

	if (!watchdog_open()) {
		sigwait(awaited, &signal_number);
		return;
	}
	watchdog_ready();
	eventfd_write(s->probe_fd, 1);
	while (sigtimedwait(awaited, NULL, &tick) < 0)
		if (makes_progress(s, n))
			watchdog_ping();
}

int
fcgi_serve(const struct site *site, int fd, bool owns_socket, int n_threads)
{
	pthread_t *threads = calloc((size_t)n_threads, sizeof *threads);
	struct background *background;
	struct server *server;
	sigset_t awaited;
	int n;
	bool finished;

	set_signals(&awaited);
	server = threads == NULL ? NULL : server_new(site, fd);
	if (server == NULL) {
		free(threads);
		return EXIT_FAILURE;
	}
	slow_request_set_threads(n_threads);
	n = threads_start(server, threads, n_threads);
	log_line(LOG_NOTE, "serving FastCGI with %d threads", n);
	background = background_start(site);
	if (n > 0)
		await_stop(server, n, &awaited);
	finished = threads_stop(server, owns_socket);
	log_line(LOG_NOTE,
		finished ? "stopped; all requests are answered"
			 : "stopped; some requests did not end in time");
	if (!finished)
		_exit(EXIT_FAILURE);
	background_stop(background);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	watchdog_close();
	server_free(server);
	free(threads);
	return n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- the listening socket ---- */

/* The first descriptor that systemd passes, and the number of them that we take. */
#define LISTEN_FD 3
#define LISTEN_COUNT "1"

static bool
is_socket(int fd)
{
	int listening = 0;
	socklen_t size = sizeof listening;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0;
}

int
fcgi_inherited_socket(void)
{
	const char *pid = getenv("LISTEN_PID");

	if (is_socket(STDIN_FILENO))
		return STDIN_FILENO;
	if (pid == NULL || strtol(pid, NULL, 10) != (long)getpid() ||
		g_strcmp0(getenv("LISTEN_FDS"), LISTEN_COUNT) != 0 || !is_socket(LISTEN_FD))
		return -1;
	fcntl(LISTEN_FD, F_SETFD, FD_CLOEXEC);
	return LISTEN_FD;
}

/*
 * Logs if the kernel limits the listen backlog: the web server answers an error for connections
 * that do not fit.
 */
static void
warn_if_limited(int backlog)
{
	FILE *file = fopen("/proc/sys/net/core/somaxconn", "re");
	int limit;

	if (file == NULL)
		return;
	if (fscanf(file, "%d", &limit) == 1 && limit < backlog)
		log_line(LOG_NOTE,
			"the listen backlog is limited to %d instead of %d: see net.core.somaxconn",
			limit, backlog);
	fclose(file);
}

/* Binds to another path and renames: a socket that is there already is replaced atomically. */
int
fcgi_listen(const char *path, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int length =
		snprintf(address.sun_path, sizeof address.sun_path, "%s.%d", path, (int)getpid());
	int fd;

	if (length < 0 || (size_t)length >= sizeof address.sun_path) {
		log_line(LOG_FAULT, "the path of the socket is too long: %s", path);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(address.sun_path);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
		chmod(address.sun_path, 0660) == 0 && listen(fd, backlog) == 0 &&
		rename(address.sun_path, path) == 0) {
		warn_if_limited(backlog);
		return fd;
	}
	log_line(LOG_FAULT, "cannot listen on %s: %s", path, strerror(errno));
	unlink(address.sun_path);
	if (fd >= 0)
		close(fd);
	return -1;
}
