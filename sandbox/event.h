/* Events: what happened to an object, kept for GET /v1/events and sent to the webhook. */
#ifndef SHOETOPIA_SANDBOX_EVENT_H
#define SHOETOPIA_SANDBOX_EVENT_H

#include "sandbox/sandbox.h"

/*
 * Adds an event of a kind with the object as it is now, and its deliveries, which the faults
 * decide. `request` caused it; NULL if the sandbox did on its own. Call it in the transaction of
 * the change.
 */
void event_add(struct sandbox *sandbox, const struct request *request, const char *kind,
	const char *object);

#endif
