/* Pictures on plain pages. */
#ifndef SHOETOPIA_HTTP_PICTURE_H
#define SHOETOPIA_HTTP_PICTURE_H

#include "http/view.h"

/* A picture is an object with the address of a small one, besides its own, its width and height. */
bool picture_is_one(const struct json *object);

/* Whether a member of an object is shown as a part of the picture that the object is. */
bool picture_shows(const struct json *object, const char *name);

/*
 * Appends the small picture, which leads to the other one; its height is that of its shape. `name`:
 * of what it is a photo; NULL: it is not known.
 */
void picture_write(const struct view *v, const struct json *picture, const char *name);

#endif
