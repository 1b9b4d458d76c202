/*
 * The hosts of PGHOST, tried one after the other. libpq goes on to the next host when one fails,
 * but waits for one that accepts connections and does not answer: its process is suspended, or
 * waits for the disk. So each host gets a part of the time.
 */
#ifndef DB_HOSTS_H
#define DB_HOSTS_H

#include <stdint.h>

#include "db/conn.h"

/*
 * conn_open() with the first host of PGHOST that does for `use`, beginning with the one that did
 * the last time. Those that are left share the time until the deadline. NULL if none does; `why` is
 * then what each said (g_free).
 */
struct conn *hosts_open(int64_t deadline, enum conn_use use, int lock_ms, char **why);

#endif
