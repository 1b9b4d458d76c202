/* The paths of the sandbox as a table. */
#ifndef SHOETOPIA_SANDBOX_ROUTE_H
#define SHOETOPIA_SANDBOX_ROUTE_H

#include "sandbox/sandbox.h"

/* Finds the route of a request, whose `argument` and `kind` it sets, and answers it. */
void route_answer(struct sandbox *sandbox, struct request *request, struct answer *answer);

#endif
