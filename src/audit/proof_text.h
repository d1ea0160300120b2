/* audit/proof_text.h: the proof of one record as a text file
 *
 *     c2sp.org/tlog-proof@v1
 *     extra AQEA...           the record itself, base64
 *     index 73894
 *     gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
 *     B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
 *
 *     latchkey/audit          a signed checkpoint, cosigned or not
 *     109482
 *     ...
 *
 * Such a file is all that somebody needs who has the log's verifier key.  The line `extra` holds
 * the record; it is believed only because its hash leads to the signed root.  It is left out when
 * the log does not keep the record any more, but only its hash.
 *
 * Source: C2SP tlog-proof (c2sp.org).
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef AUDIT_PROOF_TEXT_H
#define AUDIT_PROOF_TEXT_H

#include "audit/checkpoint.h"
#include "audit/proof.h"
#include "audit/record.h"

enum { PROOF_TEXT_MOST = 32 << 10 };

struct proof_text {
    uint64_t index;
    struct merkle_proof proof;
    struct slice checkpoint;             /* borrowed: the signed note, letter by letter */
    uint8_t record[RECORD_ENCODED_MOST]; /* what `extra` holds */
    size_t record_size;                  /* 0: no such line */
};

static_assert(NOTE_BASE64_SIZE(RECORD_ENCODED_MOST) +
                      PROOF_HASHES_MOST * NOTE_BASE64_SIZE(MERKLE_HASH_SIZE) +
                      CHECKPOINT_TEXT_MOST + 128 <=
                  PROOF_TEXT_MOST,
              "every proof fits its text");

/* Returns the size, not terminated.  The checkpoint has at most CHECKPOINT_TEXT_MOST bytes. */
size_t proof_text_format(const struct proof_text *proof, char text[PROOF_TEXT_MOST]);

/* False: not such a file.  Whether it proves anything is for proof_text_check. */
bool proof_text_parse(struct slice text, struct proof_text *proof);

enum proof_answer {
    PROOF_HOLDS,
    PROOF_UNSIGNED,       /* the checkpoint is not signed by the log's key */
    PROOF_UNCOSIGNED,     /* the witness did not sign it */
    PROOF_RECORD_MISSING, /* neither the file nor the caller has the record */
    PROOF_BROKEN,         /* the record does not lead to the signed root */
};

/* Is the record under the signature of `log`, and under that of `witness` (NULL: not asked)?
 * `record` stands for what the file does not hold, or has to be the same; empty: none.  What the
 * checkpoint says goes to *head and the time of the cosignature, seconds since 1970, to *at_s (0:
 * none). */
enum proof_answer proof_text_check(const struct proof_text *proof, const struct note_key *log,
                                   const struct note_key *witness, struct slice record,
                                   struct checkpoint *head, uint64_t *at_s);

#endif
