#include "base/json_check.h"

#include <string.h>

/*
 * Text nested deeper than depth_max is refused after all of it was checked, so that text which is
 * not JSON is reported as that. Text nested deeper than NESTING_MAX is refused at once.
 */
enum { NESTING_MAX = 2048 };

/* What may come next. */
enum expected {
	EXPECT_VALUE,
	EXPECT_VALUE_OR_END, /* after [ */
	EXPECT_NAME,
	EXPECT_NAME_OR_END, /* after { */
	EXPECT_COLON,
	EXPECT_COMMA_OR_END,
	EXPECT_NOTHING
};

/* The name of a member, its escapes decoded. */
struct name {
	const char *text;
	size_t length;
};

/*
 * An array or object that is open. The names of the innermost object are names[first_name] to
 * names[n_names - 1]. Beyond NAMES_COMPARED of them `tree` holds their indices plus 1, sorted; else
 * it is NULL.
 */
struct level {
	bool is_object;
	size_t first_name;
	GTree *tree;
};

enum { LEVELS_FIRST = 32, NAMES_FIRST = 64, NAMES_COMPARED = 16 };

struct check {
	struct json_lexer lexer;
	enum expected expected;
	size_t depth, deepest;

	/* Both are in few_levels and few_names at first, and on the heap when these are full. */
	struct level *levels;
	size_t levels_size;
	struct name *names;
	size_t n_names, names_size;
	GStringChunk *decoded; /* names that had escapes; NULL until there is one */

	struct level few_levels[LEVELS_FIRST];
	struct name few_names[NAMES_FIRST];
};

static enum json_token
fail(struct check *c, enum json_why why)
{
	c->lexer.why = why;
	return JSON_TOKEN_FAULT;
}

/* ---- names ---- */

/* Moves a full array to the heap, with twice the space; `few` is the array that it began with. */
static void *
grown(void *items, const void *few, size_t *size, size_t item_size)
{
	void *more = g_malloc_n(*size * 2, item_size);

	memcpy(more, items, *size * item_size);
	if (items != few)
		g_free(items);
	*size *= 2;
	return more;
}

static struct name
current_name(struct check *c)
{
	struct name name = { c->lexer.string, c->lexer.string_length };
	g_autofree char *text = NULL;

	if (!c->lexer.has_escapes)
		return name;
	if (c->decoded == NULL)
		c->decoded = g_string_chunk_new(512);
	text = g_malloc(name.length);
	name.length = json_string_decode(name.text, name.length, text);
	name.text = g_string_chunk_insert_len(c->decoded, text, (gssize)name.length);
	return name;
}

static int
names_compare(const void *a, const void *b, void *user)
{
	const struct check *c = user;
	const struct name *x = &c->names[GPOINTER_TO_SIZE(a) - 1];
	const struct name *y = &c->names[GPOINTER_TO_SIZE(b) - 1];

	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	return memcmp(x->text, y->text, x->length);
}

/*
 * Whether the last name is in the innermost object already. The names of a large object are in a
 * balanced tree, as no choice of names makes that quadratic.
 */
static bool
is_duplicate(struct check *c)
{
	struct level *level = &c->levels[c->depth - 1];
	size_t last = c->n_names - 1;
	const struct name *name = &c->names[last];

	if (last - level->first_name < NAMES_COMPARED) {
		for (size_t i = level->first_name; i < last; i++)
			if (c->names[i].length == name->length &&
				memcmp(c->names[i].text, name->text, name->length) == 0)
				return true;
		return false;
	}
	if (level->tree == NULL) {
		level->tree = g_tree_new_with_data(names_compare, c);
		for (size_t i = level->first_name; i < last; i++)
			g_tree_insert(level->tree, GSIZE_TO_POINTER(i + 1), c);
	}
	if (g_tree_lookup(level->tree, GSIZE_TO_POINTER(last + 1)) != NULL)
		return true;
	g_tree_insert(level->tree, GSIZE_TO_POINTER(last + 1), c);
	return false;
}

/* ---- the grammar ---- */

static void
level_open(struct check *c, bool is_object)
{
	if (c->depth == c->levels_size)
		c->levels = grown(c->levels, c->few_levels, &c->levels_size, sizeof *c->levels);
	c->levels[c->depth++] = (struct level){ is_object, c->n_names, NULL };
	c->deepest = MAX(c->deepest, c->depth);
	c->expected = is_object ? EXPECT_NAME_OR_END : EXPECT_VALUE_OR_END;
}

