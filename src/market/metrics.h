/* GET /metrics: figures of all programs of this machine, as Prometheus text. */
#ifndef SHOETOPIA_MARKET_METRICS_H
#define SHOETOPIA_MARKET_METRICS_H

#include "http/handler.h"

/*
 * The handler. Counters are those of all processes there were since the files in SHOETOPIA_RUN were
 * made, gauges those of the processes that run.
 */
enum err get_metrics(struct request *req, struct answer *ans);

/* Sets the site whose routes are counted; metrics_publish() does nothing before. */
void metrics_set_site(const struct site *of);

/* Publishes this process's figures for the others. For the background task; CGI calls it last. */
void metrics_publish(void);

#endif
