/* audit/note.h: text under signatures, and the keys that check them
 *
 * A note is some lines, a blank one, and a line a signature:
 *
 *     — name base64(key id, signature)
 *
 * A verifier key travels as one word, "name+hex key id+base64(type, public key)", which tools for
 * C2SP logs take.  Here are the pieces; what the lines mean is said in checkpoint.h, cosignature.h
 * and proof_text.h.
 *
 * Source: C2SP signed-note (c2sp.org), Ed25519 signatures only.
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef AUDIT_NOTE_H
#define AUDIT_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum {
    NOTE_NAME_MOST = 128, /* bytes of a key name or an origin */
    NOTE_SEED_SIZE = 32,
    NOTE_SIGNATURE_SIZE = 64,
    NOTE_KEY_TEXT_SIZE = NOTE_NAME_MOST + 1 + 8 + 1 + 44 + 1, /* with the zero */
};

/* What the key signs; the numbers are those of the specification. */
enum note_key_type {
    NOTE_KEY_LOG = 1,     /* the text itself */
    NOTE_KEY_WITNESS = 4, /* the text and the time, see cosignature.h */
};

/* A verifier key.  The id is the start of SHA-256(name, newline, type, public key). */
struct note_key {
    char name[NOTE_NAME_MOST + 1];
    enum note_key_type type;
    uint8_t id[4];
    uint8_t public_key[32];
};

/* Not empty, not too long, no space, control character or plus. */
bool note_name_is_fine(struct slice name);

/* The public half of a seed under a name.  ERR_MALFORMED: the name is not fine. */
must_use enum err note_key_init(struct note_key *key, enum note_key_type type, struct slice name,
                                const uint8_t seed[NOTE_SEED_SIZE]);

/* "name+hex id+base64": parse accepts exactly what format writes, id included, and only a key of
 * the type. */
size_t note_key_format(const struct note_key *key, char text[NOTE_KEY_TEXT_SIZE]);
bool note_key_parse(struct slice text, enum note_key_type type, struct note_key *key);

/* Ed25519 of `text` by the seed, and its check. */
void note_sign(struct slice text, const uint8_t seed[NOTE_SEED_SIZE],
               uint8_t signature[NOTE_SIGNATURE_SIZE]);
bool note_signature_is_right(struct slice text, const struct note_key *key,
                             const uint8_t signature[NOTE_SIGNATURE_SIZE]);

/* Writes one signature line over `size` bytes (at most 72) behind the key's id; returns its size,
 * 0 when there is not that much room. */
size_t note_line_format(const struct note_key *key, const uint8_t *bytes, size_t size, char *text,
                        size_t room);

/* Takes the next signature line.  *mine: it is by `key`, and bytes[size] was set to what stands
 * behind the id.  False: what comes next is no signature line. */
bool note_line_parse(struct slice *rest, const struct note_key *key, uint8_t *bytes, size_t size,
                     bool *mine);

/* Takes the next line, without its newline; false when there is no whole line left. */
bool note_take(struct slice *rest, struct slice *line);

/* A number of at most 15 digits, without leading zeros. */
bool note_number_parse(struct slice text, uint64_t *number);

/* Base64 with padding and a zero.  The parser takes exactly what was written for `size` bytes. */
#define NOTE_BASE64_SIZE(size) (((size) + 2) / 3 * 4 + 1)
void note_base64_format(const void *bytes, size_t size, char *text);
bool note_base64_parse(struct slice text, void *bytes, size_t size);
/* The same for a text of unknown length, at most `room` bytes. */
bool note_base64_parse_some(struct slice text, void *bytes, size_t room, size_t *size);

#endif
