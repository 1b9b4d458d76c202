#include "base/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_SIZE = 64 * 1024 };

/* A child that runs, and what is still to be written to it. */
struct child {
	pid_t pid;
	int in, out; /* -1: closed */
	const char *rest;
	size_t rest_length;
};

static void
close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* 0, or the error number. */
static int
spawn(const char *const *argv, int in, int out, pid_t *pid)
{
	char *const none[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawnattr_init(&attributes);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&attributes, &signals);
	sigfillset(&signals);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	error = posix_spawn(
		pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv, none);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* Sockets: a write to a pipe without a reader raises a signal. 0, or the error number. */
static int
child_start(const char *const *argv, struct child *child)
{
	int in[2], out[2];
	int error;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) < 0)
		return errno;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, out) < 0) {
		error = errno;
		close(in[0]);
		close(in[1]);
		return error;
	}
	error = spawn(argv, in[1], out[1], &child->pid);
	close(in[1]);
	close(out[1]);
	child->in = in[0];
	child->out = out[0];
	return error;
}

static void
write_some(struct child *child)
{
	ssize_t n = send(child->in, child->rest, child->rest_length, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n > 0) {
		child->rest += n;
		child->rest_length -= (size_t)n;
	}
	/* it may have seen enough */
	if (child->rest_length == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_end(&child->in);
}

static void
read_some(struct child *child, GString *out)
{
	char buffer[READ_SIZE];
	ssize_t n = recv(child->out, buffer, sizeof buffer, MSG_DONTWAIT);

	if (n > 0)
		g_string_append_len(out, buffer, n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		close_end(&child->out);
}

/* Talks to it until it closes its output. NULL, or why it has to be killed. */
static const char *
talk(struct child *child, gint64 until, size_t out_max, GString *out)
{
	size_t begun = out->len;

	while (child->out >= 0) {
		struct pollfd ends[] = { { .fd = child->out, .events = POLLIN },
			{ .fd = child->in, .events = POLLOUT } };
		gint64 left = until - g_get_monotonic_time();

		if (left <= 0)
			return "took too long";
		if (poll(ends, 2, (int)(left / 1000) + 1) < 0 && errno != EINTR)
			return "could not be waited for";
		if (ends[1].fd >= 0 && ends[1].revents != 0)
			write_some(child);
		if (ends[0].revents != 0)
			read_some(child, out);
		if (out->len - begun > out_max)
			return "wrote too much";
	}
	return NULL;
}

bool
child_run(const char *const *argv, const void *in, size_t in_length, size_t out_max, int seconds,
	GString *out, char **why)
{
	struct child child = { .in = -1, .out = -1, .rest = in, .rest_length = in_length };
	const char *fault;
	int error = child_start(argv, &child);
	int status = 0;

	if (error != 0) {
		close_end(&child.in);
		close_end(&child.out);
		*why = g_strdup_printf("%s cannot be run: %s", argv[0], g_strerror(error));
		return false;
	}
	fault = talk(
		&child, g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC, out_max, out);
	if (fault != NULL)
		kill(child.pid, SIGKILL);
	close_end(&child.in);
	close_end(&child.out);
	while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
		;
	if (fault == NULL && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	*why = fault != NULL ? g_strdup_printf("%s %s", argv[0], fault)
		: WIFSIGNALED(status)
		? g_strdup_printf("%s was ended by signal %d", argv[0], WTERMSIG(status))
		: g_strdup_printf("%s ended with status %d", argv[0], WEXITSTATUS(status));
	return false;
}
