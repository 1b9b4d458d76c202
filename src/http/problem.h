/* The JSON of a refused request, RFC 9457. */
#ifndef SHOETOPIA_HTTP_PROBLEM_H
#define SHOETOPIA_HTTP_PROBLEM_H

#include "http/request.h"

/*
 * Appends the problem document of a refusal. `detail` takes the place of the error's own sentence;
 * NULL. What the database says in `ans`->extra goes before both.
 */
void problem_write(const struct request *req, enum err e, const struct answer *ans,
	const char *detail, GString *out);

#endif
