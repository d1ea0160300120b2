/* portal/leaks.h: an owner's keys that were found in public (E1) */
#ifndef PORTAL_LEAKS_H
#define PORTAL_LEAKS_H

#include "console/call.h"

must_use enum err own_key_leaks_get(struct call *c); /* GET /keys/{id}/leaks */

/* POST /operator/leaks/{id}/object: its bytes, with the operator's second factor */
must_use enum err operator_leak_object_post(struct call *c);

#endif
