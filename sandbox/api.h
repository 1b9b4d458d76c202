/*
 * What every call of the provider's API passes before its handler: the key of the account,
 * faults, and the rules of Idempotency-Key.
 *
 * Under a key the first answer is kept and repeated for the same path and body, also a 500. Not
 * kept: 401, 429, and refusals of parameters, which come before anything is tried. The same key
 * with another path or body is refused, and so is a second call while the first is in progress.
 */
#ifndef SHOETOPIA_SANDBOX_API_H
#define SHOETOPIA_SANDBOX_API_H

#include "sandbox/sandbox.h"

typedef void handler(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* Answers a call by `run`, in a transaction; NULL: no route has this path. */
void api_answer(struct sandbox *sandbox, const struct request *request, handler *run,
	struct answer *answer);

/* Runs a handler in a transaction. */
void handler_run(struct sandbox *sandbox, const struct request *request, handler *run,
	struct answer *answer);

#endif
