/* venue/session.h: the account behind a connection
 *
 * Every stream (venue/stream.h) has one session from its first frame to its end, first without an
 * account: "auth" events give it one.
 */
#ifndef VENUE_SESSION_H
#define VENUE_SESSION_H

#include <jansson.h>

#include "exchange/event.h"
#include "venue/stream.h"
#include "venue/venue.h"

struct sessions; /* all of an exchange */

/* NULL: there is no memory. */
struct sessions *sessions_open(struct venue *venue);
void sessions_close(struct sessions **sessions);

/* What the engine tells; called inside of engine_apply(). */
void sessions_take(struct sessions *sessions, const struct event *event);

/* Before the journal is flushed and the frames of this turn leave. */
void sessions_settle(struct sessions *sessions);

/* NULL: there is no memory.  `stream` outlives the session. */
struct session *session_open(struct sessions *sessions, struct stream *stream);
void session_close(struct session **session);

/* An event "auth" or "unauth". */
void session_event(struct session *session, const json_t *event);

/* An array that the client sent: [0, type, null, payload], not checked yet. */
void session_input(struct session *session, const json_t *input);

#endif
