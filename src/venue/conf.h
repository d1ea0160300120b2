/* venue/conf.h: what the exchange offers, as its configuration endpoint tells it
 *
 * Source: reference of the venue's REST API, 7.9.
 */
#ifndef VENUE_CONF_H
#define VENUE_CONF_H

#include "base/slice.h"
#include "http/json_write.h"

/* `keys` parted by commas; writes one array with an element for each, in their order.  An unknown
 * key gets an empty array. */
void conf_write(struct json_writer *w, struct slice keys);

#endif
