/* console/keys.h: /keys, made, listed, shown and revoked */
#ifndef CONSOLE_KEYS_H
#define CONSOLE_KEYS_H

#include "console/call.h"

must_use enum err keys_post(struct call *c);       /* POST /keys */
must_use enum err keys_get(struct call *c);        /* GET /keys?account= */
must_use enum err key_get(struct call *c);         /* GET /keys/{id} */
must_use enum err key_revoke_post(struct call *c); /* POST /keys/{id}/revoke */
must_use enum err key_terms_post(struct call *c);  /* POST /keys/{id}/terms */

#endif
