#include "market/tick.h"

#include "base/disk.h"
#include "base/log.h"
#include "market/answer.h"
#include "market/audit.h"
#include "market/metrics.h"
#include "market/outbox_worker.h"
#include "market/reservation.h"
#include "market/retention.h"
#include "market/search.h"
#include "market/session_use.h"
#include "market/suggestion.h"
#include "market/throttle.h"

static const char *disk_folder;
static int disk_min_mib;

void
tick_set_disk(const char *folder, int min_mib)
{
	disk_folder = folder;
	disk_min_mib = min_mib;
}

/* A full disk stops the server, for reads too. So writes are refused before it is full. */
static void
watch_disk(void)
{
	static bool was_low;
	bool low = disk_min_mib > 0 && disk_is_low(disk_folder, disk_min_mib, was_low);

	if (low != was_low)
		log_line(low ? LOG_FAULT : LOG_WARN, "the disk of %s has %s: writes are %s",
			disk_folder, low ? "little space" : "space again",
			low ? "refused" : "taken");
	was_low = low;
	db_refuse_writes(answer_db(), low);
}

bool
market_tick(void)
{
	watch_disk();
	outbox_start();
	session_use_flush(answer_db());
	metrics_publish();
	throttle_purge();
	audit_step();
	retention_step();
	search_tick();
	suggestion_step();
	return release_expired();
}
