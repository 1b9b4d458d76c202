/*
 * What a request without a session was for, carried through the forms that start one, so that it is
 * done afterwards and not forgotten.
 *
 * The page of a 401 puts it into the hidden input RESUME_FIELD of those forms: a method, a blank,
 * and a target below /api ("GET /cart", "POST /cart/items?listing_id=3&quantity=1"). A GET becomes
 * the page that the form redirects to. Another method is carried out at once, as a form of the new
 * session, through all checks of the gate; so only routes marked `guests` may be named, whose
 * effect is harmless, and only a form of this origin is carried.
 */
#ifndef SHOETOPIA_HTTP_RESUME_H
#define SHOETOPIA_HTTP_RESUME_H

#include "http/request.h"

#define RESUME_FIELD "then"

/* The page that is linked as "Sign in". After it, one is led back to the page of the link. */
#define SIGN_IN_PAGE "/account"

/* Whether the form of this route starts a session, so that it may have RESUME_FIELD. */
bool resume_is_carried_by(const struct route *route);

/*
 * What the forms on this request's page of a 401 are to carry: its own purpose, or what it carried
 * itself. Free with g_free(); NULL: nothing.
 */
char *resume_text(const struct request *req);

/* The route that is carried out after signing in; NULL: none, or it is only a page. */
const struct route *resume_route(const struct request *req, const char *text);

/* The request that a form which started a session goes on with, and its transport. */
struct resume {
	const struct request *first;
	struct transport transport;
	char *target; /* "/cgi-bin/shoetopia/api/cart/items" */
	char *cookie;
	char *length; /* of the body, as digits */
	GString *body;
	size_t n_read; /* bytes of the body */
};

/*
 * For a form that started a session: the page to redirect to (below /api; free with g_free()) if it
 * carried one. NULL: none.
 */
char *resume_page(const struct request *req);

/*
 * For a form that started a session: whether it carried a form of another route. Then fills `out`,
 * whose transport gives that form as if it had been sent with the new session, and writes to the
 * transport of `req`, which must outlive it.
 */
bool resume_begin(const struct request *req, struct resume *out);

/* Frees what it holds. */
void resume_end(struct resume *resume);

#endif
