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

#endif
