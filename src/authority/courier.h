/* authority/courier.h: brings mails and webhook deliveries out of the store to where they belong
 *
 * One thread.  It wakes when a transaction queued something and when the next attempt is due, has a
 * bounded number of transfers under way at once, and ends promptly: what is under way then is tried
 * again at the next start.
 *
 * At least once: an attempt is counted and the next one scheduled before the first byte leaves, and
 * what succeeded is marked after the receiver said so.  A crash between the two sends twice, with
 * the same Message-ID or webhook-id, and never loses.
 */
#ifndef AUTHORITY_COURIER_H
#define AUTHORITY_COURIER_H

#include "authority/authority.h"
#include "base/err.h"

struct courier;

/* There is something to do.  Any thread, also inside a transaction: the courier looks when that has
 * ended.  A NULL courier is no courier. */
void courier_wake(struct courier *courier);

#endif
