/* Paying the page of a session with a test card: what the buyer's side does to a session. */
#ifndef SHOETOPIA_SANDBOX_CARD_H
#define SHOETOPIA_SANDBOX_CARD_H

#include "sandbox/sandbox.h"

enum card_outcome {
	CARD_UNKNOWN_SESSION,
	CARD_PAID,       /* now, or before */
	CARD_EXPIRED,    /* the session cannot be paid any more */
	CARD_REFUSED,    /* the session stays open; `why` says what the buyer is to read */
	CARD_NEEDS_STEP, /* the buyer has to confirm */
};

/* A test card that the page lists. */
struct card {
	const char *number;
	const char *code;    /* of the decline; NULL: it is not declined */
	const char *message; /* for the buyer, of the decline */
	const char *about;   /* for the list of test cards */
	bool needs_step;
};

/* All test cards, ended by one without a number. */
const struct card *card_list(void);

/*
 * Tries to pay with a card; blanks in its number are ignored. `why` is static. Call it in a
 * transaction.
 */
enum card_outcome card_pay(
	struct sandbox *sandbox, const char *session, const char *number, const char **why);

/* The second step that a card asked for: the buyer confirms, or refuses. */
enum card_outcome card_step(
	struct sandbox *sandbox, const char *session, bool confirms, const char **why);

#endif
