/* keys/key_state.h: where a key stands in its life, and why
 *
 * Active may become any of the others; suspended may become active again; revoked and expired are
 * for ever (C4, E1).
 */
#ifndef KEYS_KEY_STATE_H
#define KEYS_KEY_STATE_H

#include "base/slice.h"

/* In shared memory and on disk: numbers are never reused. */
enum key_state {
    KEY_ACTIVE = 1,
    KEY_SUSPENDED = 2,
    KEY_REVOKED = 3,
    KEY_EXPIRED = 4,
};

enum key_reason {
#define KEY_REASON(number, name, word, words) KEY_REASON_##name = (number),
#include "keys/reason.def"
#undef KEY_REASON
    KEY_REASON_COUNT
};

/* "active", "suspended", "revoked", "expired"; static. */
const char *key_state_text(enum key_state state);
bool key_state_parse(struct slice text, enum key_state *state);

const char *key_reason_text(enum key_reason reason);  /* the word of the table; static */
const char *key_reason_words(enum key_reason reason); /* for the owner; static */
bool key_reason_parse(struct slice text, enum key_reason *reason);

#endif
