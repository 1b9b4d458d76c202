/* POST /orders/{order_id}/payment: leads the buyer to the provider's page. */
#ifndef SHOETOPIA_MARKET_PAYMENT_PAGE_H
#define SHOETOPIA_MARKET_PAYMENT_PAGE_H

#include "http/handler.h"

/*
 * The handler. Waits up to 5 s for the worker to make the page; then ERR_BUSY, and nothing is lost:
 * the buyer asks again. A form is redirected to the page.
 */
enum err pay_order(struct request *req, struct answer *ans);

/* Ends the threads that wait; no request may be in progress. */
void pay_order_queue_free(void);

#endif
