#include "http/pairs.h"

#include <string.h>

#include "base/secret.h"

GArray *
pairs_new(void)
{
	return g_array_new(FALSE, TRUE, sizeof(struct pair));
}

void
pairs_free(GArray *pairs)
{
	for (guint i = 0; i < pairs->len; i++) {
		struct pair *pair = &g_array_index(pairs, struct pair, i);

		secret_wipe(pair->text, strlen(pair->text));
		g_free(pair->name);
		g_free(pair->text);
	}
	g_array_free(pairs, TRUE);
}

bool
pairs_decode(const char *text, size_t length, GArray *pairs)
{
	GUriParamsIter it;
	struct pair pair;

	if (memchr(text, '\0', length) != NULL)
		return false;
	g_uri_params_iter_init(&it, text, (gssize)length, "&", G_URI_PARAMS_WWW_FORM);
	for (;;) {
		g_autoptr(GError) error = NULL;

		if (!g_uri_params_iter_next(&it, &pair.name, &pair.text, &error))
			return error == NULL;
		g_array_append_val(pairs, pair);
	}
}

const struct pair *
pairs_find(const GArray *pairs, const char *name)
{
	for (guint i = 0; i < pairs->len; i++) {
		const struct pair *pair = &g_array_index(pairs, struct pair, i);

		if (strcmp(pair->name, name) == 0)
			return pair;
	}
	return NULL;
}

const char *
pairs_get(const GArray *pairs, const char *name)
{
	const struct pair *pair = pairs_find(pairs, name);

	return pair == NULL ? NULL : pair->text;
}

GPtrArray *
pairs_texts(const GArray *pairs, const char *name)
{
	GPtrArray *texts = g_ptr_array_new();

	for (guint i = 0; i < pairs->len; i++) {
		const struct pair *pair = &g_array_index(pairs, struct pair, i);

		if (strcmp(pair->name, name) == 0)
			g_ptr_array_add(texts, pair->text);
	}
	return texts;
}
