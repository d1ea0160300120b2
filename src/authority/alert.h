/* authority/alert.h: alerts of hosting services about keys that they found (E1)
 *
 * An origin (settings.h) is whoever may tell: it signs the raw body (GitHub, deps.dev), or shows a
 * token (GitLab).  An alert with a key of ours in it is journaled before it is answered: the raw
 * body, encrypted with a key that the vault seals, both headers and the PEM that verified them, so
 * that an auditor can check again.  What was journaled and not handled is handled at the next
 * start.  The same alert may come any number of times.
 */
#ifndef AUTHORITY_ALERT_H
#define AUTHORITY_ALERT_H

#include "authority/authority.h"
#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"

struct alert_desk;

/* One for all origins of the settings; their lists of keys are kept in `folder`.  Handles what an
 * earlier process has left.  ERR_MEMORY, ERR_IO, ERR_RANGE. */
must_use enum err alert_desk_open(struct authority *a, const char *folder,
                                  struct alert_desk **desk);

/* Accepts NULL in *desk and sets it. */
void alert_desk_close(struct alert_desk **desk);

struct alert {
    struct slice origin;                                        /* the last part of the path */
    const char *(*header_get)(void *context, const char *name); /* NULL: it was not sent */
    void *context;
    struct slice body; /* raw */
};

enum alert_answer {
    ALERT_TAKEN,
    ALERT_ORIGIN_UNKNOWN, /* 404 */
    ALERT_NOT_AUTHENTIC,  /* 401: no or a wrong signature or token */
    ALERT_SIGNER_UNKNOWN, /* 503: send it again */
    ALERT_MALFORMED,      /* 400 */
    ALERT_TOO_MANY,       /* 413 */
};

/* What the alert's origin gets: entries with labels when it signs, nothing when it shows a token.
 * When the answer is ALERT_TAKEN each key of ours in it is refused by each gateway. */
must_use enum err alert_take(struct alert_desk *desk, const struct alert *alert,
                             struct buffer *reply, enum alert_answer *answer);

/* Whether the origin may ask, for what is no alert: GitLab's list of types. */
must_use enum alert_answer alert_judge(struct alert_desk *desk, const struct alert *alert);

#endif
