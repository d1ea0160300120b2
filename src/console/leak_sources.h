/* console/leak_sources.h: what scanners say of their sources: up to date, since when, what is wrong
 *
 * Each PUT tells of all sources of one scanner (authority/source_board.h).
 */
#ifndef CONSOLE_LEAK_SOURCES_H
#define CONSOLE_LEAK_SOURCES_H

#include "base/buffer.h"
#include "console/call.h"

/* PUT /leaks/sources from a scanner; GET /leaks/sources for operators. */
must_use enum err leak_sources_put(struct call *c);
must_use enum err leak_sources_get(struct call *c);

/* Their gauges for /metrics. */
void leak_sources_metrics(const struct authority *a, struct buffer *out);

#endif
