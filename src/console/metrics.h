/* console/metrics.h: the state of the authority as text for Prometheus
 *
 * Source: exposition format 0.0.4.
 */
#ifndef CONSOLE_METRICS_H
#define CONSOLE_METRICS_H

#include "authority/authority.h"
#include "base/buffer.h"

struct collector;

/* Appends all series. */
void metrics_write(const struct authority *a, struct collector *collector, struct buffer *out);

#endif
