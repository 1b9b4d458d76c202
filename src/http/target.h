/* The target of a request: prefix, path and query. */
#ifndef SHOETOPIA_HTTP_TARGET_H
#define SHOETOPIA_HTTP_TARGET_H

#include "http/request.h"

/*
 * Finds prefix, path and query; false if the path is not below PREFIX/api. The path comes from
 * REQUEST_URI, since web servers differ in what they put into SCRIPT_NAME and PATH_INFO. These are
 * used only if a plain CGI caller sends no REQUEST_URI, and to recognise the prefix of a CGI
 * script.
 */
bool target_read(struct request *req);

#endif
