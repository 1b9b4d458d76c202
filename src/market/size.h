/* Sizes of shoes in the systems that people know. The table is that of www/js/sizes.js. */
#ifndef SHOETOPIA_MARKET_SIZE_H
#define SHOETOPIA_MARKET_SIZE_H

#include <stddef.h>

enum size_unit { SIZE_US, SIZE_EU, SIZE_UK, SIZE_CM, SIZE_UNITS };
enum { SIZE_COLUMNS = 5 }; /* US men's, US women's, EU, UK, cm */

/* Rows by the length of the foot; "" where a system has no such size. */
extern const char *const size_rows[][SIZE_COLUMNS];
extern const size_t n_size_rows;

/* "us", "eu", "uk", "cm", in the order of the units; ends with NULL. */
extern const char *const size_unit_names[];

/* The unit of a name; SIZE_US for one that is none, and for NULL. */
enum size_unit size_unit_of(const char *name);

/* A US size of an audience, such as "9.5", in another system; itself if the table has no such. */
const char *size_in(enum size_unit unit, const char *audience, const char *us);

/* The same with the name of its system: "EU 42.5", "27 cm". Free with g_free(). */
char *size_words(enum size_unit unit, const char *audience, const char *us);

#endif
