/*
 * The log: lines of text on standard error, for operators.
 *
 * Never log a token, a password, an e-mail address or a body. Each line begins with
 * "shoetopia[PID] LEVEL: ". Control characters become '?', so that no text can forge a line.
 */
#ifndef SHOETOPIA_BASE_LOG_H
#define SHOETOPIA_BASE_LOG_H

enum log_level {
	LOG_FAULT, /* a failure of ours, to be looked into */
	LOG_WARN,  /* the program recovered, but something is not as it should be */
	LOG_NOTE,  /* start, stop, reconnect */
};

/* Writes one line of at most 1 KiB by one write(2); longer text is cut. Thread-safe. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
