/* authority/throttle.h: how often somebody may try, without letting strangers lock the owner out
 *
 * Each attempt is counted before it is judged, so that attempts at the same time cannot slip past.
 * What is counted:
 *
 *     ADDRESS    all logins from one address, an IPv6 one by its /64
 *     PAIR       logins of one account from one address
 *     ACCOUNT    logins of one account from anywhere
 *     DEVICE     logins of one account from a browser that was logged in to it before
 *     LETTERS    sign-ups and forgotten passwords from one address
 *     MAILBOX    the mails they send to one address
 *     RESEND     the mail about one key that its owner asks for again (C2)
 *     REVOKE     secrets that one address wants to end, without a login (E1)
 *
 * A browser that the account knows is under DEVICE alone, so nobody but who sits at it can slow
 * it down; everybody else shares the other three.  An owner with a new browser, while somebody
 * guesses, follows the link for a forgotten password: it makes the browser known.  (The device
 * cookies of OWASP's "Slow Down Online Guessing Attacks with Device Cookies".)
 *
 * The first attempts are free; from then on each one blocks the next for twice as long.  A subject
 * is an account's name as it was typed, whether there is such an account or not: both are slowed
 * alike.
 */
#ifndef AUTHORITY_THROTTLE_H
#define AUTHORITY_THROTTLE_H

#include <stddef.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "store/store.h"

enum throttle_kind {
    THROTTLE_ADDRESS,
    THROTTLE_PAIR,
    THROTTLE_ACCOUNT,
    THROTTLE_DEVICE,
    THROTTLE_LETTERS,
    THROTTLE_MAILBOX,
    THROTTLE_RESEND,
    THROTTLE_REVOKE,
};

struct throttle {
    enum throttle_kind kind;
    struct slice first, second; /* what is counted; the second may be empty */
};

/* In the caller's transaction: counts one attempt under all of them, or refuses (login-throttled,
 * mail-throttled) when one of them is blocked, and counts nothing. */
must_use enum err throttle_take(struct authority *a, struct store_tx *tx,
                                const struct throttle *throttles, size_t count,
                                struct refusal *refusal);

/* It succeeded: PAIR, ACCOUNT and DEVICE begin anew, the others take their one attempt back, else
 * who logs in to an account of his own could guess for free. */
must_use enum err throttle_forgive(struct store_tx *tx, const struct throttle *throttles,
                                   size_t count);

#endif
