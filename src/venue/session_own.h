/* venue/session_own.h: what the files of the sessions share
 *
 * session.c keeps them, session_auth.c gives them an account, session_input.c and session_calc.c
 * carry out what is said with one.  For these files only.
 */
#ifndef VENUE_SESSION_OWN_H
#define VENUE_SESSION_OWN_H

#include "http/json_write.h"
#include "venue/ask.h"
#include "venue/feed.h"
#include "venue/filter.h"
#include "venue/session.h"

enum { SESSION_BUCKETS = 256 };

/* Codes beside those of stream.h. */
enum { SESSION_GENERIC = 10001, SESSION_RATE = 11010, SESSION_READY = 11000 };

struct session {
    struct sessions *all;
    struct stream *stream;
    struct gatehouse_peer peer;
    bool has_address; /* else nobody can log in: no allow-list could be asked */

    /* With an account. */
    bool is_open;
    uint64_t account;
    struct judge_proof proof;
    uint32_t scopes;
    struct filter filter;
    uint64_t snapshots_at_ns; /* monotonic; 0: they were sent, and news follow */
    struct session *fresh_next;
    bool dead_man;                 /* dms 4 */
    uint64_t told_count;           /* messages about the account: AUTHSEQ */
    uint64_t calc_full_at_ns;      /* meter of calculations */
    uint64_t looked_turn;          /* when its key was looked at for news */
    bool is_over;                  /* as that look found it */
    struct session *next, *before; /* of the bucket */
    bool balance_due;
    struct session *balance_next;

    /* Said, and waiting for the gate: the first one has a visit. */
    struct said *first, *last;
    unsigned said_count;
    struct session *waiting_next;

    size_t bytes_sent; /* in answer to what is being answered */
};

struct sessions {
    struct venue *venue;
    struct gatehouse *house;
    struct feed feed;
    struct session *buckets[SESSION_BUCKETS]; /* those with an account, by account */
    unsigned open_count;
    struct session *waiting;
    struct session *fresh; /* whose snapshots are due */
    uint64_t pause_ns;     /* before they are sent */
    struct session *balance_due;
    uint64_t look_at_ns;
    uint64_t turn;
    struct buffer text; /* of the message that is being written */
};

/* ---- session.c ---- */

/* Begins the text of the next message: sessions->text. */
struct json_writer session_write(struct session *session);

/* Sends what was written: an event, the answer to a request (no AUTHSEQ), a snapshot (AUTHSEQ 0),
 * or news of the account (the next AUTHSEQ). */
void session_tell_event(struct session *session);
void session_tell_answer(struct session *session);
void session_tell_snapshot(struct session *session);
void session_tell_news(struct session *session);
void session_tell_error(struct session *session, int code, const char *text);

/* The snapshots, unless they were sent: nothing else about the account comes before them. */
void session_catch_up(struct session *session);

/* What happened so far is told to everybody whom it concerns. */
void sessions_tell(struct sessions *sessions);

/* With the account of the proof; and without. */
void session_login(struct session *session, const struct visit *visit);
void session_logout(struct session *session);

/* Ends it because of the gate's words, and says so. */
void session_expel(struct session *session, int code, const char *text);

/* The same for a key that has ended while it was connected: the connection goes with it, and with
 * that the public channels that the key could open. */
void session_part(struct session *session, int code, const char *text);

/* A note of one connection to all of its account. */
void sessions_note(struct session *session, const char *type, struct ask note, const char *info);

bool session_has_scope(const struct session *session, enum scope scope);

/* ---- session_auth.c ---- */

/* The visit of an "auth" event; NULL: it is answered already. */
struct visit *session_auth_ask(struct session *session, const json_t *event);

/* Answers it; returns the status for its record. */
unsigned session_auth_answer(struct session *session, const json_t *event,
                             const struct visit *visit);

/* What the account has, for whom it may concern. */
void session_snapshots_tell(struct session *session);

/* Balances in US dollars, as far as there are prices: "bu",[AUM,NET]. */
void session_balance_write(struct session *session, struct json_writer *w);

/* ---- session_input.c ---- */

struct visit *session_input_ask(struct session *session, const json_t *input);
unsigned session_input_answer(struct session *session, const json_t *input,
                              const struct visit *visit);

/* ---- session_calc.c ---- */

/* The items of a "calc" that has passed; returns the status for its record. */
unsigned session_calc(struct session *session, const json_t *items);

#endif
