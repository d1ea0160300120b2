/* audit/checkpoint.h: a signature over everything the log says
 *
 * A checkpoint is three lines, a blank one, and signatures:
 *
 *     latchkey.example/audit
 *     20852163
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 *     — latchkey.example/audit Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv...
 *
 * The key that checks it travels as one word, "name+key id+key", which tools for C2SP logs take.
 *
 * Sources: C2SP tlog-checkpoint and signed-note (c2sp.org), Ed25519 signatures only.
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef AUDIT_CHECKPOINT_H
#define AUDIT_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/merkle.h"
#include "base/err.h"
#include "base/slice.h"

enum {
    NOTE_NAME_MOST = 128, /* bytes of a key name or an origin */
    NOTE_SEED_SIZE = 32,
    NOTE_KEY_TEXT_SIZE = NOTE_NAME_MOST + 1 + 8 + 1 + 44 + 1, /* with the zero */
    /* Room for several cosignatures beside ours. */
    CHECKPOINT_TEXT_MOST = 4096,
    MERKLE_ROOT_TEXT_SIZE = 45, /* base64 with the zero */
};

/* A verifier key.  The id is the start of SHA-256(name, newline, 1, public key). */
struct note_key {
    char name[NOTE_NAME_MOST + 1];
    uint8_t id[4];
    uint8_t public_key[32];
};

struct checkpoint {
    char origin[NOTE_NAME_MOST + 1];
    uint64_t size;
    struct merkle_hash root;
};

/* The public half of a seed under a name.  ERR_MALFORMED: the name is empty, too long, or has a
 * space, a control character or a plus. */
must_use enum err note_key_init(struct note_key *key, struct slice name,
                                const uint8_t seed[NOTE_SEED_SIZE]);

/* "name+hex id+base64": parse accepts exactly what format writes, id included. */
size_t note_key_format(const struct note_key *key, char text[NOTE_KEY_TEXT_SIZE]);
bool note_key_parse(struct slice text, struct note_key *key);

/* Signs with the seed of `key`; returns the size, below CHECKPOINT_TEXT_MOST, not terminated. */
size_t checkpoint_format(const struct checkpoint *checkpoint, const struct note_key *key,
                         const uint8_t seed[NOTE_SEED_SIZE], char text[CHECKPOINT_TEXT_MOST]);

enum checkpoint_answer {
    CHECKPOINT_SIGNED,    /* by the key, and its origin is the key's name */
    CHECKPOINT_MALFORMED, /* not a checkpoint at all */
    CHECKPOINT_FORGED,    /* well-formed, but the key's signature is absent or wrong */
};

/* Signatures of other keys are passed over, as the specification asks.  *checkpoint is set unless
 * malformed, but trust it only when signed. */
enum checkpoint_answer checkpoint_parse(struct slice text, const struct note_key *key,
                                        struct checkpoint *checkpoint);

void merkle_root_format(const struct merkle_hash *root, char text[MERKLE_ROOT_TEXT_SIZE]);

#endif
