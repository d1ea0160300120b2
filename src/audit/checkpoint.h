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
 * Sources: C2SP tlog-checkpoint and signed-note (c2sp.org), Ed25519 signatures only.
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef AUDIT_CHECKPOINT_H
#define AUDIT_CHECKPOINT_H

#include <stdint.h>

#include "audit/merkle.h"
#include "audit/note.h"
#include "base/slice.h"

enum {
    /* Room for several cosignatures beside ours. */
    CHECKPOINT_TEXT_MOST = 4096,
    MERKLE_ROOT_TEXT_SIZE = NOTE_BASE64_SIZE(MERKLE_HASH_SIZE),
};

struct checkpoint {
    char origin[NOTE_NAME_MOST + 1];
    uint64_t size; /* below 2^MERKLE_HEIGHT_MOST */
    struct merkle_hash root;
};

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

/* Only takes it apart: what it says, the lines that are signed with their newlines, and the
 * signature lines; both borrowed from `text`.  False: not a checkpoint. */
bool checkpoint_split(struct slice text, struct checkpoint *checkpoint, struct slice *body,
                      struct slice *signatures);

void merkle_root_format(const struct merkle_hash *root, char text[MERKLE_ROOT_TEXT_SIZE]);

#endif
