/* Any bytes as JSON: what is let in can be written down and read again as the same, and is no deeper than it may be; the rest is refused with a reason. */
#include "fuzz.h"

#include <string.h>

#include "base/json.h"

static int
check_value(const struct json *value)
{
	g_autofree char *plain = json_plain(value);
	int64_t whole = 0;
	int deepest = 0;

	MUST((plain == NULL) ==
			(json_kind(value) == JSON_KIND_ARRAY ||
				json_kind(value) == JSON_KIND_OBJECT),
		"plain text");
	MUST(plain == NULL || g_utf8_validate(plain, -1, NULL), "%s", plain);
	if (json_int64(value, &whole))
		MUST(whole <= INT64_C(1) << 53 && whole >= -(INT64_C(1) << 53) &&
				(double)whole == json_number(value),
			"%s", plain);
	if (json_text(value) != NULL) {
		g_autofree char *quoted = json_quote(json_text(value));
		enum json_fault fault;
		const char *why;
		JSON_AUTO struct json *back = json_parse(quoted, strlen(quoted), &fault, &why);

		MUST(back != NULL && strcmp(json_text(back), json_text(value)) == 0, "%s", quoted);
	}
	for (size_t i = 0; i < json_count(value); i++) {
		int depth = check_value(json_at(value, i));

		deepest = MAX(deepest, depth);
	}
	for (void *it = json_first(value); it != NULL; it = json_next(value, it)) {
		int depth = check_value(json_value(it));

		MUST(json_get(value, json_name(it)) == json_value(it), "%s", json_name(it));
		deepest = MAX(deepest, depth);
	}
	return plain == NULL ? deepest + 1 : 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum json_fault fault;
	enum json_fault again_fault;
	const char *why = NULL;
	JSON_AUTO struct json *root = json_parse((const char *)data, size, &fault, &why);
	JSON_AUTO struct json *again = NULL;
	char *dump;
	char *second;

	MUST((root != NULL) == (fault == JSON_OK), "fault %d", (int)fault);
	if (root == NULL) {
		MUST(why != NULL && *why != '\0', "a reason");
		return 0;
	}
	MUST(check_value(root) <= JSON_DEPTH_MAX, "depth");
	dump = json_dump(root);
	again = json_parse(dump, strlen(dump), &again_fault, &why);
	MUST(again != NULL, "%s", dump);
	second = json_dump(again);
	MUST(strcmp(dump, second) == 0, "%s and %s", dump, second);
	free(dump);
	free(second);
	return 0;
}
