/* What the program does in the background, twice a second. */
#ifndef SHOETOPIA_MARKET_TICK_H
#define SHOETOPIA_MARKET_TICK_H

#include <stdbool.h>

/* Runs each background task once. True: there may be more to do at once. */
bool market_tick(void);

#endif
