/*
 * The plain HTML page of a request: frame and menu, then the answer with its links and forms, or a
 * problem with the form again. All of it comes from the tables of routes and fields.
 */
#ifndef SHOETOPIA_HTTP_PAGE_H
#define SHOETOPIA_HTTP_PAGE_H

#include "http/request.h"

enum {
	PAGE_AGAIN_SECONDS = 3 /* until a page is followed by `again` of its answer */
};

/* Appends the page of a success; `answer` is its JSON. */
void page_success(const struct request *req, const char *answer, GString *out);

/*
 * Appends the page of a refusal; `problem` is the JSON problem. If a form was sent, the page has
 * the form again, filled with what was sent, but for passwords.
 */
void page_problem(const struct request *req, enum err e, const char *problem, GString *out);

#endif
