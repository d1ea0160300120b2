/* authority/courier.h: brings mails and webhook deliveries out of the store to where they belong
 *
 * One thread.  It wakes when a transaction queued something and when the next attempt is due, has a
 * bounded number of transfers under way at once, and ends promptly: what is under way then is tried
 * again after the next start.
 *
 * At least once: an attempt is counted and the next one scheduled before the first byte leaves, and
 * what succeeded is marked after the receiver said so.  A crash between the two sends twice, with
 * the same Message-ID or webhook-id, and never loses.
 *
 * Attempts come after 5 s, 20 s, 80 s and so on, at most 2 hours apart, each up to a quarter later
 * by chance so that a server that comes back is not met by all at once; after three days it gives
 * up.  The same thread does what comes round: warnings of keys' ends (warning.h), and forgetting
 * what is older than 30 days.
 */
#ifndef AUTHORITY_COURIER_H
#define AUTHORITY_COURIER_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "base/err.h"

struct courier;

/* Sets nothing in `a`: the caller does, before others use it, and takes it back before it closes.
 */
must_use enum err courier_open(struct authority *a, struct courier **courier);

/* Ends what is under way.  Accepts NULL and sets it. */
void courier_close(struct courier **courier);

/* There is something to do.  Any thread, also inside a transaction: the courier looks when that has
 * ended.  A NULL courier is no courier. */
void courier_wake(struct courier *courier);

/* For the operator. */
struct courier_state {
    bool has_carrier; /* a mail server or a folder is set */
    uint64_t mails_waiting, mails_given_up; /* given up within seven days */
    uint64_t oldest_s;                      /* how long the oldest mail has been waiting */
    uint64_t deliveries_waiting;
};
must_use enum err courier_state_get(struct authority *a, struct courier_state *state);

#endif
