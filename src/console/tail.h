/* console/tail.h: GET /audit/tail, calls that wait for the next record
 *
 * They are held, not blocked in: one thread waits for the log on behalf of all of them, so a tail
 * never stands in another call's way.
 */
#ifndef CONSOLE_TAIL_H
#define CONSOLE_TAIL_H

#include "base/err.h"
#include "trail/trail.h"

struct http_request;
struct tail;

enum { TAIL_WAIT_S = 20 };

must_use enum err tail_start(struct trail *trail, struct tail **tail);

/* Answers all that are held with what there is; takes no more. */
void tail_stop(struct tail *tail);

/* After tail_stop, when nobody calls tail_take any more.  Accepts NULL in *tail and sets it. */
void tail_close(struct tail **tail);

/* Takes over a request that was held by http_request_hold: it is answered with the first records
 * that the query finds, or with none after TAIL_WAIT_S.  `query` borrows from the request.
 * ERR_FULL: too many wait already; the request is still the caller's. */
must_use enum err tail_take(struct tail *tail, struct http_request *request,
                            const struct trail_query *query);

#endif
