/* What all parts of the sandbox share: its settings, its state, its clock, and a request. */
#ifndef SHOETOPIA_SANDBOX_SANDBOX_H
#define SHOETOPIA_SANDBOX_SANDBOX_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/answer.h"
#include "sandbox/fault.h"
#include "sandbox/store.h"

enum { SANDBOX_ID_SIZE = 80 };

/* The version of the provider's API that is simulated. */
#define SANDBOX_API_VERSION "2025-09-30.clover"

struct key_set;

struct sandbox {
	struct store *store;
	struct faults *faults;
	struct key_set *keys_in_flight;
	char *key; /* the API key that callers must have; NULL: any that begins with sk_test_ */
	char *public_url;  /* where the page of a session is: http://127.0.0.1:8181 */
	char *webhook_url; /* where events are sent; NULL: nowhere */
	GStrv secrets;     /* that sign events; each gives one signature */
	int64_t ahead_ms;  /* of the system's clock; atomic */
};

struct request {
	char id[SANDBOX_ID_SIZE];
	const char *method;
	const char *path; /* without the query */
	char *argument;   /* what stands for {id} in the path of the route; NULL */
	const char *kind; /* of the objects that the route is about, as they call themselves */
	GPtrArray *form;  /* the pairs of the body of a POST, of the query of a GET */
	const char *body; /* as it was sent */
	size_t length;
	const char *authorization; /* these headers are NULL if they were not sent */
	const char *content_type;
	const char *key; /* Idempotency-Key */
};

/* The time of the sandbox: PUT /sandbox/clock lets it run ahead. */
int64_t sandbox_now_ms(const struct sandbox *sandbox);
int64_t sandbox_now_s(const struct sandbox *sandbox);

/* A new id of an object: PREFIX and random digits. */
void sandbox_new_id(const char *prefix, char out[static SANDBOX_ID_SIZE]);

#endif
