/* console/grants.h: elevated scopes, given and taken back by an operator over either door (D5) */
#ifndef CONSOLE_GRANTS_H
#define CONSOLE_GRANTS_H

#include "console/call.h"
#include "keys/scope.h"

must_use enum err key_grant_post(struct call *c);   /* POST …/keys/{id}/grant */
must_use enum err key_ungrant_post(struct call *c); /* POST …/keys/{id}/ungrant */

/* The body's member "scopes"; borrowed.  What is no list of texts is refused. */
size_t grant_scopes_read(struct call *c, struct slice scopes[SCOPE_COUNT]);

#endif
