/* What the program does in the background, twice a second. */
#ifndef SHOETOPIA_MARKET_TICK_H
#define SHOETOPIA_MARKET_TICK_H

#include <stdbool.h>

/*
 * Sets the folder whose disk the database writes to, and the MiB below which writes are refused;
 * 0: never. Call it before the first tick. The folder must live on.
 */
void tick_set_disk(const char *folder, int min_mib);

/* Runs each background task once. True: there may be more to do at once. */
bool market_tick(void);

#endif
