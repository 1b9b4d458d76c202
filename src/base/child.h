/*
 * Runs another program on some bytes: they are its standard input, its output is the result.
 */
#ifndef SHOETOPIA_BASE_CHILD_H
#define SHOETOPIA_BASE_CHILD_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Runs argv[0], a path, with the arguments `argv` (ends with NULL), an empty environment and the
 * default actions for signals, and appends to `out` what it writes, up to `out_max` bytes. Blocks
 * for at most `seconds`: then it is killed. True if it ended with status 0 within these limits.
 * `why`: else what happened, one sentence, which must be g_free()d.
 */
bool child_run(const char *const *argv, const void *in, size_t in_length, size_t out_max,
	int seconds, GString *out, char **why);

#endif
