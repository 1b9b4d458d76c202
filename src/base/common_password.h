/*
 * The 10,000 most common passwords among those of at least 8 characters, which no new password may
 * be. The list is made at build time: docs/decisions.
 */
#ifndef SHOETOPIA_BASE_COMMON_PASSWORD_H
#define SHOETOPIA_BASE_COMMON_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

/* Whether it is one of them, in any letter case. */
bool password_is_common(const char *password);

/* The list: in lower case, sorted by bytes, each followed by a NUL. Generated. */
extern const char common_passwords[];
extern const size_t common_passwords_size; /* bytes */

#endif
