/*
 * The log: lines of text on standard error, for operators.
 *
 * Never log a token, a password, an e-mail address or a body. Each line begins with
 * "shoetopia[PID] LEVEL: ", and in the journal, which adds the name and the PID itself, with "<N>"
 * and "LEVEL: ", where N is the level of syslog as in sd-daemon(3). Lines of a thread that serves a
 * request continue with "request ID: ". Control characters become '?', so that no text can forge a
 * line.
 */
#ifndef SHOETOPIA_BASE_LOG_H
#define SHOETOPIA_BASE_LOG_H

#include <stdbool.h>

enum log_level {
	LOG_FAULT, /* a failure of ours, to be looked into; 3 of syslog */
	LOG_WARN,  /* the program recovered, but something is not as it should be; 4 */
	LOG_NOTE,  /* start, stop, reconnect; 5 */
};

/* Bytes of a request's id that are kept, with its NUL. */
enum { LOG_REQUEST_SIZE = 33 };

/*
 * Decides how lines begin, before other threads start. `format`: "journal" or "text"; NULL or "":
 * for the journal if JOURNAL_STREAM names standard error. False: it is none of these.
 */
bool log_set_format(const char *format);

/* Writes one line of at most 1 KiB by one write(2); longer text is cut. Thread-safe. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For lines that log_line() does not write: what they begin with in the journal, else "". */
const char *log_prefix(enum log_level level);

/* The request that this thread serves from now on, for its lines; copied. "": none. */
void log_set_request(const char *id);

/* Its id; "" for none. Valid until this thread's next log_set_request(). */
const char *log_request(void);

#endif
