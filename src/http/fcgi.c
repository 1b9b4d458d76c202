/*
 * FastCGI: a pool of threads, the web server's connections, and a stop that finishes what has begun.
 *
 * One thread leads: it waits for whatever comes on any connection, and serves it at once. Before it does what may take its time, it leaves the lead to
 * another. So a crowd whose calls travel together, and are answered by those that bring them back, is read by one thread, one request after the other,
 * and no thread is woken for each; and nobody waits for another's slow page.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
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
#include "http/connection.h"
#include "http/fcgi.h"

enum {
	STOP_SECONDS = 30, /* how long a stop waits for requests under way */
	STOP_TURN_MS = 20, /* how often it looks for connections that may be closed */
	TICK_MS = 500,     /* between two ticks: what one sees may be a second old besides */
	THREAD_STACK = 512 * 1024,
};

struct server {
	struct lead lead;
	struct connections connections;
	bool ours;   /* the listening socket */
	int stop_fd; /* can be read once it is time to stop */
	bool stops;  /* the leader's */
	atomic_int threads_left;
};

/* ---- the way of a thread ---- */

/* The leader waits for a request. NULL: the program stops, and all is done. */
static struct connection *
next_request(struct server *s)
{
	while (!s->stops || !connections_gone(&s->connections)) {
		void *whose = lead_next(&s->lead, s->stops ? STOP_TURN_MS : -1);

		if (whose == &s->connections)
			connections_accept(&s->connections);
		else if (whose == s)
			s->stops = lead_watch(&s->lead, s->stop_fd, EPOLL_CTL_DEL, 0, NULL);
		else if (whose != NULL)
			return whose;
		else if (s->stops)
			connections_close_quiet(&s->connections);
	}
	lead_end(&s->lead);
	return NULL;
}

static void *
work(void *arg)
{
	struct server *s = arg;
	struct connection *c;

	while (lead_take(&s->lead) && (c = next_request(s)) != NULL)
		connection_serve(c);
	lead_leave(&s->lead);
	atomic_fetch_sub(&s->threads_left, 1);
	return NULL;
}

/* ---- what the site does by itself ---- */

struct ticker {
	pthread_t thread;
	const struct site *site;
	sem_t stop;
	atomic_bool stopping;
	bool runs;
};

/* In a thread of its own: a database that does not answer must not keep anybody from hearing that it is time to stop. */
static void *
tick(void *arg)
{
	struct ticker *ticker = arg;
	struct timespec next;

	for (;;) {
		while (!atomic_load(&ticker->stopping) && ticker->site->tick())
			;
		clock_gettime(CLOCK_MONOTONIC, &next);
		next.tv_nsec += TICK_MS * 1000000L;
		next.tv_sec += next.tv_nsec / 1000000000L;
		next.tv_nsec %= 1000000000L;
		while (sem_clockwait(&ticker->stop, CLOCK_MONOTONIC, &next) != 0)
			if (errno != EINTR)
				break;
		if (atomic_load(&ticker->stopping))
			return NULL;
	}
}

static void
ticker_start(struct ticker *ticker, const struct site *site)
{
	ticker->site = site;
	sem_init(&ticker->stop, 0, 0);
	ticker->runs =
		site->tick != NULL && pthread_create(&ticker->thread, NULL, tick, ticker) == 0;
	if (site->tick != NULL && !ticker->runs)
		log_line(
			LOG_WARN, "no thread could be started for what is done every now and then");
}

static void
ticker_stop(struct ticker *ticker)
{
	atomic_store(&ticker->stopping, true);
	sem_post(&ticker->stop);
	if (ticker->runs)
		pthread_join(ticker->thread, NULL);
	sem_destroy(&ticker->stop);
}

/* ---- start and stop ---- */

/* SIGTERM and SIGINT are awaited, a broken pipe is told by its write; all others but faults are nobody's, lest they cut a call short. */
static void
own_signals(sigset_t *awaited)
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

/* NULL, logged, if it cannot be. */
static struct server *
server_new(const struct site *site, int fd, bool ours)
{
	struct server *s = calloc(1, sizeof *s);

	if (s == NULL || FCGX_Init() != 0 || !lead_open(&s->lead) ||
		(s->stop_fd = eventfd(0, EFD_CLOEXEC)) < 0 ||
		!lead_watch(&s->lead, s->stop_fd, EPOLL_CTL_ADD, EPOLLIN, s) ||
		!connections_open(&s->connections, &s->lead, site, fd)) {
		log_line(LOG_FAULT, "cannot set up FastCGI: %s", strerror(errno));
		return NULL; /* and the process ends */
	}
	s->ours = ours;
	return s;
}

static void
server_free(struct server *s)
{
	connections_close(&s->connections);
	lead_close(&s->lead);
	close(s->stop_fd);
	free(s);
}

/* Answers how many could be started. */
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
			log_line(LOG_WARN, "only %d of %d threads could be started", started, n);
			break;
		}
	}
	pthread_attr_destroy(&attr);
	return started;
}

/* Lets all finish what they have begun. False if some did not in time. */
static bool
threads_stop(struct server *s)
{
	const struct timespec turn = { .tv_nsec = STOP_TURN_MS * 1000000L };

	/* A socket that was handed to us may be shared with other processes, which go on. */
	connections_stop(&s->connections, s->ours);
	eventfd_write(s->stop_fd, 1);
	for (int waited = 0; atomic_load(&s->threads_left) > 0; waited += STOP_TURN_MS) {
		if (waited >= STOP_SECONDS * 1000)
			return false;
		nanosleep(&turn, NULL);
	}
	return true;
}

int
fcgi_serve(const struct site *site, int fd, bool ours, int threads)
{
	pthread_t *thread = calloc((size_t)threads, sizeof *thread);
	struct ticker ticker = { 0 };
	struct server *server;
	sigset_t awaited;
	int signal_number = 0;
	int n;
	bool finished;

	own_signals(&awaited);
	server = thread == NULL ? NULL : server_new(site, fd, ours);
	if (server == NULL) {
		free(thread);
		return EXIT_FAILURE;
	}
	n = threads_start(server, thread, threads);
	log_line(LOG_NOTE, "serving FastCGI with %d threads", n);
	ticker_start(&ticker, site);
	if (n > 0)
		sigwait(&awaited, &signal_number);
	finished = threads_stop(server);
	log_line(LOG_NOTE,
		finished ? "stopped; all requests are answered"
			 : "stopped; some requests did not end in time");
	if (!finished)
		_exit(EXIT_FAILURE);
	ticker_stop(&ticker);
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	server_free(server);
	free(thread);
	return n > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool
fcgi_is_socket(int fd)
{
	int listening = 0;
	socklen_t size = sizeof listening;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening != 0;
}

/* Tells an operator when the kernel cuts the line of the socket: what does not fit is turned away by the web server. */
static void
tell_if_cut(int backlog)
{
	FILE *file = fopen("/proc/sys/net/core/somaxconn", "re");
	int most;

	if (file == NULL)
		return;
	if (fscanf(file, "%d", &most) == 1 && most < backlog)
		log_line(LOG_NOTE,
			"only %d of %d clients can queue at the socket: see net.core.somaxconn",
			most, backlog);
	fclose(file);
}

/* Binds beside the path and renames: at no moment is there a path without a socket, if there was one before. */
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
		tell_if_cut(backlog);
		return fd;
	}
	log_line(LOG_FAULT, "cannot listen on %s: %s", path, strerror(errno));
	unlink(address.sun_path);
	if (fd >= 0)
		close(fd);
	return -1;
}
