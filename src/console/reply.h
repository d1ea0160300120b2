/* console/reply.h: what a call of the HTTP API is answered with
 *
 * A resource leaves a document, bytes, an export or a refusal in its call; here they become a
 * reply, the same way for the operator's socket and for the browser's.
 */
#ifndef CONSOLE_REPLY_H
#define CONSOLE_REPLY_H

#include "console/call.h"

struct http_reply;

/* Empties what an earlier try has left. */
void reply_reset(struct call *c);

/* Runs the resource, again when its transaction met another one, and fills the reply.  The call
 * keeps nothing but what it was given. */
void reply_run(struct call *c, enum err (*function)(struct call *c), struct http_reply *reply);

void reply_error(struct http_reply *reply, unsigned status, const char *code, const char *message);
void reply_refusal(struct http_reply *reply, const struct refusal *refusal);
void reply_broken(struct http_reply *reply, enum err e);

#endif
