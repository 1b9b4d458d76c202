/*
 * The gate: checks each request in the order of the contract, calls its route's handler and sends
 * the response.
 */
#ifndef SHOETOPIA_HTTP_GATE_H
#define SHOETOPIA_HTTP_GATE_H

#include "http/http.h"
#include "http/transport.h"

/*
 * Serves one request. Always reads its body to the end. False: the handler returned ERR_PENDING, so
 * another thread completes the response, or has; the caller must not use `x` any more.
 */
bool gate_serve(const struct site *site, const struct transport *x);

/*
 * Sends the response of a request whose handler returned ERR_PENDING, from any thread, once; frees
 * the request and its answer.
 */
void gate_complete(struct request *req, enum err e);

#endif
