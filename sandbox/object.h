/* Reading objects of any kind: one by its id, and lists, newest first. */
#ifndef SHOETOPIA_SANDBOX_OBJECT_H
#define SHOETOPIA_SANDBOX_OBJECT_H

#include "sandbox/sandbox.h"

/* Answers with an object that exists, as it is now. */
void object_answer(struct sandbox *sandbox, unsigned status, const char *id, struct answer *answer);

/* GET /v1/.../{id}: the object of the route's kind */
void object_get(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* GET /v1/...: limit, starting_after, created[gte] and the like, and filters of the kind */
void object_list(struct sandbox *sandbox, const struct request *request, struct answer *answer);

#endif
