/* Questions on the terminal of an operator's command. */
#ifndef SHOETOPIA_BASE_TERMINAL_H
#define SHOETOPIA_BASE_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Asks for a secret on the terminal, whose echo is off meanwhile, or reads a line of standard input
 * where that is no terminal. Without the newline. False if nothing was given, or it does not fit
 * `size`. Wipe `out` with secret_wipe().
 */
bool terminal_ask_secret(const char *question, char *out, size_t size);

/* Whether terminal_ask_secret() asks a person. */
bool terminal_is_there(void);

#endif
