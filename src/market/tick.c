#include "market/tick.h"

#include "market/answer.h"
#include "market/reservation.h"
#include "market/session_use.h"

bool
market_tick(void)
{
	session_use_flush(answer_db());
	return release_expired();
}
