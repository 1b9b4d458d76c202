#include "sandbox/event.h"

enum {
	DOUBLE_MS = 1000,  /* the second delivery of an event comes up to so much later */
	REORDER_MS = 1500, /* so much later is an event that others overtake, at most */
};

static void
delivery_add(struct sandbox *sandbox, const char *event, int64_t later_ms)
{
	/* deliveries follow the system's clock: only what the API shows follows the sandbox's */
	store_run(sandbox->store, SQL_DELIVERY_NEW,
		STORE_ARGS(TEXT(event), NUMBER(g_get_real_time() / 1000 + later_ms)));
}

/* How many deliveries an event gets: one without faults. */
static int
count_deliveries(struct sandbox *sandbox)
{
	if (sandbox->webhook_url == NULL || fault_happens(sandbox->faults, FAULT_LOSE_EVENTS))
		return 0;
	return fault_happens(sandbox->faults, FAULT_DOUBLE_EVENTS) ? 2 : 1;
}

void
event_add(struct sandbox *sandbox, const struct request *request, const char *kind,
	const char *object)
{
	int deliveries = count_deliveries(sandbox);
	char id[SANDBOX_ID_SIZE];
	int64_t later_ms;

	sandbox_new_id("evt", id);
	store_run(sandbox->store, SQL_EVENT_NEW,
		STORE_ARGS(TEXT(id), NUMBER(sandbox_now_s(sandbox)), TEXT(SANDBOX_API_VERSION),
			NUMBER(deliveries), TEXT(request != NULL ? request->id : NULL),
			TEXT(request != NULL ? request->key : NULL), TEXT(kind), TEXT(object)));
	if (deliveries == 0)
		return;
	later_ms =
		fault_random_ms(sandbox->faults, fault_time_ms(sandbox->faults, TIME_DELAY_EVENTS));
	if (fault_happens(sandbox->faults, FAULT_REORDER_EVENTS))
		later_ms += fault_random_ms(sandbox->faults, REORDER_MS);
	delivery_add(sandbox, id, later_ms);
	if (deliveries > 1)
		delivery_add(sandbox, id, later_ms + fault_random_ms(sandbox->faults, DOUBLE_MS));
}
