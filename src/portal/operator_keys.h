/* portal/operator_keys.h: keys of all accounts, and an owner's wish for elevated scopes (D5) */
#ifndef PORTAL_OPERATOR_KEYS_H
#define PORTAL_OPERATOR_KEYS_H

#include "console/call.h"

must_use enum err operator_keys_get(struct call *c);         /* GET /operator/keys */
must_use enum err operator_key_get(struct call *c);          /* GET /operator/keys/{id} */
must_use enum err operator_key_revoke_post(struct call *c);  /* POST /operator/keys/{id}/revoke */
must_use enum err own_key_elevate_post(struct call *c);      /* POST /keys/{id}/elevate */

#endif
