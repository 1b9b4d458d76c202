/* The page of a session: plain HTML without scripts, on which a test card pays. */
#ifndef SHOETOPIA_SANDBOX_PAGE_H
#define SHOETOPIA_SANDBOX_PAGE_H

#include "sandbox/sandbox.h"

/* GET /pay/{id}: the form, or what became of the session */
void page_show(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/*
 * POST /pay/{id}: `card` is a number; or `step` is "confirm" or "refuse". Paid: 303 to the
 * success_url; a decline: 402 with the form; a session that cannot be paid: 410.
 */
void page_submit(struct sandbox *sandbox, const struct request *request, struct answer *answer);

/* GET /: what this server is */
void page_front(struct sandbox *sandbox, const struct request *request, struct answer *answer);

#endif
