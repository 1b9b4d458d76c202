#include "market/rights.h"

#include <glib.h>
#include <string.h>

#include "db/statement.h"
#include "http/request.h"

/* Rows whose caller the database decides on; OPERATOR is decided by the address, in the gate. */
static bool
has_caller(const struct route *r)
{
	return r->who == MEMBER || r->who == OWNER || r->who == ADMIN;
}

/* The word of the SQL functions for whom the route allows. */
static const char *
word_of(const struct route *r)
{
	return has_caller(r) ? who_name(r->who) : who_name(ANYONE);
}

bool
rights_agree(const struct route *route, enum sql_id id)
{
	const struct statement *s = &statements[id];

	return id != SQL_NONE && !s->owner && strcmp(s->who, word_of(route)) == 0 &&
		(s->takes_session || !has_caller(route));
}

/* Whether the statement sees to it that a write happens once for each key. */
static bool
takes_key(const struct statement *s)
{
	for (size_t i = 0; i < s->n_params; i++)
		if (strcmp(s->params[i], "key") == 0)
			return true;
	return s->batched;
}

/* Whether the log of privileged acts gets no line of a write that only admins may make. */
static bool
is_unlogged(const struct route *r)
{
	return r->who == ADMIN && r->method != GET && !statements[r->statement].notes_act;
}

/* Why the route's statement does not agree with it, as the end of a sentence. */
static char *
describe(const struct route *r)
{
	const struct statement *s = &statements[r->statement];

	if (r->statement == SQL_NONE)
		return g_strdup("names no statement that would check the caller");
	if (s->owner)
		return g_strdup_printf(
			"has statement %s, which is for an operator's command", s->name);
	if (rights_agree(r, (enum sql_id)r->statement) && is_unlogged(r))
		return g_strdup_printf(
			"has statement %s, which notes no act of the admin", s->name);
	if (rights_agree(r, (enum sql_id)r->statement))
		return g_strdup_printf("has statement %s, which takes no key", s->name);
	if (has_caller(r) && !s->takes_session)
		return g_strdup_printf("has statement %s, which does not take the session, so that "
				       "it would answer every caller",
			s->name);
	return g_strdup_printf("has statement %s, whose functions allow: %s", s->name, s->who);
}

/*
 * The parameter of the request itself (answer.c) that a field of this name would replace: a client
 * would then send the session that the database checks. NULL: there is none.
 */
static const char *
replaced_param(const struct route *r)
{
	static const char *const params[] = { "session", "key", "digest", "versions" };

	for (size_t i = 0; i < G_N_ELEMENTS(params); i++) {
		g_autofree char *id = g_strconcat("{", params[i], "}", NULL);

		if (strstr(r->path, id) != NULL)
			return params[i];
		for (const struct field *f = r->fields; f != NULL && f->kind != FIELD_END; f++)
			if (strcmp(f->name, params[i]) == 0)
				return params[i];
	}
	return NULL;
}

char *
rights_fault(const struct site *site)
{
	for (size_t i = 0; i < site->n_routes; i++) {
		const struct route *r = &site->routes[i];
		const char *param = replaced_param(r);
		g_autofree char *why = NULL;

		if (param != NULL)
			return g_strdup_printf(
				"route %zu, %s %s, has a field or id with the reserved name %s", i,
				method_name(r->method), r->path, param);
		if (r->statement == SQL_NONE ? !has_caller(r)
					     : rights_agree(r, (enum sql_id)r->statement) &&
					(!route_takes_key(r) ||
						takes_key(&statements[r->statement])) &&
					!is_unlogged(r))
			continue;
		why = describe(r);
		return g_strdup_printf("route %zu, %s %s (%s), %s", i, method_name(r->method),
			r->path, who_name(r->who), why);
	}
	for (size_t i = 0; i < site->n_root; i++)
		if (site->root[i].statement != SQL_NONE &&
			!rights_agree(&site->root[i], (enum sql_id)site->root[i].statement))
			return g_strdup_printf(
				"route %s is for anyone, its statement is not", site->root[i].path);
	return NULL;
}
