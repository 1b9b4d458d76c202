/* Friends, requests for friendship, and suggestions. */
#ifndef SHOETOPIA_MARKET_FRIEND_H
#define SHOETOPIA_MARKET_FRIEND_H

#include "http/http.h"

extern const struct field new_friend_fields[], friend_request_fields[], friend_filter_fields[];
extern const struct answer_schema asked_schema, friends_schema, suggestions_schema;

#endif
