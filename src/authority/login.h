/* authority/login.h: a password, then a second factor (B1)
 *
 * Unknown account and wrong password get the same answer after the same work.  The password is
 * looked at between two transactions, since that takes a tenth of a second; attempts are counted in
 * the first one (authority/throttle.h).
 */
#ifndef AUTHORITY_LOGIN_H
#define AUTHORITY_LOGIN_H

#include "authority/authority.h"
#include "authority/proof.h"
#include "authority/refusal.h"
#include "authority/session.h"

/* What the browser gets; the caller wipes it. */
struct login {
    char token[SESSION_TOKEN_SIZE];  /* of the session */
    char device[SESSION_TOKEN_SIZE]; /* "": the cookie stays as it is */
};

/* Opens a session of level SESSION_PASSWORD and ends the one that the visitor had.  Refusals:
 * login-wrong, login-throttled. */
must_use enum err login_begin(struct authority *a, const struct visitor *visitor,
                              struct slice email, struct slice password, struct login *login,
                              struct refusal *refusal);

/* The second factor: the session rises under another token. */
must_use enum err login_finish(struct authority *a, const struct visitor *visitor,
                               const struct session *session,
                               const uint8_t operation[OPERATION_SIZE], const struct proof *proof,
                               struct login *login, struct refusal *refusal);

#endif
