/* The values that describe a shoe. The enum types in schema/migrations have the same. */
#include "market/shoe.h"

#include <stddef.h>

const char *const shoe_colors[] = { "black", "grey", "white", "ivory", "beige", "brown", "metallic",
	"purple", "blue", "green", "yellow", "orange", "pink", "red", "burgundy", "other", NULL };
const char *const shoe_conditions[] = { "new", "used", NULL };
const char *const shoe_audiences[] = { "youth", "women", "men", "unisex", NULL };
