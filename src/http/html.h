/* Pieces of HTML: escaped text and attributes, and names and values as people read them. */
#ifndef SHOETOPIA_HTTP_HTML_H
#define SHOETOPIA_HTTP_HTML_H

#include <glib.h>

struct json;

/* Appends text with its markup characters escaped. */
void html_text(GString *out, const char *text);

/* Appends text that people typed, in <bdi>: letters from right to left move nothing beside it. */
void html_typed(GString *out, const char *text);

/* Appends <TAG>text</TAG>; `tag` may have attributes: "p class=\"hint\"". */
void html_element(GString *out, const char *tag, const char *text);

/* Appends an attribute with a blank before it; `text` is escaped. */
void html_attribute(GString *out, const char *name, const char *text);

/* Appends a hidden input. */
void html_hidden(GString *out, const char *name, const char *value);

/* "promotion_tier" as a person reads it: "Promotion tier". Free with g_free(). */
char *html_label(const char *name);

/*
 * A scalar member as a person reads it: cents as dollars, times to the minute. Free with g_free();
 * NULL for objects and arrays.
 */
char *html_plain(const char *name, const struct json *value);

#endif
