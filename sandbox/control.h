/* /sandbox/...: what tests ask of the sandbox, and tell it. Bodies are JSON. */
#ifndef SHOETOPIA_SANDBOX_CONTROL_H
#define SHOETOPIA_SANDBOX_CONTROL_H

#include "sandbox/sandbox.h"

/* GET /sandbox/health: {"status":"ok","open_sessions","pending_refunds","pending_deliveries"} */
void control_health(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* GET /sandbox/charges, ?order_id=: every charge with what was refunded of it */
void control_charges(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* GET and PUT /sandbox/faults */
void control_faults(struct sandbox *sandbox, const struct request *request, struct answer *answer);
void control_set_faults(
	struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* PUT /sandbox/clock {"ahead_seconds"}: lets the time of the sandbox run ahead of the system's */
void control_set_clock(
	struct sandbox *sandbox, const struct request *request, struct answer *answer);

/*
 * PUT /sandbox/sessions/{id} {"amount_cents","currency","status":"open"}, each if it is wanted. It
 * does what a provider must not do: another amount is paid than was asked for, and a session that
 * has expired can be paid.
 */
void control_session(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* POST /sandbox/disputes {"payment_intent","amount_cents","reason"}: the last two may be missing */
void control_dispute(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* PUT /sandbox/disputes/{id} {"status":"won" or "lost"} */
void control_end_dispute(
	struct sandbox *sandbox, const struct request *request, struct answer *answer);

#endif
