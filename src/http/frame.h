/*
 * The frame of the site's own pages, with its styles, menu and scripts: for the pages of the
 * program that look like the static ones. (Plain pages have a frame of their own: page.h.)
 */
#ifndef SHOETOPIA_HTTP_FRAME_H
#define SHOETOPIA_HTTP_FRAME_H

#include <glib.h>

/* Parts of a static page, by frame.awk. */
extern const char *const frame_head, *const frame_top, *const frame_bottom;

/*
 * Appends a page up to where its content begins. `title` is escaped here; `head` is markup of this
 * page alone, "" for none; `script` its module, such as "/js/shoe_page.js".
 */
void frame_begin(GString *out, const char *title, const char *head, const char *script);

/* Appends the rest. */
void frame_end(GString *out);

#endif
