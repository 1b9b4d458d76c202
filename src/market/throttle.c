/* The throttle of attempts to sign in: see schema/functions/throttle.sql. */
#include "market/throttle.h"

#include <arpa/inet.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/password.h"
#include "market/answer.h"

enum {
	PURGE_ONE_IN = 120, /* ticks of the background task, half a second each */
	PURGE_MAX = 500,    /* of a kind, deleted by one call */
	NETWORK_BYTES = 8,  /* of an IPv6 address */
};

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

bool
throttle_network(const char *address, char out[static NETWORK_SIZE])
{
	struct in6_addr six;
	struct in_addr four;

	if (address == NULL)
		return false;
	if (inet_pton(AF_INET6, address, &six) == 1) {
		if (memcmp(six.s6_addr, mapped, sizeof mapped) != 0) {
			if (IN6_IS_ADDR_LOOPBACK(&six))
				return false;
			memset(six.s6_addr + NETWORK_BYTES, 0, sizeof six.s6_addr - NETWORK_BYTES);
			return inet_ntop(AF_INET6, &six, out, NETWORK_SIZE) != NULL;
		}
		memcpy(&four, six.s6_addr + sizeof mapped, sizeof four);
	} else if (inet_pton(AF_INET, address, &four) != 1) {
		return false;
	}
	return ntohl(four.s_addr) >> 24 != IN_LOOPBACKNET &&
		inet_ntop(AF_INET, &four, out, NETWORK_SIZE) != NULL;
}

/*
 * The program's own call: the request's caller has no session yet. A failure counts one attempt too
 * many, and is logged by the database layer.
 */
static void
succeed(const char *account_id, const char *network, const struct db_result *counted)
{
	const struct db_param params[] = {
		{ .name = "account_id", .text = account_id },
		{ .name = "network", .text = network },
		{ .name = "throttle_keys", .text = db_result_get(counted, "throttle_keys") },
		{ .name = "counted_at", .text = db_result_get(counted, "counted_at") },
	};
	struct db_result none = { 0 };

	db_call(answer_db(), SQL_throttle_succeeded, params, G_N_ELEMENTS(params), &none);
	db_result_clear(&none);
}

static enum err
check(const struct request *req, struct answer *ans, const struct db_result *row)
{
	const char *retry_after = db_result_get(row, "retry_after");

	if (retry_after != NULL) {
		ans->retry_after_seconds = atoi(retry_after);
		return ERR_TOO_MANY_REQUESTS;
	}
	return password_check(db_result_get(row, "password_hash"), request_text(req, "password"));
}

enum err
throttle_check_password(
	const struct request *req, struct answer *ans, enum sql_id id, struct db_result *row)
{
	char buffer[NETWORK_SIZE];
	const char *network = throttle_network(request_address(req), buffer) ? buffer : NULL;
	const struct db_param param = { .name = "network", .text = network };
	enum err e = password_turn_begin();

	if (e != ERR_NONE)
		return e;
	e = answer_row(req, id, &param, 1, row);
	if (e == ERR_NONE)
		e = check(req, ans, row);
	if (e == ERR_NONE)
		succeed(db_result_get(row, "account_id"), network, row);
	password_turn_end();
	return e;
}

void
throttle_know(const struct request *req, const char *account_id)
{
	char network[NETWORK_SIZE];
	const struct db_result uncounted = { 0 };

	if (throttle_network(request_address(req), network))
		succeed(account_id, network, &uncounted);
}

void
throttle_purge(void)
{
	static bool more; /* for the background thread alone */
	struct db_result row = { 0 };
	const char *purged = NULL;

	if (!more && g_random_int_range(0, PURGE_ONE_IN) != 0)
		return;
	if (db_call(answer_db(), SQL_purge_throttle, NULL, 0, &row) == ERR_NONE)
		purged = row.answer;
	more = purged != NULL && atoi(purged) >= PURGE_MAX;
	db_result_clear(&row);
}