static void
level_close(struct check *c)
{
	struct level *level = &c->levels[--c->depth];

	c->n_names = level->first_name;
	if (level->tree != NULL)
		g_tree_destroy(level->tree);
	c->expected = c->depth == 0 ? EXPECT_NOTHING : EXPECT_COMMA_OR_END;
}

static enum json_token
check_value(struct check *c, enum json_token token)
{
	bool in_array = c->depth > 0 && !c->levels[c->depth - 1].is_object;

	if (token == ']' && c->expected == EXPECT_VALUE_OR_END) {
		level_close(c);
		return token;
	}
	if (c->depth == NESTING_MAX && !(in_array && token == JSON_TOKEN_END))
		return fail(c, JSON_WHY_TOO_DEEP);
	switch ((int)token) {
	case '{':
	case '[':
		level_open(c, token == '{');
		return token;
	case JSON_TOKEN_STRING:
		if (c->lexer.has_nul)
			return fail(c, JSON_WHY_NUL);
		break;
	case JSON_TOKEN_NUMBER:
	case JSON_TOKEN_LITERAL:
		break;
	default:
		return fail(c, JSON_WHY_BROKEN);
	}
	c->expected = c->depth == 0 ? EXPECT_NOTHING : EXPECT_COMMA_OR_END;
	return token;
}

static enum json_token
check_name(struct check *c, enum json_token token)
{
	if (token == '}' && c->expected == EXPECT_NAME_OR_END) {
		level_close(c);
		return token;
	}
	if (token != JSON_TOKEN_STRING)
		return fail(c, JSON_WHY_BROKEN);
	if (c->lexer.has_nul)
		return fail(c, JSON_WHY_NUL);
	if (c->n_names == c->names_size)
		c->names = grown(c->names, c->few_names, &c->names_size, sizeof *c->names);
	c->names[c->n_names++] = current_name(c);
	if (is_duplicate(c))
		return fail(c, JSON_WHY_DUPLICATE);
	c->expected = EXPECT_COLON;
	return token;
}

static enum json_token
check_comma_or_end(struct check *c, enum json_token token)
{
	bool is_object = c->levels[c->depth - 1].is_object;

	if (token == ',')
		c->expected = is_object ? EXPECT_NAME : EXPECT_VALUE;
	else if (token == (is_object ? '}' : ']'))
		level_close(c);
	else
		return fail(c, JSON_WHY_BROKEN);
	return token;
}

static enum json_token
check_token(struct check *c, enum json_token token)
{
	switch (c->expected) {
	case EXPECT_VALUE:
	case EXPECT_VALUE_OR_END:
		return check_value(c, token);
	case EXPECT_NAME:
	case EXPECT_NAME_OR_END:
		return check_name(c, token);
	case EXPECT_COLON:
		c->expected = EXPECT_VALUE;
		return token == ':' ? token : fail(c, JSON_WHY_BROKEN);
	case EXPECT_COMMA_OR_END:
		return check_comma_or_end(c, token);
	default: /* EXPECT_NOTHING */
		return token == JSON_TOKEN_END ? token : fail(c, JSON_WHY_BROKEN);
	}
}

/* Checks token after token to the end of the text. False at the first fault. */
static bool
check_text(struct check *c, size_t depth_max)
{
	enum json_token token;

	do {
		token = json_lexer_next(&c->lexer);
		if (token != JSON_TOKEN_FAULT)
			token = check_token(c, token);
	} while (token != JSON_TOKEN_END && token != JSON_TOKEN_FAULT);
	if (token == JSON_TOKEN_END && c->deepest > depth_max)
		token = fail(c, JSON_WHY_TOO_DEEP);
	return token == JSON_TOKEN_END;
}

static void
check_free(struct check *c)
{
	for (size_t i = 0; i < c->depth; i++)
		if (c->levels[i].tree != NULL)
			g_tree_destroy(c->levels[i].tree);
	if (c->levels != c->few_levels)
		g_free(c->levels);
	if (c->names != c->few_names)
		g_free(c->names);
	if (c->decoded != NULL)
		g_string_chunk_free(c->decoded);
}

bool
json_check(const char *text, size_t length, size_t depth_max, struct json_report *report)
{
	struct check c;
	bool is_fine;

	json_lexer_init(&c.lexer, text, length);
	c.expected = EXPECT_VALUE;
	c.depth = c.deepest = c.n_names = 0;
	c.levels = c.few_levels;
	c.levels_size = LEVELS_FIRST;
	c.names = c.few_names;
	c.names_size = NAMES_FIRST;
	c.decoded = NULL;
	is_fine = check_text(&c, depth_max);
	check_free(&c);
	report->why = c.lexer.why;
	report->numbers = c.lexer.numbers;
	return is_fine;
}
