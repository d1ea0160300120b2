/* authority/warning.h: a key does not end without its owner having been told
 *
 * 14, 7, 3 and 1 days before the end of a usable key: an end that was announced, the old key's
 * after a rotation, or 90 days without use (C4).  Each warning is one event, so a notice, a mail
 * and webhooks; it is given once for each key and end, and an end that moves is warned of anew.
 * The gateways say announced ends themselves, in each answer of the last 14 days; an end for lack
 * of use they cannot: each answer puts it off.
 *
 * A round looks at all keys, a bounded number in each turn: announced ends by an index of the
 * store, last uses in the gate segments.
 */
#ifndef AUTHORITY_WARNING_H
#define AUTHORITY_WARNING_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/unused.h"
#include "base/err.h"
#include "store/warnings.h"

/* Where a round stands; zeros: none was made. */
struct warning_round {
    uint64_t began_at_ns;
    enum { ROUND_RESTS, ROUND_ANNOUNCED, ROUND_UNUSED } stage;
    struct store_ending last;   /* in ROUND_ANNOUNCED */
    struct unused_place place;  /* in ROUND_UNUSED */
};

/* Goes on with the round, or begins one when the last began an hour ago.  *more: call soon. */
must_use enum err warning_turn(struct authority *a, struct warning_round *round, bool *more);

/* The warning to be given so long before an end: 14, 7, 3 or 1, 0 for none yet. */
uint32_t warning_days(uint64_t left_ns);

#endif
