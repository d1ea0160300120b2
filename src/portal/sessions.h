/* portal/sessions.h: /session, /sessions and /logout */
#ifndef PORTAL_SESSIONS_H
#define PORTAL_SESSIONS_H

#include "console/call.h"

must_use enum err session_get(struct call *c);              /* GET /session */
must_use enum err logout_post(struct call *c);              /* POST /logout */
must_use enum err sessions_get(struct call *c);             /* GET /sessions */
must_use enum err sessions_end_others_post(struct call *c); /* POST /sessions/end-others */
must_use enum err session_end_post(struct call *c);         /* POST /sessions/{id}/end */

/* Leaves SESSION as the reply, and the token as cookie: after a login, and whenever a session has
 * risen (authority/session.h).  Wipes the token. */
must_use enum err session_reply(struct call *c, char *token);

#endif
