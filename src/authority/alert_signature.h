/* authority/alert_signature.h: whether a hosting service has signed an alert (E1)
 *
 * ECDSA over P-256 with SHA-256, of the raw body; the signature is DER in base64.  Source: GitHub's
 * secret scanning partner program, "Implement signature verification in your secret alert service".
 *
 * Pure.
 */
#ifndef AUTHORITY_ALERT_SIGNATURE_H
#define AUTHORITY_ALERT_SIGNATURE_H

#include <stdbool.h>

#include "base/slice.h"

/* `signer`: SubjectPublicKeyInfo in PEM.  False also when any of them is not what it should be. */
bool alert_signature_holds(struct slice signer, struct slice body, struct slice signature);

#endif
