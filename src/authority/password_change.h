/* authority/password_change.h: another password, known or forgotten
 *
 * Either way all other sessions end, and the owner gets a mail.  A forgotten password is replaced
 * over a mailed link; it does not replace the second factor, which the next login still asks for.
 */
#ifndef AUTHORITY_PASSWORD_CHANGE_H
#define AUTHORITY_PASSWORD_CHANGE_H

#include "authority/authority.h"
#include "authority/login.h"
#include "authority/proof.h"
#include "authority/refusal.h"
#include "authority/session.h"

struct password_change {
    struct slice current, password; /* as typed */
    const struct proof *proof;      /* needed when the account has a second factor */
    const uint8_t *operation;       /* OPERATION_SIZE bytes */
};

/* Refusals: password-wrong, password-length, login-throttled, those of proof_spend. */
must_use enum err password_change(struct authority *a, const struct visitor *visitor,
                                  const struct session *session,
                                  const struct password_change *change, struct refusal *refusal);

/* Mails a link, if the address has an account; who asks does not learn whether.  Refusals:
 * email-malformed, login-throttled. */
must_use enum err password_forgot(struct authority *a, const struct visitor *visitor,
                                  struct slice email, struct refusal *refusal);

/* Follows the link.  All sessions and known devices of the account end; this browser's becomes
 * known: login->device.  Refusals: those of link_spend, password-length. */
must_use enum err password_reset(struct authority *a, const struct visitor *visitor,
                                 struct slice token, struct slice password, struct login *login,
                                 struct refusal *refusal);

#endif
