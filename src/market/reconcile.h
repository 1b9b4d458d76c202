/* `--reconcile`: compares the provider's sessions and refunds with the ledger. */
#ifndef SHOETOPIA_MARKET_RECONCILE_H
#define SHOETOPIA_MARKET_RECONCILE_H

/*
 * Compares what is younger than `since` ("7d", "12h"), and prints each difference. What is merely
 * late is applied. Payments are on. Returns an exit status: 1 if a difference remains, or if not
 * all could be compared; 2 for a `since` that cannot be read.
 */
int reconcile_run(const char *since);

#endif
