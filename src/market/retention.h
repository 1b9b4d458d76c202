/* Deletes rows that are no longer needed: see schema/functions/retention.sql. */
#ifndef SHOETOPIA_MARKET_RETENTION_H
#define SHOETOPIA_MARKET_RETENTION_H

/*
 * Reads some pages of the tables and deletes what has expired there; each call goes on where the
 * last one ended. For the background task, half a second apart: 1 GiB takes a quarter of an hour.
 */
void retention_step(void);

#endif
