/* A strict reader of the HTML that our pages are made of. */
#ifndef SHOETOPIA_TEST_MARKUP_H
#define SHOETOPIA_TEST_MARKUP_H

#include <stddef.h>

/*
 * What is wrong with a page (static), or NULL: every "<" begins a harmless tag, tags are closed in order, attributes are quoted, none runs a script, no id comes
 * twice, and what "for" and "aria-describedby" name is there. A value that got out of its place breaks one of these.
 */
const char *markup_fault(const char *page, size_t length);

#endif
