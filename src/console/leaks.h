/* console/leaks.h: leaks as resources: findings come in, evidence goes out (E1) */
#ifndef CONSOLE_LEAKS_H
#define CONSOLE_LEAKS_H

#include "authority/leak_view.h"
#include "console/call.h"

/* POST /leaks; GET /leaks, GET /leaks/{id} for operators. */
must_use enum err leaks_post(struct call *c);
must_use enum err leaks_get(struct call *c);
must_use enum err leak_get(struct call *c);

/* LEAK with its places as docs/architecture.md describes it; with the evidence record for operators
 * alone.  ERR_MISSING: no such leak. */
must_use enum err leak_json(struct authority *a, uint64_t id, bool for_operator, json_t **leak);

#endif
