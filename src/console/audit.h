/* console/audit.h: /audit, what the audit log knows, in pages (E3) */
#ifndef CONSOLE_AUDIT_H
#define CONSOLE_AUDIT_H

#include "console/call.h"
#include "trail/trail.h"

struct http_reply;

must_use enum err audit_get(struct call *c);            /* GET /audit?… newest first */
must_use enum err audit_export_get(struct call *c);     /* GET /audit/export?… oldest first */
must_use enum err audit_retire_post(struct call *c);    /* POST /audit/retire */
must_use enum err audit_reindex_post(struct call *c);   /* POST /audit/reindex */
must_use enum err audit_checkpoint_get(struct call *c); /* GET /audit/checkpoint */

/* The filters of the request; what is none of them is refused.  Records out of the call's reach are
 * never found.  Borrows from the request. */
void audit_query_read(struct call *c, struct trail_query *query);

/* The same for records to come, from index `from` on. */
void tail_query_read(struct call *c, struct trail_query *query);

/* Sends the call's export while the client reads it. */
void audit_export_send(struct call *c, struct http_reply *reply);

/* One page as RECORDs (docs/architecture.md); *next is where the next one goes on. */
must_use enum err audit_page(struct trail *trail, const struct trail_query *query,
                             json_t **records, uint64_t *next, bool *more);

#endif
