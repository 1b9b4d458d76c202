/* Leads buyers to the provider's page, and finds out what became of it when they are back. */
#ifndef SHOETOPIA_MARKET_PAYMENT_PAGE_H
#define SHOETOPIA_MARKET_PAYMENT_PAGE_H

#include "http/handler.h"

/* returned: the buyer comes back from the provider; how often the page has asked since. */
extern const struct field order_fields[];

/*
 * GET /orders/{order_id}. The provider is asked soon about an order whose page is open: its buyer
 * may be back from there, and its webhook may be late or lost.
 */
enum err show_order(struct request *req, struct answer *ans);

/*
 * POST /orders/{order_id}/payment. Waits up to 5 s for the worker to make the page; then ERR_BUSY,
 * and nothing is lost: the buyer asks again. A form is redirected to the page.
 */
enum err pay_order(struct request *req, struct answer *ans);

/* Ends the threads that wait; no request may be in progress. */
void pay_order_queue_free(void);

#endif
