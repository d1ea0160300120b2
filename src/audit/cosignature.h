/* audit/cosignature.h: what a witness signs
 *
 * A cosignature says: at this time, this was the largest tree I have seen of this log, and it
 * begins with every smaller one I have seen.  It stands as one more line under the checkpoint:
 *
 *     — witness.example Az3grlgtzPICa5OS8npVmf1M...    base64(key id, time, signature)
 *
 * and signs the checkpoint's lines behind two of its own, "cosignature/v1" and "time 1679315147".
 *
 * Source: C2SP tlog-cosignature (c2sp.org), Ed25519.
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef AUDIT_COSIGNATURE_H
#define AUDIT_COSIGNATURE_H

#include "audit/checkpoint.h"

enum { COSIGNATURE_SIZE = 8 + NOTE_SIGNATURE_SIZE };

/* Writes the checkpoint anew, with its lines, the signature of `log` that stands under it, and the
 * witness's own; signatures of others are left out, because a bad line under our name would spoil
 * the note.  `at_s`: seconds since 1970.  Returns the size; 0: not a checkpoint signed by the log,
 * or too long. */
size_t cosignature_format(struct slice checkpoint, const struct note_key *log,
                          const struct note_key *witness, const uint8_t seed[NOTE_SEED_SIZE],
                          uint64_t at_s, char text[CHECKPOINT_TEXT_MOST]);

/* Did the witness sign the checkpoint?  *at_s is when. */
bool cosignature_verify(struct slice checkpoint, const struct note_key *witness, uint64_t *at_s);

#endif
