/*
 * Reads a form with one file, multipart/form-data (RFC 7578), as browsers send it.
 *
 * Strict: parts of known names alone, each once, the framing exactly as RFC 2046 has it. The texts
 * become the request's pairs, the file its body.
 */
#ifndef SHOETOPIA_HTTP_FILE_FORM_H
#define SHOETOPIA_HTTP_FILE_FORM_H

#include "http/request.h"

/* Notes that the request is such a form, before its body is looked at. */
void file_form_expect(struct request *req, bool html);

/*
 * Reads the form in `body` with the Content-Type `type`, and leaves the file alone in it; empty if
 * none was chosen. False if it is malformed, or has other parts.
 */
bool file_form_read(struct request *req, const char *type, GString *body);

/*
 * Reads what the query, or such a form, says besides the file: dry_run. Adds an error for anything
 * else in the query.
 */
void file_form_options(struct request *req);

#endif
