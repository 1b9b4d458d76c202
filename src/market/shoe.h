/* The values that describe a shoe; each list ends with NULL. */
#ifndef SHOETOPIA_MARKET_SHOE_H
#define SHOETOPIA_MARKET_SHOE_H

extern const char *const shoe_colors[], *const shoe_conditions[], *const shoe_audiences[];

#endif
