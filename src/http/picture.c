#include "http/picture.h"

#include <string.h>

#include "http/html.h"

enum { WIDTH = 160 };

bool
picture_is_one(const struct json *object)
{
	return json_text(json_get(object, "thumb_url")) != NULL;
}

bool
picture_shows(const struct json *object, const char *name)
{
	return picture_is_one(object) &&
		(strcmp(name, "url") == 0 || strcmp(name, "width") == 0 ||
			strcmp(name, "height") == 0);
}

void
picture_write(const struct view *v, const struct json *picture, const char *name)
{
	g_autofree char *url =
		g_strconcat(v->req->prefix, json_text(json_get(picture, "url")), NULL);
	g_autofree char *thumb =
		g_strconcat(v->req->prefix, json_text(json_get(picture, "thumb_url")), NULL);
	g_autofree char *alt = g_strconcat("Photo", name != NULL ? " of " : "", name, NULL);
	int64_t width = WIDTH, height = WIDTH;

	json_int64(json_get(picture, "width"), &width);
	json_int64(json_get(picture, "height"), &height);
	g_string_append(v->out, "<a");
	html_attribute(v->out, "href", url);
	g_string_append(v->out, "><img");
	html_attribute(v->out, "src", thumb);
	html_attribute(v->out, "alt", alt);
	g_string_append_printf(v->out,
		" width=\"%d\" height=\"%" G_GINT64_FORMAT "\" loading=\"lazy\"></a>", WIDTH,
		MAX(height * WIDTH / MAX(width, 1), 1));
}
