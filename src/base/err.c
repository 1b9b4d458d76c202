#include "base/err.h"

#include <string.h>

static const struct err_info infos[ERR_COUNT] = {
	[ERR_NONE] = { "ok", 200, "Done", "Done." },
	[ERR_NOT_JSON] = { "not_json", 400, "Not JSON", "The body is not valid JSON." },
	[ERR_INVALID] = { "invalid", 422, "Something in the request is not valid",
		"Please look at the fields named." },
	[ERR_BAD_HEADER] = { "invalid", 400, "A header is not valid",
		"A header of the request is ambiguous or malformed." },
	[ERR_BAD_SIGNATURE] = { "bad_signature", 400, "The signature is not valid",
		"The body must be signed with the secret of this address, at most 5 minutes "
		"ago." },
	[ERR_KEY_MISSING] = { "key_missing", 400, "Idempotency-Key is missing",
		"This call needs the header Idempotency-Key "
		"(in a form, the field idempotency_key)." },
	[ERR_KEY_REUSED] = { "key_reused", 422, "This key was used for another request",
		"An Idempotency-Key stands for one request; "
		"use a new one for a different request." },
	[ERR_VERSION_MISSING] = { "version_missing", 428, "If-Match is missing",
		"This call needs the header If-Match with the version that you saw." },
	[ERR_UNAUTHENTICATED] = { "unauthenticated", 401, "Please sign in",
		"This needs a session that is still valid. Please sign in." },
	[ERR_WRONG_PASSWORD] = { "wrong_password", 401, "Wrong e-mail or password",
		"The e-mail or the password is not right." },
	[ERR_FORBIDDEN] = { "forbidden", 403, "Not allowed", "This account may not do that." },
	[ERR_CROSS_ORIGIN] = { "cross_origin", 403, "Not from our own pages",
		"A change that is authorised by the cookie alone "
		"must come from Shoetopia's own pages." },
	[ERR_NOT_FOUND] = { "not_found", 404, "Not found", "There is nothing here." },
	[ERR_METHOD_NOT_ALLOWED] = { "method_not_allowed", 405, "Method not allowed",
		"This address does not know that method; see the header Allow." },
	[ERR_EMAIL_TAKEN] = { "email_taken", 409, "This e-mail is taken",
		"There is an account with this e-mail already." },
	[ERR_NAME_TAKEN] = { "name_taken", 409, "This name is taken",
		"Another shop has this name already." },
	[ERR_SHOP_EXISTS] = { "shop_exists", 409, "You have a shop already",
		"An account can have one shop." },
	[ERR_SALE_ACTIVE] = { "sale_active", 409, "A sale is running",
		"A flash sale of this shop is still running. End it first." },
	[ERR_OUT_OF_STOCK] = { "out_of_stock", 409, "Out of stock",
		"There are not that many pairs left, and nothing was changed. Take fewer, or "
		"look for another pair." },
	[ERR_CART_EMPTY] = { "cart_empty", 409, "The cart is empty",
		"There is nothing in the cart to buy." },
	[ERR_PRICE_CHANGED] = { "price_changed", 409, "The price has changed",
		"It costs more than it did. Nothing was bought." },
	[ERR_OUT_OF_FUNDS] = { "out_of_funds", 409, "Not so much money is available",
		"It is more than the shop has available." },
	[ERR_INVALID_STATE] = { "invalid_state", 409, "Not in this state",
		"This can no longer be done." },
	[ERR_ALREADY_RESERVED] = { "already_reserved", 409, "Already reserved",
		"You hold a pair of this listing already." },
	[ERR_SLOT_TAKEN] = { "slot_taken", 409, "This slot is taken",
		"Somebody else has this slot." },
	[ERR_ALREADY_BOOKED] = { "already_booked", 409, "Already booked",
		"You have a place or wait for one already." },
	[ERR_STALE] = { "stale", 412, "Changed meanwhile",
		"Somebody else changed this first. Look again, then repeat your change." },
	[ERR_TOO_LARGE] = { "too_large", 413, "The request is too large",
		"A request may have up to 64 KiB." },
	[ERR_UNSUPPORTED_TYPE] = { "unsupported_type", 415, "Unsupported content type",
		"Send application/json or application/x-www-form-urlencoded." },
	[ERR_TOO_MANY_REQUESTS] = { "too_many_requests", 429, "Too many requests",
		"Please wait a moment, then try again." },
	[ERR_BUSY] = { "busy", 503, "Busy",
		"Too much is going on just now. Please try again in a moment." },
	[ERR_FAULT] = { "internal", 500, "Something went wrong",
		"This is our fault. It has been noted; please try again later." },
};

/* SQLSTATEs by their first characters: a class of two characters stands for all of its states. */
static const struct {
	const char *sqlstate;
	enum err err;
} by_sqlstate[] = {
	{ "40001", ERR_BUSY }, /* serialization failure, after the retries */
	{ "40P01", ERR_BUSY }, /* deadlock, after the retries */
	{ "55P03", ERR_BUSY }, /* lock timeout */
	{ "57014", ERR_BUSY }, /* statement timeout */
	{ "25P03", ERR_BUSY }, /* idle in transaction */
	{ "57P", ERR_BUSY },   /* shutting down, starting up */
	{ "25006", ERR_BUSY }, /* read-only, or in recovery: the wrong server */
	{ "ST001", ERR_BUSY }, /* commits are not durable here: api.must_be_durable() */
	{ "08", ERR_BUSY },    /* connection */
	{ "53", ERR_BUSY },    /* too many connections, out of memory, disk full */
	{ "58", ERR_BUSY },    /* the server's files or its machine */
	{ "XX00", ERR_BUSY },  /* internal error, damaged table or index */
};

const struct err_info *
err_info(enum err e)
{
	if ((unsigned)e >= ERR_COUNT)
		e = ERR_FAULT;
	return &infos[e];
}

enum err
err_by_code(const char *code)
{
	for (int e = 0; e < ERR_COUNT; e++)
		if (strcmp(infos[e].code, code) == 0)
			return (enum err)e;
	return ERR_FAULT;
}

enum err
err_by_sqlstate(const char *sqlstate)
{
	if (sqlstate == NULL)
		return ERR_BUSY;
	for (size_t i = 0; i < sizeof by_sqlstate / sizeof by_sqlstate[0]; i++)
		if (strncmp(sqlstate, by_sqlstate[i].sqlstate, strlen(by_sqlstate[i].sqlstate)) ==
			0)
			return by_sqlstate[i].err;
	return ERR_FAULT;
}
