#include "http/input.h"

#include <string.h>

#include "base/text.h"
#include "http/input_form.h"
#include "http/input_json.h"
#include "http/pairs.h"

enum {
	DIGESTED_SIZE = 240 /* of most texts that are digested; it grows */
};

/* Whether the field named by or_field was given; whether it is right is checked in its own turn. */
static bool
has_or_field(const struct request *req, const struct field *field, const struct json *body)
{
	if (field->or_field == NULL)
		return false;
	return body != NULL ? input_json_has(body, field->or_field)
			    : input_form_has(req, field->or_field);
}

/* Fills the values of all fields from the JSON body, or from the pairs where `body` is NULL. */
static void
check_fields(struct request *req, const struct json *body)
{
	size_t i = 0;

	for (const struct field *f = req->route->fields; f != NULL && f->kind != FIELD_END;
		f++, i++) {
		struct value *value = &req->values[i];
		guint errors = req->field_errors->len;
		const char *wrong = body != NULL ? input_json_read(req, f, body, value)
						 : input_form_read(req, f, value);

		if (wrong == NULL && value->text == NULL && f->default_value != NULL)
			wrong = field_check(f, f->default_value, value);
		if (wrong == NULL && value->text == NULL && !f->optional &&
			!has_or_field(req, f, body) && req->field_errors->len == errors)
			wrong = "Please fill this in.";
		if (wrong != NULL)
			request_add_error(
				req, body != NULL ? f->name : input_form_name(req, f), wrong);
	}
}

static enum err
check_json(struct request *req, const char *body, size_t length, const char **detail)
{
	enum json_fault fault;
	JSON_AUTO struct json *root =
		json_parse(length > 0 ? body : "{}", length > 0 ? length : 2, &fault, detail);

	if (fault == JSON_BROKEN)
		return ERR_NOT_JSON;
	if (fault == JSON_REFUSED)
		return ERR_INVALID;
	if (json_kind(root) != JSON_KIND_OBJECT) {
		*detail = "The body must be a JSON object.";
		return ERR_INVALID;
	}
	input_json_check_names(req, root);
	check_fields(req, root);
	return ERR_NONE;
}

/* A write takes its fields from the body alone. */
static void
check_no_query(struct request *req)
{
	GArray *pairs = pairs_new();

	if (!pairs_decode(req->query, strlen(req->query), pairs) || pairs->len > 0)
		request_add_error(req, "query", "This address takes no parameters.");
	pairs_free(pairs);
}

enum err
input_check(struct request *req, const char *body, size_t length, const char **detail)
{
	if (req->method != GET && *req->query != '\0')
		check_no_query(req);
	if (req->method == GET && !pairs_decode(req->query, strlen(req->query), req->pairs)) {
		*detail = "The parameters cannot be decoded.";
		return ERR_INVALID;
	}
	if (req->method != GET && !req->form)
		return check_json(req, body, length, detail);
	input_form_check_names(req);
	check_fields(req, NULL);
	return ERR_NONE;
}

void
input_digest(const struct request *req, char out[static DIGEST_SIZE])
{
	g_autoptr(GString) all = g_string_sized_new(DIGESTED_SIZE);
	size_t i = 0;

	text_add(all, method_name(req->route->method));
	g_string_append_c(all, ' ');
	text_add(all, req->path);
	for (const struct field *f = req->route->fields; f != NULL && f->kind != FIELD_END;
		f++, i++) {
		if (req->values[i].json == NULL)
			continue;
		g_string_append_c(all, '\n');
		text_add(all, f->name);
		g_string_append_c(all, ':');
		text_add(all, req->values[i].json);
	}
	if (req->route->file != NULL) {
		char file[DIGEST_SIZE];

		secret_digest(req->body->str, req->body->len, file);
		g_string_append_printf(all, "\n%s%s:%s", req->dry_run ? "dry_run " : "",
			req->route->file->field, file);
	}
	secret_digest(all->str, all->len, out);
}
