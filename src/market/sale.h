/* Flash sales. */
#ifndef SHOETOPIA_MARKET_SALE_H
#define SHOETOPIA_MARKET_SALE_H

#include "http/http.h"

extern const struct field new_sale_fields[];
/* shop_id: the sale of this shop alone, also if it has nothing to sell. */
extern const struct field sale_filter_fields[];
extern const struct answer_schema sale_schema, sales_schema;

/* Discounted pairs for one account at most, where a sale does not say; 0: no limit. */
void sale_set_per_account(int pairs);

/* Starts a sale, with that limit. */
enum err start_flash_sale(struct request *req, struct answer *ans);

#endif
