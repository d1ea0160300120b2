/* keys/signature.h: HMAC-SHA384 from midstates
 *
 * HMAC hashes the key twice, padded, before it meets any text.  The two SHA-384 states after those
 * pads (RFC 2104, section 4: "intermediate results") are all that is needed to sign and half of the
 * work is already done.  A midstate can sign, so it is as confidential as the secret, but the
 * secret does not follow from it.
 *
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef KEYS_SIGNATURE_H
#define KEYS_SIGNATURE_H

#include <assert.h>
#include <stdint.h>

#include "base/slice.h"
#include "keys/secret.h"

enum {
    SIGNATURE_SIZE = 48,      /* bytes */
    SIGNATURE_TEXT_SIZE = 96, /* hexadecimal digits in the bfx-signature header */
};

/* SHA-512 family chaining values, words in the byte order of the machine. */
struct midstate {
    uint64_t inner[8];
    uint64_t outer[8];
};
static_assert(sizeof(struct midstate) == 128, "drawn in docs/formats/segment.md");

/* From the HMAC key: the secret's text.  struct secret is shorter than a block, so none
 * is ever hashed first. */
void midstate_init(struct midstate *midstate, const struct secret *secret);
void midstate_wipe(struct midstate *midstate);

/* Signature of the parts as if they were one text. */
void signature_compute(const struct midstate *midstate, const struct slice *parts, size_t count,
                       uint8_t signature[SIGNATURE_SIZE]);

/* Exactly 96 hexadecimal digits. */
bool signature_parse(struct slice text, uint8_t signature[SIGNATURE_SIZE]);

/* Constant time. */
bool signature_equal(const uint8_t a[SIGNATURE_SIZE], const uint8_t b[SIGNATURE_SIZE]);

#endif
