/* keys/key_text.h: how a key id and a secret are written
 *
 *     lki_live_ + 16 base62 + 6 base62    key id, not secret         (lki_test_ in the sandbox)
 *     lks_live_ + 40 base62 + 6 base62    secret; this text is the HMAC key
 *
 * The last six characters are the CRC-32 of everything before them, prefix included, so a typing
 * error, a secret dressed up as an id, or "live" turned into "test" is noticed without any look-up.
 * It proves nothing; only the signature does.  Base62 digits are 0-9A-Za-z in this order, most
 * significant first.  Exact rules and vectors: docs/formats/key.md.
 *
 * Pure: randomness comes from the caller.
 */
#ifndef KEYS_KEY_TEXT_H
#define KEYS_KEY_TEXT_H

#include "keys/environment.h"
#include "keys/secret.h"

enum {
    KEY_PREFIX_SIZE = 9,     /* "lki_live_" */
    KEY_RANDOM_SIZE = 16,    /* base62 characters that tell keys of one environment apart */
    KEY_ID_SIZE = 31,        /* characters of a key id */
    KEY_ID_TEXT_SIZE = 32,   /* and the zero */
    SECRET_RANDOM_SIZE = 40,
    SECRET_TEXT_SIZE = 55,   /* characters of a secret */
};

struct key_id {
    enum environment environment;
    char random[KEY_RANDOM_SIZE]; /* not terminated */
};

/* Fills with cryptographically strong random bytes and cannot fail; libsodium's randombytes_buf
 * has this shape. */
typedef void random_fill(void *bytes, size_t size);

/* Every character equally likely. */
void key_id_draw(struct key_id *id, enum environment environment, random_fill *fill);

void key_id_format(const struct key_id *id, char text[KEY_ID_TEXT_SIZE]);

/* Accepts exactly what key_id_format writes; false leaves `*id` untouched. */
bool key_id_parse(struct slice text, struct key_id *id);

/* Draws a secret; `bytes` holds its text, SECRET_TEXT_SIZE characters. */
void secret_draw(struct secret *secret, enum environment environment, random_fill *fill);

/* True if the text has the form and the checksum of a secret of ours.  Not constant time: whoever
 * asks holds the text. */
bool secret_parse(struct slice text, enum environment *environment, struct secret *secret);

#endif
