/* store/leaks.h: keys that were found in public, and where (E1)
 *
 * A leak is the first finding of a key's secret, or of its id; its evidence never changes.  Further
 * sightings of the same add places, and of those only as many as LEAK_PLACES_MOST.
 */
#ifndef STORE_LEAKS_H
#define STORE_LEAKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/record.h"
#include "store/keys.h"
#include "store/store.h"

enum {
    LEAK_PLACES_MOST = 1000,
    LEAK_ORIGIN_SIZE = 201,
    LEAK_PLACE_SIZE = 4097,
    LEAK_EXCERPT_SIZE = 513,
    LEAK_DETAILS_SIZE = 4097,
    LEAK_EVIDENCE_SIZE = 16385,
};

/* In the store: numbers are never reused. */
enum leak_kind { LEAK_SECRET = 1, LEAK_KEY_ID = 2 };

enum leak_reaction {
    LEAK_REVOKED = 1,
    LEAK_SUSPENDED = 2,
    LEAK_NOTIFIED = 3,
    LEAK_ENDED = 4, /* the key had ended before */
};

enum leak_channel {
    LEAK_CHANNEL_SCAN = 1,
    LEAK_CHANNEL_GIT = 2,
    LEAK_CHANNEL_NPM = 3,
    LEAK_CHANNEL_WEB = 4,
    LEAK_CHANNEL_ALERT = 5,
    LEAK_CHANNEL_SELF = 6,
};

struct store_leak {
    uint64_t id;
    char key[RECORD_KEY_SIZE]; /* not terminated */
    enum leak_kind kind;
    enum leak_reaction reaction;
    uint64_t found_at_ns;
    uint64_t lifted_at_ns; /* 0: not lifted */
    uint64_t sightings;
    char evidence[LEAK_EVIDENCE_SIZE];
    uint8_t evidence_sha256[STORE_SHA256_SIZE];
};

struct store_leak_place {
    uint64_t leak;
    uint8_t sha256[STORE_SHA256_SIZE];
    enum leak_channel channel;
    uint64_t alert;      /* 0: none */
    uint64_t seen_at_ns; /* 0: not told */
    uint64_t found_at_ns;
    char origin[LEAK_ORIGIN_SIZE];
    char place[LEAK_PLACE_SIZE];
    char excerpt[LEAK_EXCERPT_SIZE];
    char details[LEAK_DETAILS_SIZE]; /* JSON: what was known about it then */
};

must_use enum err store_leak_id_next(struct store_tx *tx, uint64_t *id);

/* Under leak->id, with no sighting.  ERR_EXISTS: the key has one of this kind. */
must_use enum err store_leak_insert(struct store_tx *tx, const struct store_leak *leak);

/* `key`: RECORD_KEY_SIZE characters. */
must_use enum err store_leak_find(struct store_tx *tx, const char *key, enum leak_kind kind,
                                  struct store_leak *leak, bool *present);

/* ERR_MISSING: no such leak. */
must_use enum err store_leak_get(struct store_tx *tx, uint64_t id, struct store_leak *leak);

/* Calls `each` for at most `most` leaks below `before` (0: from the newest on), newest first, until
 * it returns false. */
must_use enum err store_leaks_each(struct store_tx *tx, uint64_t before, size_t most,
                                   bool (*each)(void *context, const struct store_leak *leak),
                                   void *context);

/* Counts a sighting.  *added: false when its place is known, or when there are too many. */
must_use enum err store_leak_place_add(struct store_tx *tx, const struct store_leak_place *place,
                                       bool *added);

/* The same for its places, the first sighting first. */
must_use enum err store_leak_places_each(struct store_tx *tx, uint64_t leak,
                                         bool (*each)(void *context,
                                                      const struct store_leak_place *place),
                                         void *context);

/* What was suspended is no longer. */
must_use enum err store_leak_lift(struct store_tx *tx, uint64_t id, uint64_t at_ns);

#endif
