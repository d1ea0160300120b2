/* authority/signup.h: asking for an account, and showing that the mailbox is one's own
 *
 * The answer is the same whether the address has an account or not; the mail tells the difference.
 * The account begins when the mailed link is followed, with the password of that very sign-up.
 */
#ifndef AUTHORITY_SIGNUP_H
#define AUTHORITY_SIGNUP_H

#include "authority/account.h"
#include "authority/authority.h"
#include "authority/refusal.h"
#include "authority/session.h"

/* `ask` as it was typed.  Hashes the password whatever comes of it.  Refusals are about what was
 * typed, or login-throttled. */
must_use enum err signup_ask(struct authority *a, const struct visitor *visitor,
                             const struct account_application *ask, struct refusal *refusal);

/* Opens the account; `email` is its address.  Refusals: those of link_spend; email-taken. */
must_use enum err signup_confirm(struct authority *a, struct slice token,
                                 char email[ACCOUNT_EMAIL_SIZE], struct refusal *refusal);

#endif
