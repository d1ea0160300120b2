/* console/master_key.h: the master key and its replacement, for the operator at the socket */
#ifndef CONSOLE_MASTER_KEY_H
#define CONSOLE_MASTER_KEY_H

#include "console/call.h"

/* "key" and "replaces" are the keys' numbers, never bytes of them; "replaces" is null unless a
 * rotation is under way, and then "done" of "total" have gone through. */
json_t *master_key_json(const struct authority *a);

must_use enum err master_key_get(struct call *c);         /* GET /master-key */
must_use enum err master_key_rotate_post(struct call *c); /* POST /master-key/rotate */

#endif
