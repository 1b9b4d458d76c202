/*
 * Reports to the process that supervises this one: systemd by the datagram socket NOTIFY_SOCKET
 * (sd_notify(3)), ./start by the pipe whose descriptor is SHOETOPIA_WATCHDOG_FD, one byte for each
 * report. A supervisor that gets no report for some seconds ends the process and starts another.
 *
 * All functions are for the main thread. Without a supervisor they do nothing; a report that cannot
 * be sent at once is dropped.
 */
#ifndef SHOETOPIA_HTTP_WATCHDOG_H
#define SHOETOPIA_HTTP_WATCHDOG_H

#include <stdbool.h>

enum { WATCHDOG_TICK_MS = 250 }; /* between two reports */

/* Reads the environment. Returns whether there is a supervisor. */
bool watchdog_open(void);

/* The process serves. */
void watchdog_ready(void);

/* The process makes progress. */
void watchdog_ping(void);

/* A graceful shutdown has begun. */
void watchdog_stopping(void);

void watchdog_close(void);

#endif
