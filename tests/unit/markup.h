/* A strict checker of the HTML of the plain pages. */
#ifndef SHOETOPIA_TEST_MARKUP_H
#define SHOETOPIA_TEST_MARKUP_H

#include <stddef.h>

/*
 * What is wrong with a page (static); NULL: nothing. Every "<" begins a tag of an allowed element,
 * tags are closed in order, attributes are quoted and none runs a script, ids are unique, and "for"
 * and "aria-describedby" refer to an id of the page. A value that was not escaped breaks one of
 * these rules.
 */
const char *markup_fault(const char *page, size_t length);

#endif
