/* A parameter of a call, found by its name. */
#ifndef SHOETOPIA_DB_PARAM_H
#define SHOETOPIA_DB_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Names that the statement does not use are ignored; parameters that are missing are NULL. */
struct db_param {
	const char *name;
	const char *text; /* PostgreSQL's input syntax ("12", "{a,b}", "\x00ff"); NULL: SQL NULL */
	const char *json; /* the same as JSON, for batched statements; NULL: `text` as a string */
};

/* The parameter of that name; NULL if there is none. */
static inline const struct db_param *
param_find(const struct db_param *params, size_t n_params, const char *name)
{
	for (size_t i = 0; i < n_params; i++)
		if (strcmp(params[i].name, name) == 0)
			return &params[i];
	return NULL;
}

/* The texts of the parameters of these names, in their order. */
static inline void
param_texts(const struct db_param *params, size_t n_params, const char *const *names,
	size_t n_names, const char **texts)
{
	for (size_t i = 0; i < n_names; i++) {
		const struct db_param *param = param_find(params, n_params, names[i]);

		texts[i] = param == NULL ? NULL : param->text;
	}
}

/* Whether the call has an idempotency key: the database replays it if it was committed before. */
static inline bool
params_have_key(const struct db_param *params, size_t n_params)
{
	const struct db_param *key = param_find(params, n_params, "key");

	return key != NULL && key->text != NULL;
}

#endif
