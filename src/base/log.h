/*
 * The log: one line of text to standard error for each thing that an operator should know of.
 *
 * Never give it a token, a password, an e-mail or a body. Each line begins with "shoetopia[PID] LEVEL"; control characters in the
 * text are shown as '?', so that nobody can forge a line.
 */
#ifndef SHOETOPIA_BASE_LOG_H
#define SHOETOPIA_BASE_LOG_H

enum log_level {
	LOG_FAULT, /* our failure: somebody should look */
	LOG_WARN,  /* it went on, but not as it should */
	LOG_NOTE,  /* start, stop, reconnect */
};

/* Writes one line, in one write(2), up to 1 KiB; safe from any thread. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
