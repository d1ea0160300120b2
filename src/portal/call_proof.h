/* portal/call_proof.h: the second factor in a call's body, and what exactly it confirms
 *
 * The member "proof" is one of {"code": "123456"}, {"assertion": {...}} and
 * {"recovery_code": "..."}.
 */
#ifndef PORTAL_CALL_PROOF_H
#define PORTAL_CALL_PROOF_H

#include "authority/proof.h"
#include "console/call.h"

/* `proof` borrows from the call; without the member its kind is PROOF_NONE.  `operation` is what
 * POST /challenges makes its challenges for.  What is no proof is refused. */
must_use enum err call_proof(struct call *c, struct proof *proof,
                             uint8_t operation[OPERATION_SIZE]);

#endif
