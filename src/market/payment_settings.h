/* Where and how this marketplace is paid: the provider's address and key, and our own addresses. */
#ifndef SHOETOPIA_MARKET_PAYMENT_SETTINGS_H
#define SHOETOPIA_MARKET_PAYMENT_SETTINGS_H

#include <stdbool.h>

enum { PAYMENT_SECRETS_MAX = 2 };

struct payment_settings {
	char *api;        /* base URL of the provider, without a "/" at its end */
	char *key;        /* of its API */
	char *public_url; /* of this marketplace, without a "/" at its end */
	char *pay_origin; /* of the provider's pages */
	char *webhook_secrets[PAYMENT_SECRETS_MAX]; /* two while one is replaced; NULL: none */
};

/* A number of the environment, or its default; does not return if it is out of range. */
typedef int payment_number_fn(const char *name, int default_value, int min, int max);

/*
 * Reads the settings from the environment and the files that it names, and sets the terms of
 * payment, if SHOETOPIA_PAYMENTS turns payments on. False, and each thing that is missing or wrong
 * is logged, if they are not complete.
 */
bool payment_settings_read(payment_number_fn *number);

/* NULL: payments are off. */
const struct payment_settings *payment_settings(void);

#endif
