/* shm/judge.h: the gate, asked over the shared segment
 *
 * What nginx's access phase and the exchange's WebSocket call.  Finds the key, takes a consistent
 * snapshot, checks the signature, asks gate_decide and stores what it says by compare-and-swap; on
 * a lost race it asks again.  No allocation, no system call, no lock, one HMAC.
 */
#ifndef SHM_JUDGE_H
#define SHM_JUDGE_H

#include "shm/segment.h"

/* Decides.  What cannot be decided (segment NULL or of another environment, key in mid-publication)
 * is VERDICT_SEGMENT_MISSING: the gate fails closed.  The outcome is complete; a PASS obliges the
 * caller to hold an audit slot before it acts. */
void judge_request(struct segment *segment, const struct gate_request *request,
                   struct gate_outcome *outcome);

/* What a WebSocket keeps of the proof with which its client has passed: not enough to prove
 * anything with elsewhere. */
struct judge_proof {
    struct key_id key;
    bool by_token;
    uint64_t digest[2]; /* of the token */
};

/* For the request that has just passed. */
struct judge_proof judge_proof_of(const struct gate_request *request,
                                  const struct gate_outcome *outcome);

/* Decides about something said later on the connection that was proved: all that judge_request asks
 * but for signature and nonce, which belong to the proof.  A token counts as long as it lives.  The
 * request's own proof is not looked at. */
void judge_again(struct segment *segment, const struct gate_request *request,
                 const struct judge_proof *proof, struct gate_outcome *outcome);

/* The same about a connection that says nothing: costs no rate, is no use of the key, stores
 * nothing. */
void judge_look(struct segment *segment, const struct gate_request *request,
                const struct judge_proof *proof, struct gate_outcome *outcome);

#endif
