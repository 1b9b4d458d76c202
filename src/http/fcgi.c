/*
 * FastCGI: a pool of threads on one listening socket, and a stop that finishes what has begun.
 *
 * libfcgi is peculiar: it takes over signals unless they are ours already, gives up a read that a signal interrupts, and keeps a thread on each kept
 * connection. So workers block all signals but SIGUSR1, which wakes those that wait for a request, and only when the program stops.
 */
#include <errno.h>
#include <fcgiapp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "http/exchange.h"
#include "http/http.h"

enum {
	STOP_SECONDS = 30,    /* how long a stop waits for requests under way */
	WAKE_MS = 20,         /* how often it wakes threads that still wait for one */
	ACCEPT_PAUSE_MS = 50, /* after a failed accept, such as for want of descriptors */
	TICK_MS = 500,        /* between two ticks: what one sees may be a second old besides */
	THREAD_STACK = 512 * 1024,
	SEND_SECONDS = 1, /* how long the web server may leave an answer in the socket while others wait for the thread that writes it */
};

struct worker {
	pthread_t thread;
	const struct site *site;
	int fd;
	FCGX_Request request;
	atomic_bool idle; /* waits for a request, and may be woken */
	atomic_bool done;
};

static atomic_bool stopping;

static void
pause_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

/* ---- the exchange ---- */

static const char *
fcgi_param(void *self, const char *name)
{
	struct worker *w = self;

	return FCGX_GetParam(name, w->request.envp);
}

static ssize_t
fcgi_read(void *self, void *buffer, size_t size)
{
	struct worker *w = self;
	int n = FCGX_GetStr(buffer, (int)size, w->request.in);

	return n > 0 ? n : FCGX_GetError(w->request.in) != 0 ? -1 : 0;
}

static void
fcgi_write(void *self, const char *data, size_t size)
{
	struct worker *w = self;

	while (size > 0) {
		int n = FCGX_PutStr(data, (int)(size > 65536 ? 65536 : size), w->request.out);

		if (n <= 0)
			return; /* the client has gone; what was done stays done */
		data += n;
		size -= (size_t)n;
	}
}

/* What the body still holds would be read as the next request's records. */
static void
drain(FCGX_Request *request)
{
	char piece[512]; /* the gate leaves nothing, mostly */

	while (FCGX_GetStr(piece, sizeof piece, request->in) > 0)
		;
}

/* On a kept connection the web server sends the next request when it has the whole answer to this one, or it hangs up. */
static int
fcgi_next_fd(void *self)
{
	const struct timeval send = { .tv_sec = SEND_SECONDS };
	struct worker *w = self;

	if (!w->request.keepConnection || atomic_load(&stopping))
		return -1;
	drain(&w->request);
	setsockopt(w->request.ipcFd, SOL_SOCKET, SO_SNDTIMEO, &send, sizeof send);
	return w->request.ipcFd;
}

/*
 * The web server has the whole answer, or its connection failed; what belongs to the connection, and to libfcgi's memory, is left to the worker, which
 * counts as idle now. When the program stops, the web server must send no further request here.
 */
static void
fcgi_end(void *self)
{
	struct worker *w = self;

	FCGX_FClose(w->request.err);
	FCGX_FClose(w->request.out);
	if (atomic_load(&stopping))
		shutdown(w->request.ipcFd, SHUT_WR);
	atomic_store(&w->idle, true);
}

static void
serve_one(struct worker *w)
{
	const struct exchange x = {
		.self = w, .param = fcgi_param, .read = fcgi_read, .write = fcgi_write, .next_fd = fcgi_next_fd, .end = fcgi_end
	};

	if (FCGX_GetError(w->request.in) == 0) {
		gate_serve(w->site, &x);
		drain(&w->request);
	}
	if (atomic_load(&stopping) && !atomic_load(&w->idle)) /* idle: it was answered from elsewhere, and the next request may be here already */
		w->request.keepConnection = 0;
	FCGX_Finish_r(&w->request);
}

/*
 * Waits for the next request on a kept connection, where there is one. libfcgi's own read would do, but Linux wakes a reader of a Unix socket also
 * when the other side has taken what was written: once for nothing with each answer. poll() it does not.
 */
static void
wait_for_more(const FCGX_Request *request)
{
	struct pollfd p = { .fd = request->ipcFd, .events = POLLIN };

	if (p.fd >= 0)
		poll(&p, 1, -1); /* whatever it says, libfcgi finds out by reading */
}

static void *
work(void *arg)
{
	struct worker *w = arg;

	FCGX_InitRequest(&w->request, w->fd, FCGI_FAIL_ACCEPT_ON_INTR);
	while (!atomic_load(&stopping) || w->request.ipcFd >= 0) { /* what came on a kept connection is served before the stop */
		int accepted;

		atomic_store(&w->idle, true);
		wait_for_more(&w->request);
		accepted = FCGX_Accept_r(&w->request);
		atomic_store(&w->idle, false);
		if (accepted == 0) {
			serve_one(w);
		} else if (!atomic_load(&stopping)) {
			log_line(LOG_WARN, "cannot accept a request: %s", strerror(errno));
			pause_ms(ACCEPT_PAUSE_MS);
		}
	}
	FCGX_Free(&w->request, 1);
	atomic_store(&w->done, true);
	return NULL;
}

/* ---- what the site does by itself ---- */

struct ticker {
	pthread_t thread;
	const struct site *site;
	sem_t stop;
	bool runs;
};

