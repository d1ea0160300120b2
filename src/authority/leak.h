/* authority/leak.h: what happens when a key is found in public (E1)
 *
 *     a secret       revokes its key for good
 *     a key id       suspends its key until the owner lifts it (authority/leak_lift.h), or what the
 *                    setting leak.key_id says: it may be a real leak, but nobody may kill another's
 *                    key by publishing its id
 *
 * One transaction holds the evidence, the key's new state, the lines of the change log, the mail
 * and the webhook deliveries; when leaks_take returns, each gateway decides by it.  The first
 * finding of a secret, or of an id, is the leak; further ones add places and neither mails nor
 * moves: an id whose suspension was lifted stays as its owner decided.  Run twice, or after a
 * crash, it does nothing twice.
 */
#ifndef AUTHORITY_LEAK_H
#define AUTHORITY_LEAK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "base/err.h"
#include "base/slice.h"
#include "keys/environment.h"
#include "keys/key_text.h"
#include "store/leaks.h"
#include "store/store.h"

enum { LEAK_BATCH_MOST = 500 };

/* The bytes that a key was found in, told by whoever has them (authority/leak_object.h). */
struct leak_object {
    uint8_t sha256[STORE_SHA256_SIZE];
    uint64_t size; /* 0: there is none */
    uint64_t from; /* of a part: where in the whole it begins */
    bool is_whole; /* not only the part around the finding */
};

/* Borrowed; never holds the secret. */
struct leak_finding {
    enum leak_kind kind;
    uint8_t sha256[STORE_SHA256_SIZE]; /* LEAK_SECRET: of its text */
    struct key_id key;                 /* LEAK_KEY_ID */
    enum leak_channel channel;
    struct slice origin;  /* who told: "github", a repository */
    const json_t *place;  /* object of strings and numbers, or NULL */
    struct slice excerpt; /* masked; may be empty */
    const json_t *details; /* the same, or NULL: what is known of the place now and may be another
                              time, such as what a server answered; makes no other place of it */
    uint64_t seen_at_ns;  /* by the source; 0: not told */
    uint64_t alert;       /* store/alerts.h; 0: none */
    struct leak_object object;
};

enum leak_answer {
    LEAK_ANSWER_NONE, /* no key of ours */
    LEAK_ANSWER_REVOKED,
    LEAK_ANSWER_SUSPENDED,
    LEAK_ANSWER_NOTIFIED,
    LEAK_ANSWER_ALREADY, /* known before, or of a key that had ended */
};

struct leak_result {
    enum leak_answer answer;
    struct key_id key;       /* unless LEAK_ANSWER_NONE */
    uint64_t leak;           /* id of its evidence */
    uint64_t known_since_ns; /* when it was first found */
    bool object_wanted;      /* the finding's: give it to leak_object_keep */
};

/* `count` is at most LEAK_BATCH_MOST.  Errors are those of the store and of publish_key; after any
 * of them the caller comes again with the same findings. */
must_use enum err leaks_take(struct authority *a, const char *who,
                             const struct leak_finding *findings, size_t count,
                             struct leak_result *results);

/* What else belongs into the transaction of the reaction, such as that an alert was handled.  Run
 * last in it, also when no finding is a key of ours, and again when the whole is. */
struct leak_also {
    enum err (*run)(void *context, struct store_tx *tx, const struct leak_result *results,
                    size_t count);
    void *context;
};

/* The same for findings that come with that, or for that alone: `count` may be 0. */
must_use enum err leaks_take_also(struct authority *a, const char *who,
                                  const struct leak_finding *findings, size_t count,
                                  struct leak_result *results, const struct leak_also *also);

/* "scan", "git", …; static.  "unknown" for a number of another version. */
const char *leak_channel_text(enum leak_channel channel);
bool leak_channel_parse(struct slice text, enum leak_channel *channel);

const char *leak_answer_text(enum leak_answer answer);       /* "none", "revoked", …; static */
const char *leak_reaction_text(enum leak_reaction reaction); /* "revoked", …; static */
const char *leak_kind_text(enum leak_kind kind);             /* "secret", "key_id"; static */

#endif
