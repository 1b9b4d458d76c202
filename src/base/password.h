/*
 * Passwords behind a limiter.
 *
 * One hash takes 19 MiB and some tens of milliseconds of a core, so only as many are computed at a time as there are cores, over
 * all processes of this user on the machine (plain CGI too). The others wait up to 5 seconds, at most 256 of them in a process; then ERR_BUSY.
 *
 * The limiter is a file with one lockable byte for each core; a process that dies lets go of its byte by itself.
 */
#ifndef SHOETOPIA_BASE_PASSWORD_H
#define SHOETOPIA_BASE_PASSWORD_H

#include "base/err.h"

/* Hashes a password; free `*hash` with g_free(). ERR_BUSY when the limiter stayed shut. */
enum err password_hash(const char *password, char **hash);

/* ERR_NONE if `password` has this hash, ERR_WRONG_PASSWORD if not. A NULL hash costs the same time and is never right, so that the clock does not tell whether an account exists. */
enum err password_check(const char *hash_or_null, const char *password);

#endif
