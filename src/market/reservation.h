/* Reservations: pairs held for an account until they expire. */
#ifndef SHOETOPIA_MARKET_RESERVATION_H
#define SHOETOPIA_MARKET_RESERVATION_H

#include "http/http.h"

enum {
	HOLD_SECONDS = 900, /* how long a pair is held, by default */
	HOLDS_MAX = 100,    /* pairs that one account holds at a time, by default */
};

extern const struct field new_reservation_fields[];
extern const struct answer_schema reserved_schema, reservations_schema;

/* Sets how long a pair is held, in seconds. Call it before the first request. */
void reservation_set_hold_seconds(int seconds);

/* Sets how many pairs one account may hold at a time. */
void reservation_set_holds_max(int pairs);

/* POST /reservations: adds the hold time to what the request says. */
enum err create_reservation(struct request *req, struct answer *ans);

/*
 * Returns some hundreds of expired pairs to stock. False if none had expired, or if the database
 * did not answer; true if there may be more.
 */
bool release_expired(void);

/* How many pairs this process returned so. */
unsigned long reservation_released(void);

#endif
