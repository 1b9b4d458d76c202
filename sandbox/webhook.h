/*
 * Sends events to the webhook, signed, until each was answered 2xx, with pauses that grow from a
 * quarter of a second to a minute; after three days it gives up. Up to 16 are sent at a time, so
 * they arrive in any order. Its thread also does what becomes due while no call comes.
 */
#ifndef SHOETOPIA_SANDBOX_WEBHOOK_H
#define SHOETOPIA_SANDBOX_WEBHOOK_H

#include "sandbox/sandbox.h"

struct webhook;

/* Call once, before any thread is started. */
void webhook_init(void);

/* Begins to send. */
struct webhook *webhook_start(struct sandbox *sandbox);

/* Says that there may be something new to send; thread-safe. */
void webhook_wake(struct webhook *webhook);

/* Ends the thread; what is being sent is sent again after the next start. NULL is fine. */
void webhook_stop(struct webhook *webhook);

#endif
