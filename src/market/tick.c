#include "market/tick.h"

#include "market/answer.h"
#include "market/audit.h"
#include "market/metrics.h"
#include "market/reservation.h"
#include "market/retention.h"
#include "market/search.h"
#include "market/session_use.h"
#include "market/throttle.h"

bool
market_tick(void)
{
	session_use_flush(answer_db());
	metrics_publish();
	throttle_purge();
	audit_step();
	retention_step();
	search_tick();
	return release_expired();
}
