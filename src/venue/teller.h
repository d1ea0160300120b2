/* venue/teller.h: money in and out, as acts
 *
 * What the API, the control path and tests ask for; each is judged, journaled and carried out like
 * any other command (venue/venue.h).  Money arrives and leaves when the movement's confirmations
 * are there, by the venue's clock.
 */
#ifndef VENUE_TELLER_H
#define VENUE_TELLER_H

#include "venue/venue.h"

/* Somebody pays to the account: a deposit on its way, credited after its confirmations.  `amount`
 * > 0.  REFUSED: the engine would never credit it. */
enum venue_answer teller_deposit(struct venue *venue, uint64_t account, enum wallet_kind wallet,
                                 enum method method, int64_t amount, struct venue_effect *effect,
                                 uint64_t *movement);

struct teller_withdrawal {
    enum wallet_kind wallet;
    enum method method;
    int64_t amount;                         /* > 0, without the fee */
    struct slice address, payment_id, note; /* each shorter than its field of struct movement */
};

/* REFUSED with REFUSAL_AVAILABLE: amount and fee are more than `effect->refused.limit`. */
enum venue_answer teller_withdraw(struct venue *venue, uint64_t account,
                                  const struct teller_withdrawal *ask, struct venue_effect *effect,
                                  uint64_t *movement);

/* Takes back a withdrawal that has not been sent: its money and its fee return.  REFUSED with
 * REFUSAL_COMMAND: there is none of this number that could be. */
enum venue_answer teller_withdrawal_cancel(struct venue *venue, uint64_t account, uint64_t movement,
                                           struct venue_effect *effect);

/* The address of a wallet; `renew` makes a new one.  NULL: the journal takes nothing now. */
const struct address *teller_address(struct venue *venue, uint64_t account, enum wallet_kind wallet,
                                     enum method method, bool renew);

#endif
