#include "markup.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>

/* The allowed elements, none of which runs or loads anything by itself; and the void ones. */
static const char *const allowed[] = { "html", "head", "meta", "title", "link", "body", "a",
	"header", "main", "footer", "section", "article", "h1", "h2", "h3", "nav", "ul", "ol", "li",
	"bdi", "dl", "dt", "dd", "div", "table", "caption", "thead", "tbody", "tr", "th", "td",
	"form", "fieldset", "legend", "label", "span", "small", "strong", "em", "time", "input",
	"select", "option", "textarea", "button", "p", "br", "hr", "img", NULL };
static const char *const void_elements[] = { "meta", "link", "input", "br", "hr", "img", NULL };

/* Attributes that run or load something, or send a form elsewhere. */
static const char *const banned[] = { "style", "srcdoc", "formaction", "ping", "srcset", NULL };

struct reader {
	const char *p, *end;
	GPtrArray *open; /* names of elements */
	GHashTable *ids;
	GPtrArray *references; /* ids in "for" and "aria-describedby" */
};

static char *
read_name(struct reader *r)
{
	const char *begin = r->p;

	while (r->p < r->end && (g_ascii_islower(*r->p) || g_ascii_isdigit(*r->p) || *r->p == '-'))
		r->p++;
	return g_strndup(begin, (gsize)(r->p - begin));
}

/* Reads a character reference; false for anything else that begins with &. */
static bool
read_reference(struct reader *r)
{
	const char *end = memchr(r->p, ';', (size_t)MIN(r->end - r->p, 10));

	if (end == NULL)
		return false;
	for (const char *c = r->p + 1; c < end; c++)
		if (!g_ascii_isalnum(*c) && *c != '#')
			return false;
	r->p = end + 1;
	return true;
}

static const char *
read_attribute(struct reader *r)
{
	g_autofree char *name = read_name(r);
	const char *begin;
	char *value;

	if (*name == '\0' || g_str_has_prefix(name, "on") || g_strv_contains(banned, name))
		return "has an attribute that is not allowed";
	if (r->p >= r->end || *r->p != '=')
		return NULL;
	if (++r->p >= r->end || *r->p++ != '"')
		return "has an attribute without quotes";
	begin = r->p;
	while (r->p < r->end && *r->p != '"') {
		if (*r->p == '<' || *r->p == '>' ||
			((unsigned char)*r->p < 0x20 && strchr("\t\n\r", *r->p) == NULL))
			return "has markup in an attribute";
		if (*r->p != '&')
			r->p++;
		else if (!read_reference(r))
			return "has a bare & in an attribute";
	}
	if (r->p >= r->end)
		return "has an attribute without end";
	value = g_strndup(begin, (gsize)(r->p++ - begin));
	if (strcmp(name, "id") == 0)
		return g_hash_table_add(r->ids, value) ? NULL : "has one id twice";
	if (strcmp(name, "for") == 0 || strcmp(name, "aria-describedby") == 0)
		g_ptr_array_add(r->references, value);
	else
		g_free(value);
	return NULL;
}

static const char *
read_tag(struct reader *r)
{
	bool closes = r->p + 1 < r->end && r->p[1] == '/';
	g_autofree char *name = NULL;
	const char *last = r->open->len > 0 ? g_ptr_array_index(r->open, r->open->len - 1) : "";
	const char *fault = NULL;

	r->p += closes ? 2 : 1;
	name = read_name(r);
	if (!g_strv_contains(allowed, name))
		return "has an element that is not allowed";
	if (closes) {
		if (strcmp(last, name) != 0)
			return "closes what is not open";
		g_ptr_array_set_size(r->open, (gint)r->open->len - 1);
	} else if (!g_strv_contains(void_elements, name)) {
		g_ptr_array_add(r->open, g_strdup(name));
	}
	while (r->p < r->end && *r->p == ' ' && fault == NULL) {
		r->p++;
		fault = read_attribute(r);
	}
	if (fault == NULL && (r->p >= r->end || *r->p++ != '>'))
		fault = "has a tag without end";
	return fault;
}

static const char *
read_page(struct reader *r)
{
	static const char doctype[] = "<!doctype html>";
	const char *fault = NULL;

	if ((size_t)(r->end - r->p) < strlen(doctype) ||
		strncmp(r->p, doctype, strlen(doctype)) != 0)
		return "does not begin with its document type";
	r->p += strlen(doctype);
	while (r->p < r->end && fault == NULL) {
		if (*r->p == '<')
			fault = read_tag(r);
		else if (*r->p == '&')
			fault = read_reference(r) ? NULL : "has a bare &";
		else if (*r->p == '>')
			fault = "has a bare >";
		else
			r->p++;
	}
	if (fault == NULL && r->open->len > 0)
		fault = "leaves an element open";
	for (guint i = 0; i < r->references->len && fault == NULL; i++)
		if (!g_hash_table_contains(r->ids, g_ptr_array_index(r->references, i)))
			fault = "refers to an id that is not there";
	return fault;
}

const char *
markup_fault(const char *page, size_t length)
{
	g_autoptr(GPtrArray) open = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) references = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GHashTable) ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct reader r = {
		.p = page, .end = page + length, .open = open, .ids = ids, .references = references
	};

	return read_page(&r);
}
