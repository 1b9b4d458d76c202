/* The words that describe a shoe, to the letter. The types in the database have the same (schema/migrations). */
#include "market/market.h"

const char *const shoe_colors[] = { "black", "grey", "white", "ivory", "beige", "brown", "metallic",
	"purple", "blue", "green", "yellow", "orange", "pink", "red", "burgundy", "other", NULL };
const char *const shoe_conditions[] = { "new", "used", NULL };
const char *const shoe_audiences[] = { "youth", "women", "men", "unisex", NULL };
