/*
 * Sends a response: status, headers and a body of JSON or HTML, from an outcome and an answer.
 */
#ifndef SHOETOPIA_HTTP_REPLY_H
#define SHOETOPIA_HTTP_REPLY_H

#include "http/request.h"

/*
 * Sets an origin besides our own to which forms of pages may lead: browsers hold a redirect to the
 * policy of the page. NULL: none. It must stay; call it before the first request.
 */
void reply_set_form_origin(const char *origin);

/*
 * Sends the response of a success (ERR_NONE) or a refusal, in one write, as JSON or as a page; once
 * for each request. `detail` is the problem's sentence if the database gave none; NULL: the error's
 * own.
 */
void reply_send(struct request *req, enum err e, const char *detail);

#endif
