/* Refunds of charges. Faults make some pending first, and let some fail later. */
#ifndef SHOETOPIA_SANDBOX_REFUND_H
#define SHOETOPIA_SANDBOX_REFUND_H

#include "sandbox/sandbox.h"

/* POST /v1/refunds */
void refund_create(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* PUT /sandbox/refunds/{id} {"status":"succeeded" or "failed"}: ends it now */
void refund_control(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* Gives a refund the end that was decided when it was made, with its events. */
void refund_settle(struct sandbox *sandbox, const char *id);

#endif
