/* The result of a call: what a handler makes its answer of. */
#ifndef SHOETOPIA_DB_RESULT_H
#define SHOETOPIA_DB_RESULT_H

#include <stdbool.h>

/* Zero it before the first use, free its members with db_result_clear(). */
struct db_result {
	char *answer;  /* column "answer" of a success; NULL where the statement has none */
	bool replayed; /* the answer is that of an earlier call with the same key */
	char *extra;   /* of a refusal: a JSON object with members for the problem, or NULL */
	char **names;  /* all columns, NULL-terminated; NULL for batched statements */
	char **values; /* their values as text, NULL for SQL NULL */
};

/*
 * The text of column `name`; NULL where it is SQL NULL or there is no such column. Lives as long as
 * the result.
 */
const char *db_result_get(const struct db_result *result, const char *name);

/* Frees the members and zeroes them. */
void db_result_clear(struct db_result *result);

#endif
