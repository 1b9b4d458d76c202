#include "http/frame.h"

#include "http/html.h"

void
frame_begin(GString *out, const char *title, const char *head, const char *script)
{
	g_string_append(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n");
	g_string_append(out, frame_head);
	g_string_append(out, "<title>");
	html_text(out, title);
	g_string_append(out, "</title>\n");
	g_string_append(out, head);
	g_string_append_printf(
		out, "<script type=\"module\" src=\"%s\"></script>\n</head>\n", script);
	g_string_append(out, frame_top);
}

void
frame_end(GString *out)
{
	g_string_append(out, frame_bottom);
}
