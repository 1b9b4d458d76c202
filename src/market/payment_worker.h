/*
 * What the worker of the outbox does for payments: makes pages to pay on, closes them, gives money
 * back; and once a second looks for deadlines that are over and for payments that the provider has
 * to be asked about. payments.md calls these rules 2, 3 and 4.
 */
#ifndef SHOETOPIA_MARKET_PAYMENT_WORKER_H
#define SHOETOPIA_MARKET_PAYMENT_WORKER_H

/* Adds them to the worker: where payments are on, before it starts. */
void payment_worker_add(void);

#endif
