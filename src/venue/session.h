/* venue/session.h: the account behind a connection
 *
 * Every stream (venue/stream.h) has one session from its first frame to its end, first without an
 * account: an "auth" event gives it one, if the gate lets it pass (venue/gatehouse.h).  From then
 * on it is told what happens to the account, as far as the key may read it and the client wants it,
 * and the gate is asked about everything that the client says.  The session ends with "unauth",
 * with its key, or with the connection.  The end of a key is noticed before anything else is told
 * or done, otherwise within SESSION_LOOK_MS; the client is told and the connection closed.
 *
 * What a client says is carried out in its order; while something waits for the gate, the rest
 * waits behind it.
 *
 * Source: reference of the venue's WebSocket API, 9 to 13.
 */
#ifndef VENUE_SESSION_H
#define VENUE_SESSION_H

#include <jansson.h>

#include "exchange/event.h"
#include "venue/gatehouse.h"
#include "venue/stream.h"
#include "venue/venue.h"

#define SESSION_LOOK_MS 200

struct sessions; /* all of an exchange */

/* NULL: there is no memory.  `venue` and `house` outlive them. */
struct sessions *sessions_open(struct venue *venue, struct gatehouse *house);
void sessions_close(struct sessions **sessions);

/* What the engine tells; called inside of engine_apply(), after history_take(). */
void sessions_take(struct sessions *sessions, const struct event *event);

/* Before the journal is flushed and the frames of this turn leave. */
void sessions_settle(struct sessions *sessions);

/* After both: what was done is on disk and goes into the audit log. */
void sessions_release(struct sessions *sessions);

/* How long the loop may sleep until sessions_settle() is due again; -1: as long as it likes. */
int sessions_wait_ms(const struct sessions *sessions);

/* NULL: there is no memory.  `stream` outlives the session. */
struct session *sessions_admit(struct sessions *sessions, struct stream *stream);

/* The connection has ended: whoever asked for it (dms) has no orders any more. */
void session_close(struct session **session);

/* 0: it has none. */
uint64_t session_account(const struct session *session);

/* An event "auth" or "unauth". */
void session_event(struct session *session, const json_t *event);

/* An array that the client sent: [0, type, null, payload], not checked yet. */
void session_input(struct session *session, const json_t *input);

/* May the client subscribe to this channel ("book")?  With an account it is the key's scopes that
 * count (D4).  False: `text` says why. */
bool session_may_subscribe(struct session *session, const char *channel,
                           char text[VISIT_TEXT_SIZE]);

/* May it go on listening?  `keyed`: it subscribed with an account, whose key counts as long as it
 * has one; else, and after that, only what is open to everybody.  False: `text` says why. */
bool session_may_go_on(struct session *session, const char *channel, bool keyed,
                       char text[VISIT_TEXT_SIZE]);

/* Counts the turns of the exchange: what was asked in one needs not be asked again in it. */
uint64_t session_turn(const struct session *session);

#endif
