/* authority/session.h: who is logged in (B1)
 *
 * A browser holds a token of 256 random bits; the store knows its SHA-256 and the session's id,
 * which names it in lists and opens nothing.  The token changes at login and whenever the session
 * rises, so one that somebody planted or saw before is worth nothing afterwards.  A session ends
 * when it was idle for settings.session_idle_min, when it is settings.session_most_min old, when
 * its owner ends it and when the password changes.
 */
#ifndef AUTHORITY_SESSION_H
#define AUTHORITY_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "authority/visitor.h"
#include "base/slice.h"
#include "store/accounts.h"
#include "store/sessions.h"

enum { SESSION_TOKEN_SIZE = 44 }; /* 32 bytes as base64url, and the zero */

struct session {
    char id[SESSION_ID_SIZE];
    uint64_t account;
    enum account_role role;
    enum session_level level;
    bool needs_factor; /* the account has one that this session has not given */
    uint64_t made_at_ns, used_at_ns;
    uint64_t expires_at_ns; /* unless it is used before */
    char address[SESSION_ADDRESS_SIZE];
    char country[3]; /* of the address at login; "": not known */
    char agent[SESSION_AGENT_SIZE];
    char csrf[SESSION_TOKEN_SIZE]; /* follows from the token; in what session_find gives only */
};

/* Begins a session in the caller's transaction; the caller wipes the token once it is told. */
must_use enum err session_open(struct authority *a, struct store_tx *tx, uint64_t account,
                               enum session_level level, const struct visitor *visitor,
                               char token[SESSION_TOKEN_SIZE]);

/* The session of a token that has not ended; it counts as used.  ERR_MISSING: there is none. */
must_use enum err session_find(struct authority *a, struct slice token, struct session *session);

/* In the caller's transaction: a second factor was given, or the first one confirmed.  The old
 * token is dead once the caller commits.  ERR_MISSING: the session has ended. */
must_use enum err session_raise(struct authority *a, struct store_tx *tx, const char *id,
                                char token[SESSION_TOKEN_SIZE]);

/* The value that a change has to show beside the cookie: only a page of ours can read it. */
void session_csrf(struct slice token, char csrf[SESSION_TOKEN_SIZE]);

/* The newest first, until `each` returns false; without `csrf` and `needs_factor`. */
must_use enum err sessions_each(struct authority *a, uint64_t account,
                                bool (*each)(void *context, const struct session *session),
                                void *context);

/* Ends one session of the account.  Refused: session-missing. */
must_use enum err session_end(struct authority *a, const char *who, uint64_t account,
                              struct slice id, struct refusal *refusal);

/* Ends all but `except`.  *count: how many. */
must_use enum err sessions_end_others(struct authority *a, const char *who, uint64_t account,
                                      const char *except, uint64_t *count);

/* Draws a token, or hashes one for the store.  False: no token. */
void session_token_draw(char token[SESSION_TOKEN_SIZE]);
bool session_token_hash(struct slice token, uint8_t sha256[STORE_SHA256_SIZE]);

#endif
