#include "sandbox/route.h"

#include <string.h>

#include "sandbox/api.h"
#include "sandbox/control.h"
#include "sandbox/object.h"
#include "sandbox/page.h"
#include "sandbox/refund.h"
#include "sandbox/session.h"

static const struct route {
	const char *method, *path;
	handler *handler;
	const char *kind;
} routes[] = {
	{ "POST", "/v1/checkout/sessions", session_create, "checkout.session" },
	{ "GET", "/v1/checkout/sessions", object_list, "checkout.session" },
	{ "GET", "/v1/checkout/sessions/{id}", object_get, "checkout.session" },
	{ "GET", "/v1/checkout/sessions/{id}/line_items", session_line_items, "checkout.session" },
	{ "POST", "/v1/checkout/sessions/{id}/expire", session_expire, "checkout.session" },
	{ "GET", "/v1/payment_intents", object_list, "payment_intent" },
	{ "GET", "/v1/payment_intents/{id}", object_get, "payment_intent" },
	{ "GET", "/v1/charges", object_list, "charge" },
	{ "GET", "/v1/charges/{id}", object_get, "charge" },
	{ "POST", "/v1/refunds", refund_create, "refund" },
	{ "GET", "/v1/refunds", object_list, "refund" },
	{ "GET", "/v1/refunds/{id}", object_get, "refund" },
	{ "GET", "/v1/disputes", object_list, "dispute" },
	{ "GET", "/v1/disputes/{id}", object_get, "dispute" },
	{ "GET", "/v1/events", object_list, "event" },
	{ "GET", "/v1/events/{id}", object_get, "event" },
	{ "GET", "/sandbox/health", control_health, NULL },
	{ "GET", "/sandbox/charges", control_charges, NULL },
	{ "GET", "/sandbox/faults", control_faults, NULL },
	{ "PUT", "/sandbox/faults", control_set_faults, NULL },
	{ "PUT", "/sandbox/clock", control_set_clock, NULL },
	{ "PUT", "/sandbox/sessions/{id}", control_session, "checkout.session" },
	{ "PUT", "/sandbox/refunds/{id}", refund_control, "refund" },
	{ "POST", "/sandbox/disputes", control_dispute, "dispute" },
	{ "PUT", "/sandbox/disputes/{id}", control_end_dispute, "dispute" },
	{ "GET", "/pay/{id}", page_show, NULL },
	{ "POST", "/pay/{id}", page_submit, NULL },
	{ "GET", "/", page_front, NULL },
};

/* Whether a path is that of a route; stores what stands for {id}. */
static bool
path_matches(const char *pattern, const char *path, char **argument)
{
	const char *hole = strstr(pattern, "{id}");
	size_t before, length;

	if (hole == NULL)
		return strcmp(pattern, path) == 0;
	before = (size_t)(hole - pattern);
	if (strncmp(pattern, path, before) != 0)
		return false;
	length = strcspn(path + before, "/");
	if (length == 0 || strcmp(path + before + length, hole + 4) != 0)
		return false;
	*argument = g_strndup(path + before, length);
	return true;
}

static const struct route *
route_find(struct request *request)
{
	for (size_t i = 0; i < G_N_ELEMENTS(routes); i++)
		if (strcmp(routes[i].method, request->method) == 0 &&
			path_matches(routes[i].path, request->path, &request->argument))
			return &routes[i];
	return NULL;
}

void
route_answer(struct sandbox *sandbox, struct request *request, struct answer *answer)
{
	const struct route *route = route_find(request);
	bool takes_json = strcmp(request->method, "PUT") == 0 ||
		g_str_has_prefix(request->path, "/sandbox/disputes");

	request->kind = route != NULL ? route->kind : NULL;
	if (g_str_has_prefix(request->path, "/v1/"))
		api_answer(sandbox, request, route != NULL ? route->handler : NULL, answer);
	else if (route == NULL)
		answer_error(answer, 404, "invalid_request_error", NULL, NULL,
			"There is nothing here (%s %s).", request->method, request->path);
	else if (takes_json &&
		!g_str_has_prefix(
			request->content_type ? request->content_type : "", "application/json"))
		/* so that no form of a page elsewhere can do it */
		answer_error(answer, 415, "invalid_request_error", NULL, NULL,
			"The body has the type application/json.");
	else
		handler_run(sandbox, request, route->handler, answer);
}
