/* Release events. */
#ifndef SHOETOPIA_MARKET_EVENT_H
#define SHOETOPIA_MARKET_EVENT_H

#include "http/http.h"

extern const struct field event_filter_fields[], new_event_fields[], event_change_fields[];
extern const struct answer_schema event_schema, events_schema;

#endif
