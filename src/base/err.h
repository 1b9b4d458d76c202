/*
 * The list of errors: for each a name in C, the code that clients see, its HTTP status and its
 * sentence.
 *
 * A refusal is an outcome that a client can cause; ERR_FAULT is a failure of ours. SQL functions
 * name a refusal by its code (as the message of SQLSTATE ST000, or in the column "code" of an
 * answer); errors that PostgreSQL raises by itself are mapped by their SQLSTATE.
 */
#ifndef SHOETOPIA_BASE_ERR_H
#define SHOETOPIA_BASE_ERR_H

#include <stddef.h>

enum err {
	ERR_NONE = 0,
	ERR_NOT_JSON,
	ERR_INVALID,
	ERR_BAD_HEADER,
	ERR_BAD_SIGNATURE,
	ERR_KEY_MISSING,
	ERR_KEY_REUSED,
	ERR_VERSION_MISSING,
	ERR_UNAUTHENTICATED,
	ERR_WRONG_PASSWORD,
	ERR_FORBIDDEN,
	ERR_CROSS_ORIGIN,
	ERR_NOT_FOUND,
	ERR_METHOD_NOT_ALLOWED,
	ERR_EMAIL_TAKEN,
	ERR_NAME_TAKEN,
	ERR_SHOP_EXISTS,
	ERR_SALE_ACTIVE,
	ERR_OUT_OF_STOCK,
	ERR_CART_EMPTY,
	ERR_PRICE_CHANGED,
	ERR_OUT_OF_FUNDS,
	ERR_INVALID_STATE,
	ERR_ALREADY_RESERVED,
	ERR_SLOT_TAKEN,
	ERR_ALREADY_BOOKED,
	ERR_STALE,
	ERR_TOO_LARGE,
	ERR_UNSUPPORTED_TYPE,
	ERR_TOO_MANY_REQUESTS,
	ERR_BUSY,
	ERR_FAULT,
	ERR_COUNT,
	ERR_PENDING, /* no outcome yet: the response is completed later; never sent */
};

struct err_info {
	const char *code;     /* of the HTTP contract: "out_of_stock" */
	int status;           /* HTTP */
	const char *title;    /* a few words, the same for each occurrence */
	const char *sentence; /* the problem's detail where nothing more precise is known */
};

/* The entry of `e`; static, never NULL. ERR_NONE has status 200. */
const struct err_info *err_info(enum err e);

/* The error of a code such as "out_of_stock"; ERR_FAULT for a code that is not in the list. */
enum err err_by_code(const char *code);

/*
 * The error for an SQLSTATE that PostgreSQL raised by itself; ERR_FAULT for those that only a
 * mistake of ours can cause. NULL, a lost connection, is ERR_BUSY, and so is all that the server or
 * its machine causes.
 */
enum err err_by_sqlstate(const char *sqlstate);

#endif
