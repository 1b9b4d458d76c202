/* What several nouns of the market share. */
#include "market/market.h"

const struct field list_fields[] = { PAGING, { 0 } };
