/* Serves one request as plain CGI (RFC 3875): environment, standard input, standard output. */
#ifndef SHOETOPIA_HTTP_CGI_H
#define SHOETOPIA_HTTP_CGI_H

#include "http/http.h"

/* Runs the site's background task once, then serves the request. Returns an exit status. */
int cgi_serve(const struct site *site);

#endif