/* In a thread of its own: a database that does not answer must not keep anybody from hearing that it is time to stop. */
static void *
tick(void *arg)
{
	struct ticker *ticker = arg;
	struct timespec next;

	for (;;) {
		while (!atomic_load(&stopping) && ticker->site->tick())
			;
		clock_gettime(CLOCK_MONOTONIC, &next);
		next.tv_nsec += TICK_MS * 1000000L;
		next.tv_sec += next.tv_nsec / 1000000000L;
		next.tv_nsec %= 1000000000L;
		while (sem_clockwait(&ticker->stop, CLOCK_MONOTONIC, &next) != 0)
			if (errno != EINTR)
				break;
		if (atomic_load(&stopping))
			return NULL;
	}
}

static void
ticker_start(struct ticker *ticker, const struct site *site)
{
	ticker->site = site;
	sem_init(&ticker->stop, 0, 0);
	ticker->runs = site->tick != NULL && pthread_create(&ticker->thread, NULL, tick, ticker) == 0;
	if (site->tick != NULL && !ticker->runs)
		log_line(LOG_WARN, "no thread could be started for what is done every now and then");
}

static void
ticker_stop(struct ticker *ticker)
{
	sem_post(&ticker->stop);
	if (ticker->runs)
		pthread_join(ticker->thread, NULL);
	sem_destroy(&ticker->stop);
}

/* ---- start and stop ---- */

static void
woken(int signal_number)
{
	(void)signal_number; /* it only has to interrupt a wait */
}

/* Ours, before libfcgi looks: it leaves alone what is not at its default. */
static void
own_signals(sigset_t *awaited)
{
	struct sigaction wake = { .sa_handler = woken };
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t workers;

	sigaction(SIGUSR1, &wake, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(awaited);
	sigaddset(awaited, SIGTERM);
	sigaddset(awaited, SIGINT);
	sigfillset(&workers);
	sigdelset(&workers, SIGUSR1);
	sigdelset(&workers, SIGSEGV);
	sigdelset(&workers, SIGBUS);
	sigdelset(&workers, SIGFPE);
	sigdelset(&workers, SIGILL);
	sigdelset(&workers, SIGABRT);
	pthread_sigmask(SIG_BLOCK, &workers, NULL);
}

/* Wakes those that wait, lets the others finish. False if some did not in time. */
static bool
workers_stop(struct worker *workers, int n)
{
	for (int waited = 0; waited < STOP_SECONDS * 1000; waited += WAKE_MS) {
		int left = 0;

		for (int i = 0; i < n; i++) {
			if (atomic_load(&workers[i].done))
				continue;
			left++;
			if (atomic_load(&workers[i].idle))
				pthread_kill(workers[i].thread, SIGUSR1);
		}
		if (left == 0)
			return true;
		pause_ms(WAKE_MS);
	}
	return false;
}

static int
workers_start(struct worker *workers, const struct site *site, int fd, int threads)
{
	pthread_attr_t attr;
	int n = 0;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, THREAD_STACK);
	for (; n < threads; n++) {
		workers[n].site = site;
		workers[n].fd = fd;
		if (pthread_create(&workers[n].thread, &attr, work, &workers[n]) != 0)
			break;
	}
	pthread_attr_destroy(&attr);
	return n;
}

int
fcgi_serve(const struct site *site, int fd, bool ours, int threads)
{
	struct worker *workers = calloc((size_t)threads, sizeof *workers);
	struct ticker ticker = { 0 };
	sigset_t awaited;
	int signal_number = 0;
	int n;
	bool finished;

	own_signals(&awaited);
	if (workers == NULL || FCGX_Init() != 0) {
		log_line(LOG_FAULT, "cannot set up FastCGI");
		free(workers);
		return EXIT_FAILURE;
	}
	n = workers_start(workers, site, fd, threads);
	if (n < threads)
		log_line(LOG_WARN, "only %d of %d threads could be started", n, threads);
	log_line(LOG_NOTE, "serving FastCGI with %d threads", n);
	ticker_start(&ticker, site);
	if (n > 0)
		sigwait(&awaited, &signal_number);
	atomic_store(&stopping, true);
	FCGX_ShutdownPending();
	/* A socket that was handed to us may be shared with other processes, which go on. */
	if (ours)
		shutdown(fd, SHUT_RD);
	finished = workers_stop(workers, n);
	log_line(LOG_NOTE, finished ? "stopped; all requests are answered" : "stopped; some requests did not end in time");
	if (!finished)
		_exit(EXIT_FAILURE);
	ticker_stop(&ticker);
	for (int i = 0; i < n; i++)
		pthread_join(workers[i].thread, NULL);
	free(workers);
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
		log_line(LOG_NOTE, "only %d of %d clients can queue at the socket: see net.core.somaxconn", most, backlog);
	fclose(file);
}

/* Binds beside the path and renames: at no moment is there a path without a socket, if there was one before. */
int
fcgi_listen(const char *path, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int length = snprintf(address.sun_path, sizeof address.sun_path, "%s.%d", path, (int)getpid());
	int fd;

	if (length < 0 || (size_t)length >= sizeof address.sun_path) {
		log_line(LOG_FAULT, "the path of the socket is too long: %s", path);
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	unlink(address.sun_path);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && chmod(address.sun_path, 0660) == 0 && listen(fd, backlog) == 0 &&
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
