/* daemon/up_seed.h: the demo accounts and keys, made at the first start
 *
 * As an operator would, over the authority's own API: two accounts, every step accepted, a second
 * factor, eight sandbox keys that alternate between them and one live key; and an operator of the
 * console.
 */
#ifndef DAEMON_UP_SEED_H
#define DAEMON_UP_SEED_H

#include <jansson.h>

#include "base/err.h"

/* *demo: as daemon/up_demo.h, without addresses.  ERR_DENIED: the authority refused, told on
 * standard error.  ERR_IO, ERR_MISSING: it does not answer. */
must_use enum err seed_demo(const char *socket, json_t **demo);

#endif
