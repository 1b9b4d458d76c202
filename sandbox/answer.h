/* The answer to one request, and the errors of the provider's API. */
#ifndef SHOETOPIA_SANDBOX_ANSWER_H
#define SHOETOPIA_SANDBOX_ANSWER_H

#include <stdbool.h>

struct answer {
	unsigned status;  /* HTTP; 0: the connection is closed without an answer */
	const char *type; /* of the body: static */
	char *body;
	char *location;   /* for 303; otherwise NULL */
	bool is_replayed; /* it was kept under its Idempotency-Key */
	bool is_unkept;   /* a refusal before anything was tried: not kept under the key */
};

/* Frees the members. */
void answer_clear(struct answer *answer);

/* Sets a JSON body, which it takes over. */
void answer_json(struct answer *answer, unsigned status, char *body);

/* An error of the provider: {"error":{"type","code","param","message"}}; code, param: or NULL. */
void answer_error(struct answer *answer, unsigned status, const char *type, const char *code,
	const char *param, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* 400 invalid_request_error for a parameter: found before anything was tried, so it is not kept. */
void answer_invalid(struct answer *answer, const char *code, const char *param, const char *format,
	...) __attribute__((format(printf, 4, 5)));

/* 404 resource_missing, in the provider's words. */
void answer_missing(struct answer *answer, const char *kind, const char *param, const char *id);

#endif
